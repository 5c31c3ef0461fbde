#!/usr/bin/env bash
# Stand-in for Runner.Worker: runs the hooks and the steps of one job in the order of actions/runner 2.336
# (JobExtension.cs, StepsRunner.cs), with what they print in the job's log. Arguments: spawnclient IN OUT.
#
# The job comes by environment: STANDIN_LOG (the log's file; those of its steps have their key behind it, and `.results`
# what became of them), STANDIN_PLAN (a file of calls of run_step), STANDIN_CONTAINER (`job` for `container:`, `services`),
# STANDIN_REFUSES_HOOKS (the server's flag for container hooks is off), STANDIN_SET_UP (seconds), STANDIN_PROBLEM (why the
# set-up fails), STANDIN_STAYS (seconds after the job), STANDIN_IS_DEAF, STANDIN_JOURNAL (see journal.ts). In an embedded
# world WORLD_CLOCK_SLEEP sleeps in that world's time, as `sleep` of a step does there.
# Signals stand for the listener's messages: TERM for a shutdown of the runner, USR1 for a
# cancellation at GitHub.
# shellcheck disable=SC2317 # functions are called by name, by traps and by the plan
step='' stopper='' is_over=0 told='' is_listening=0 is_stopped=0 due='' has_failed=0 page=$STANDIN_LOG directory='' variables=()
# What the listener tells is heard when the first process of a step runs, or a download, and not before (LISTENER-56).
hear() {
  [[ -n $told && $is_listening == 1 ]] || return 0
  [[ $is_over == shutdown ]] || is_over=$told
  # A step whose condition still holds continues (LISTENER-48). One that began as the word came is stopped, too.
  is_due "$due" || stop_step
}
stop_step() {
  [[ -n $step && $is_stopped == 0 ]] || return 0
  is_stopped=1
  local pid=$step
  # Of the real 7.5 s and 2.5 s a tenth.
  { kill -INT "$pid" && command sleep 0.75 && kill -TERM "$pid" && command sleep 0.25 && kill -KILL "$pid"; } 2>/dev/null &
  stopper=$!
}
trap : INT # swallowed, which steps do not inherit
trap 'told=shutdown; hear' TERM
trap '[[ $told == shutdown ]] || told=cancelled; hear' USR1
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
  sleep() { # by steps, to which it is exported for as long as they run
    # shellcheck source=/dev/null
    if [[ $# == 1 && $1 =~ ^[0-9]+(\.[0-9]+)?$ ]]; then . "$WORLD_CLOCK_SLEEP" "$1"; else command sleep "$@"; fi
  }
fi
run() { # COMMAND: false where it fails
  local code=0
  # A background command of bash ignores SIGINT: a step does not.
  (trap - INT TERM USR1 && enter_step && exec "$@") >>"$page" 2>&1 &
  step=$! is_stopped=0 is_listening=1
  hear
  # A signal ends `wait` before the step ends.
  while kill -0 "$step" 2>/dev/null; do code=0 && wait "$step" || code=$?; done
  wait "$step" || code=$?
  [[ -z $stopper ]] || kill "$stopper" 2>/dev/null
  step='' stopper=''
  if ((is_stopped)); then has_failed=1 && log '##[error]The operation was canceled.' && return 1; fi
  ((code == 0)) || { has_failed=1 && log "##[error]Process completed with exit code $code." && return 1; }
}
is_going_well() { [[ $is_over == 0 && $has_failed == 0 ]]; }
is_due() { # CONDITION: a shutdown skips whatever comes now, a cancellation does not
  [[ $is_over != shutdown ]] || return 1
  case $1 in
    '' | 'always()') ;;
    'success()') is_going_well ;;
    'failure()') [[ $is_over == 0 && $has_failed == 1 ]] ;;
    'cancelled()') [[ $is_over == cancelled ]] ;;
    *) [[ $is_over == 0 ]] ;;
  esac
}
run_step() { # KEY CONDITION CONTINUES_ON_ERROR COMMAND, in $directory, with $variables
  local key=$1 condition=$2 continues=$3 result=Skipped failed_before=$has_failed
  shift 3
  if is_due "$condition"; then
    page=$STANDIN_LOG.$key has_failed=0 result=Succeeded due=$condition is_stopped=0
    : >>"$page"
    # A step that is nothing but a pause needs no shell.
    [[ $1 != bash || ! ${*: -1} =~ ^sleep\ [0-9.]+$ ]] || set -- sleep "${*: -1}"
    # In a job's container its steps run, those that always run too (LISTENER-57).
    [[ ${STANDIN_CONTAINER:-} != job || $1 == container || $1 == hook ]] || set -- container run_script_step
    case $1 in
      container | hook) "$@" ;;
      sleep) run "${WORLD_CLOCK_SLEEP:-sleep}" "${2#sleep }" ;;
      *) run "$@" ;;
    esac
    if ((has_failed)); then result=Failed; fi
    ((!is_stopped)) || result=Canceled
    if [[ $result == Failed && $continues == true ]]; then result=Succeeded; fi
    if [[ $continues == true || $has_failed == 0 ]]; then has_failed=$failed_before; fi
    page=$STANDIN_LOG due=''
  fi
  directory='' variables=()
  tell_step "$key" "$result"
}
tell_step() { printf '%s %s\n' "$1" "$2" >>"$STANDIN_LOG.results"; } # KEY RESULT
hook() { # PATH
  if [[ -f $1 ]]; then run "${HOOK_SHELL[@]}" "$1"; else has_failed=1 && log "##[error]File doesn't exist"; fi
}
readonly HOOK_SHELL=(bash --noprofile --norc -e -o pipefail)
# What the flag would have made is missing: the word for it, by what is done.
declare -Ar MISSING=(
  [prepare_job]='Object reference not set to an instance of an object.'
  [run_script_step]="Value cannot be null. (Parameter 'ContainerId')"
  [cleanup_job]="Value cannot be null. (Parameter 'network')"
)
container() { # COMMAND: by hook, as there is no Docker here
  local hook=${ACTIONS_RUNNER_CONTAINER_HOOKS:-}
  if [[ -z $hook ]]; then
    has_failed=1
    log '##[error]Cannot connect to the Docker daemon. Is the docker daemon running?'
    return
  fi
  # ContainerOperationProvider.cs: the path alone is looked at.
  if [[ -n ${STANDIN_REFUSES_HOOKS:-} ]]; then
    has_failed=1
    log "##[error]${MISSING[$1]:-Docker pull failed with exit code 1}"
    return
  fi
  printf '{"command":"%s","responseFile":"%s.json","args":{"container":{"image":"alpine:3"}},"state":{}}' \
    "$1" "$STANDIN_LOG" >"$STANDIN_LOG.input"
  run bash -c 'exec "${@:2}" <"$1"' hook "$STANDIN_LOG.input" "${HOOK_SHELL[@]}" "$hook" ||
    log "##[error]Executing the custom container implementation failed. Please contact your self hosted runner administrator."
}

: >>"$STANDIN_LOG"
mark WorkerWaitingForJobMessage
trap 'fact "\"worker\":\"gone\""' EXIT
# A set-up that fails or is cancelled: no hook runs, the completed one neither.
due='success()'
if [[ -n ${STANDIN_SET_UP:-} ]] && ! run sleep "$STANDIN_SET_UP"; then
  tell_step set-up Canceled
  exit 1
fi
if [[ -n ${STANDIN_PROBLEM:-} ]]; then
  log "##[error]$STANDIN_PROBLEM"
  tell_step set-up Failed
  exit 1
fi
tell_step set-up Succeeded
if [[ -n ${ACTIONS_RUNNER_HOOK_JOB_STARTED:-} ]]; then
  fact '"hook":"started"'
  run_step started 'success()' false hook "$ACTIONS_RUNNER_HOOK_JOB_STARTED"
fi
[[ -z ${STANDIN_CONTAINER:-} ]] || run_step containers 'success()' false container prepare_job
[[ -z ${WORLD_CLOCK_SLEEP:-} ]] || export -f sleep
# shellcheck source=/dev/null
. "$STANDIN_PLAN"
unset -f sleep
[[ -z ${STANDIN_CONTAINER:-} ]] || run_step containers-end 'always()' false container cleanup_job
[[ -z ${ACTIONS_RUNNER_HOOK_JOB_COMPLETED:-} ]] ||
  run_step completed 'always()' false hook "$ACTIONS_RUNNER_HOOK_JOB_COMPLETED"
tell_step end Succeeded
fact '"steps":"over"'
[[ -z ${STANDIN_STAYS:-} ]] || run sleep "$STANDIN_STAYS"
exit "$has_failed"
