#!/usr/bin/env bash
# Stand-in for Runner.Worker: lives as long as the job, runs the job's own script, swallows SIGINT as the real one does.
# Arguments: spawnclient IN OUT. Environment: STANDIN_SECONDS, STANDIN_SCRIPT (what the job's step runs).
trap '' INT
[[ -n ${RUNNER_PERFLOG:-} ]] && printf 'WorkerStarted:%s\n' "$(date -u +%FT%TZ)" >>"$RUNNER_PERFLOG/Worker.perf"
if [[ -n ${STANDIN_SCRIPT:-} ]]; then bash -c "$STANDIN_SCRIPT"; fi
exec sleep "${STANDIN_SECONDS:-1}"
