#!/usr/bin/env bash
# Stand-in for Runner.Worker: lives as long as the job, runs the hooks and the job's own script, swallows SIGINT as
# the real one does. Arguments: spawnclient IN OUT. Environment: STANDIN_SECONDS, STANDIN_SCRIPT (the job's step).
trap '' INT
step=''
trap '[[ -z $step ]] || kill "$step"; exit 143' TERM
[[ -n ${RUNNER_PERFLOG:-} ]] && printf 'WorkerStarted:%s\n' "$(date -u +%FT%TZ)" >>"$RUNNER_PERFLOG/Worker.perf"
run() {
  "$@" &
  step=$!
  wait "$step"
}
code=0
if [[ -n ${ACTIONS_RUNNER_HOOK_JOB_STARTED:-} ]]; then run bash -e "$ACTIONS_RUNNER_HOOK_JOB_STARTED" || code=1; fi
if [[ -n ${STANDIN_SCRIPT:-} ]] && ((code == 0)); then run bash -c "$STANDIN_SCRIPT" || code=1; fi
run sleep "${STANDIN_SECONDS:-1}"
if [[ -n ${ACTIONS_RUNNER_HOOK_JOB_COMPLETED:-} ]]; then run bash -e "$ACTIONS_RUNNER_HOOK_JOB_COMPLETED" || code=1; fi
exit "$code"
