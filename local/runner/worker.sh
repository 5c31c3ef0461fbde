#!/usr/bin/env bash
# Stand-in for Runner.Worker: runs the hooks and the steps of one job in the order of actions/runner 2.336
# (JobExtension.cs, StepsRunner.cs), with what they print in the job's log. Arguments: spawnclient IN OUT.
#
# The job comes by environment: STANDIN_LOG (the log's file; those of its steps have their number behind it, and
# `.results` what became of them), STANDIN_PLAN (a file of calls of run_step), STANDIN_CONTAINER (the job's `container:`),
# STANDIN_REFUSES_HOOKS (the server's flag for container hooks is off), STANDIN_SET_UP (seconds), STANDIN_PROBLEM (why the
# set-up fails), STANDIN_STAYS (seconds after the job), STANDIN_IS_DEAF, STANDIN_JOURNAL (see journal.ts). In an embedded
# world WORLD_CLOCK_SLEEP sleeps in that world's time, as `sleep` of a step does there.
# Signals stand for the listener's messages: TERM for a shutdown of the runner, USR1 for a
# cancellation at GitHub.
step='' stopper='' is_over=0 has_failed=0 page=$STANDIN_LOG directory='' variables=()
# shellcheck disable=SC2317 # by trap
stop_step() {
  [[ -n $step ]] || return 0
  local pid=$step
  # Of the real 7.5 s and 2.5 s a tenth.
  { kill -INT "$pid" && command sleep 0.75 && kill -TERM "$pid" && command sleep 0.25 && kill -KILL "$pid"; } 2>/dev/null &
  stopper=$!
}
trap : INT # swallowed, which steps do not inherit
trap 'is_over=shutdown; stop_step' TERM
trap 'is_over=cancelled; stop_step' USR1
[[ -z ${STANDIN_IS_DEAF:-} ]] || trap '' INT TERM USR1
log() { printf '%s\n' "$*" >>"$page"; }
journal=${STANDIN_JOURNAL:-}
unset STANDIN_JOURNAL # no step's business
export GITHUB_ACTIONS=true
fact() { # MEMBER
  local microseconds=${EPOCHREALTIME//[.,]/}
  [[ -z $journal ]] || printf '{%s,"atMs":%d}\n' "$1" "${microseconds::-3}" >>"$journal"
}
mark() { [[ -z ${RUNNER_PERFLOG:-} ]] || printf '%s:%s\n' "$1" "$(date -u +%FT%TZ)" >>"$RUNNER_PERFLOG/Worker.perf"; }

enter_step() {
  [[ -z $directory ]] || cd "$directory" || exit
  ((${#variables[@]} == 0)) || export "${variables[@]}"
}
if [[ -n ${WORLD_CLOCK_SLEEP:-} ]]; then
  # shellcheck disable=SC2317 # by steps, to which it is exported for as long as they run
  sleep() {
    # shellcheck source=/dev/null
    if [[ $# == 1 && $1 =~ ^[0-9]+(\.[0-9]+)?$ ]]; then . "$WORLD_CLOCK_SLEEP" "$1"; else command sleep "$@"; fi
  }
fi
run() { # COMMAND: false where it fails
  local code=0
  # A background command of bash ignores SIGINT: a step does not.
  (trap - INT TERM USR1 && enter_step && exec "$@") >>"$page" 2>&1 &
  step=$!
  # A signal ends `wait` before the step ends.
  while kill -0 "$step" 2>/dev/null; do code=0 && wait "$step" || code=$?; done
  wait "$step" || code=$?
  [[ -z $stopper ]] || kill "$stopper" 2>/dev/null
  step='' stopper=''
  ((code != 0)) || return 0
  has_failed=1
  if [[ $is_over == 0 ]]; then
    log "##[error]Process completed with exit code $code."
  else
    log '##[error]The operation was canceled.'
  fi
  return 1
}
is_going_well() { [[ $is_over == 0 && $has_failed == 0 ]]; }
# shellcheck disable=SC2317 # by the plan, as run_step
is_due() { # CONDITION: a shutdown skips whatever comes now, a cancellation does not
  [[ $is_over != shutdown ]] || return 1
  case $1 in
    'always()') ;;
    'success()') is_going_well ;;
    'failure()') [[ $is_over == 0 && $has_failed == 1 ]] ;;
    'cancelled()') [[ $is_over == cancelled ]] ;;
    *) [[ $is_over == 0 ]] ;;
  esac
}
# shellcheck disable=SC2317
run_step() { # NUMBER CONDITION CONTINUES_ON_ERROR COMMAND, in $directory, with $variables
  local number=$1 condition=$2 continues=$3 result=Skipped failed_before=$has_failed
  shift 3
  if is_due "$condition"; then
    page=$STANDIN_LOG.$number has_failed=0 result=Succeeded
    : >>"$page"
    # A step that is nothing but a pause needs no shell.
    [[ $1 != bash || ! ${*: -1} =~ ^sleep\ [0-9.]+$ ]] || set -- sleep "${*: -1}"
    case $1 in
      container) "$@" ;;
      sleep) run "${WORLD_CLOCK_SLEEP:-sleep}" "${2#sleep }" ;;
      *) run "$@" ;;
    esac
    if ((has_failed)); then result=Failed; fi
    if [[ $result == Failed && $is_over != 0 ]]; then result=Canceled; fi
    if [[ $result == Failed && $continues == true ]]; then result=Succeeded has_failed=0; fi
    if ((!has_failed)); then has_failed=$failed_before; fi
    page=$STANDIN_LOG
  fi
  directory='' variables=()
  printf '%s %s\n' "$number" "$result" >>"$STANDIN_LOG.results"
}
hook() { # PATH
  [[ -z $1 ]] || if [[ -f $1 ]]; then run bash -e "$1"; else has_failed=1 && log "##[error]File doesn't exist"; fi
}
container() { # COMMAND: by hook, as there is no Docker here
  local hook=${ACTIONS_RUNNER_CONTAINER_HOOKS:-}
  if [[ -z $hook ]]; then
    has_failed=1
    log '##[error]Cannot connect to the Docker daemon. Is the docker daemon running?'
    return
  fi
  # ContainerOperationProvider.cs: the path alone is looked at, and what the flag would have made is missing.
  if [[ -n ${STANDIN_REFUSES_HOOKS:-} ]]; then
    [[ $1 != cleanup_job ]] || return 0
    has_failed=1
    log '##[error]Object reference not set to an instance of an object.'
    return
  fi
  printf '{"command":"%s","responseFile":"%s.json","args":{"container":{"image":"alpine:3"}},"state":{}}' \
    "$1" "$STANDIN_LOG" >"$STANDIN_LOG.input"
  run bash -c 'exec bash -e "$1" <"$2"' hook "$hook" "$STANDIN_LOG.input" ||
    log "##[error]Executing the custom container implementation failed. Please contact your self hosted runner administrator."
}

: >>"$STANDIN_LOG"
mark WorkerWaitingForJobMessage
trap 'fact "\"worker\":\"gone\""' EXIT
# A set-up that fails or is cancelled: no hook runs, the completed one neither.
[[ -z ${STANDIN_SET_UP:-} ]] || run sleep "$STANDIN_SET_UP" || exit 1
if [[ -n ${STANDIN_PROBLEM:-} ]]; then
  log "##[error]$STANDIN_PROBLEM"
  exit 1
fi
[[ -z ${ACTIONS_RUNNER_HOOK_JOB_STARTED:-} ]] || fact '"hook":"started"'
hook "${ACTIONS_RUNNER_HOOK_JOB_STARTED:-}"
if is_going_well && [[ -n ${STANDIN_CONTAINER:-} ]]; then container prepare_job; fi
[[ -z ${WORLD_CLOCK_SLEEP:-} ]] || export -f sleep
# shellcheck source=/dev/null
. "$STANDIN_PLAN"
unset -f sleep
if [[ $is_over != shutdown && -n ${STANDIN_CONTAINER:-} ]]; then container cleanup_job; fi
if [[ $is_over != shutdown ]]; then hook "${ACTIONS_RUNNER_HOOK_JOB_COMPLETED:-}"; fi
fact '"steps":"over"'
[[ -z ${STANDIN_STAYS:-} ]] || run sleep "$STANDIN_STAYS"
exit "$has_failed"
