#!/usr/bin/env bash
# The supervisor: PID 1 of a task. Unseals the JIT config, runs the listener for one job, says how it ended.
#
# Exit codes (functions/core/exit-codes.ts has the same table; a test keeps both equal):
#    0 ran-succeeded          20 idle                  30 interrupted-before-job
#   10 ran-failed             21 never-connected       31 interrupted-during-job
#   11 ran-cancelled          22 registration-gone     32 over-maximum-age
#   12 ran-abandoned          23 version-deprecated    64 bad-configuration
#   13 ran-result-unknown     24 config-not-unsealed
#                             25 assignment-lost
#                             26 listener-failed
#
# That a job RAN is told by our own evidence, latched here where a job cannot forge it: the listener's performance
# marks (RUNNER_PERFLOG), its Runner.Worker child, its "Running job" line. The listener's exit code alone proves
# neither (0 may have run a job, 100 may not have): the RESULT is believed only where code and last line agree.
#
# Needs bash 5, coreutils, gzip and curl 7.86 or later. Runs as a file, or as the text of `bash -c`.
set -euo pipefail

readonly RUNNER=${ONESHOT_RUNNER_NAME:-}
ROOT=${ONESHOT_RUNNER_ROOT:-/home/runner}

# --- stage 1: out of the environment with everything that a job must not see, then this script anew ------------
# /proc/1/environ shows what a process was started with, whatever it unsets: only an exec clears it.
restart_scrubbed() {
  local sealed=${ONESHOT_SEALED_CONFIG:-} credentials=${AWS_CONTAINER_CREDENTIALS_FULL_URI:-}
  if [[ -z $credentials && -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]]; then
    credentials=http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  fi
  local token=${AWS_CONTAINER_AUTHORIZATION_TOKEN:-}
  unset ONESHOT_SEALED_CONFIG AWS_EXECUTION_ENV "${!AWS_CONTAINER_@}" "${!ECS_@}"
  local -a self=("${BASH_SOURCE[0]:-}")
  [[ -n ${BASH_EXECUTION_STRING:-} ]] && self=(-c "$BASH_EXECUTION_STRING" oneshot)
  # By a pipe and no argument: arguments are for everyone to read. $BASH is this very bash, whatever PATH says.
  exec "$BASH" "${self[@]}" supervise 3<<<"$sealed"$'\n'"$credentials"$'\n'"$token"
}
[[ ${1:-} == supervise ]] || restart_scrubbed

# --- telling ---------------------------------------------------------------------------------------------------
# One JSON line for each state. No secret is among the values, and none needs quoting.
readonly STARTED=${EPOCHREALTIME/[.,]/}
state=starting
tell() { # STATE [MORE-MEMBERS]
  state=$1
  local ms=$(((${EPOCHREALTIME/[.,]/} - STARTED) / 1000))
  printf '{"oneshot":"state","state":"%s","runner":"%s","seconds":%d.%03d%s}\n' \
    "$state" "${RUNNER//[^A-Za-z0-9-]/}" $((ms / 1000)) $((ms % 1000)) "${2:+,$2}"
}
finish() { # EXIT-CODE NAME
  tell ended "\"ending\":\"$2\",\"exitCode\":$1"
  exit "$1"
}

# --- configuration ---------------------------------------------------------------------------------------------
check_configuration() {
  local name problems=()
  for name in ONESHOT_RUNNER_NAME ONESHOT_STACK AWS_REGION; do
    [[ ${!name:-} =~ ^[A-Za-z0-9-]{1,64}$ ]] || problems+=("$name")
  done
  [[ -n $sealed_config && $sealed_config != *[!A-Za-z0-9+/=]* ]] || problems+=(ONESHOT_SEALED_CONFIG)
  [[ $credentials_url =~ ^https?://[^[:space:]\"]+$ ]] || problems+=(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
  for name in "${!ONESHOT_@}"; do
    [[ $name != *_SECONDS || ${!name} =~ ^[1-9][0-9]{0,6}$ ]] || problems+=("$name")
  done
  [[ -x $ROOT/bin/Runner.Listener && -w $ROOT ]] && cd -P -- "$ROOT" || problems+=(ONESHOT_RUNNER_ROOT)
  if ((${#problems[@]})); then
    printf 'oneshot: missing or malformed: %s\n' "${problems[*]}" >&2
    finish 64 bad-configuration
  fi
  readonly ROOT=$PWD IDLE_SECONDS=${ONESHOT_IDLE_TIMEOUT_SECONDS:-120} \
    ASSIGNMENT_SECONDS=${ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS:-60} \
    CONNECT_SECONDS=${ONESHOT_CONNECT_TIMEOUT_SECONDS:-300} UNSEAL_SECONDS=${ONESHOT_UNSEAL_TIMEOUT_SECONDS:-30} \
    MAXIMUM_AGE=${ONESHOT_MAXIMUM_AGE_SECONDS:-21600} STOP_SECONDS=${ONESHOT_STOP_TIMEOUT_SECONDS:-120} \
    LEASE_SECONDS=${ONESHOT_LEASE_SECONDS:-600}
  readonly KILL_AFTER_SECONDS=$((STOP_SECONDS * 115 / 120))
}

# --- unsealing: task credentials, KMS Decrypt, inflate ---------------------------------------------------------
# NAME JSON: a string member of a flat answer. By expansions: bash's regex takes seconds for a few kilobytes.
field() {
  local rest=${2#*\""$1"\"}
  [[ $rest != "$2" ]] || return 1
  rest=${rest#*:} rest=${rest#*\"} rest=${rest%%\"*}
  printf '%s' "${rest//\\\//\/}"
}
# bash runs no trap while a foreground command lasts: what may last runs beside it, and SIGTERM ends it.
helper=''
pause() {
  sleep "$1" &
  helper=$!
  wait "$helper" || true
  helper=''
}
# Runs curl with options from standard input, where keys are; sets `answer`. Returns 0 for fine, 1 for try again (no
# answer, 429, 5xx, a throttle), 2 for refused for good.
ask() {
  local reply='' from status
  exec {from}< <(exec curl --disable --silent --max-time 8 --write-out '\n%{http_code}' --config - 2>/dev/null)
  helper=$!
  [[ -z $term_at ]] || kill "$helper" 2>/dev/null || true
  IFS= read -r -d '' -u "$from" reply || true
  exec {from}<&-
  helper='' answer=${reply%$'\n'*} status=${reply##*$'\n'}
  case $status in
    200) return 0 ;;
    '' | 000 | 429 | 5??) return 1 ;;
  esac
  [[ $answer == *Throttl* || $answer == *'Rate exceeded'* ]] && return 1
  return 2
}
fetch_credentials() {
  ask < <(printf 'url = "%s"\nnoproxy = "*"\n' "$credentials_url"
          if [[ -n $credentials_token ]]; then printf 'header = "authorization: %s"\n' "$credentials_token"; fi)
}
decrypt() { # with the credentials in `answer`
  local key secret token region=$AWS_REGION body
  local url=${AWS_ENDPOINT_URL_KMS:-${AWS_ENDPOINT_URL:-https://kms.$region.amazonaws.com}}
  key=$(field AccessKeyId "$answer") && secret=$(field SecretAccessKey "$answer") &&
    token=$(field Token "$answer") || return 1
  body=$(printf '{"CiphertextBlob":"%s","EncryptionContext":{"stack":"%s","runner":"%s"}}' \
    "$sealed_config" "$ONESHOT_STACK" "$RUNNER")
  ask < <(printf 'url = "%s/"\naws-sigv4 = "aws:amz:%s:kms"\nuser = "%s:%s"\n' "${url%/}" "$region" "$key" "$secret"
          printf 'header = "%s"\n' "x-amz-security-token: $token" 'content-type: application/x-amz-json-1.1' \
            'x-amz-target: TrentService.Decrypt'
          printf 'data = "%s"\n' "${body//\"/\\\"}")
}
inflate() { config=$(field Plaintext "$answer" | base64 -d 2>/dev/null | gzip -dc 2>/dev/null | base64 -w0); }
# Sets `config`; tries again where that can help, a damaged answer included.
unseal() {
  local wait=0.2 verdict
  until verdict=0 && { fetch_credentials && decrypt && inflate || verdict=$?; } && ((verdict == 0)); do
    [[ -z $term_at ]] || finish 30 interrupted-before-job
    if ((verdict == 2)) || is_over 0 "$UNSEAL_SECONDS"; then
      # The service's own type of error and nothing else of its answer.
      printf 'oneshot: the runner configuration could not be unsealed: %s\n' \
        "$(field __type "$answer" || printf 'no usable answer')" >&2
      finish 24 config-not-unsealed
    fi
    pause "$wait"
    case $wait in 0.2) wait=0.5 ;; 0.5) wait=1 ;; 1) wait=2 ;; *) wait=4 ;; esac
  done
}

# --- the listener ----------------------------------------------------------------------------------------------
# The config goes in by .env, which the listener reads first: an argument or a variable would show in /proc for as
# long as it lives. The file is gone as soon as the session is made; one that was there before comes back.
is_handed_over=0
hand_over() {
  is_handed_over=1
  if [[ -f $ROOT/.env ]]; then mv "$ROOT/.env" "$private/env"; fi
  {
    if [[ -f $private/env ]]; then cat "$private/env" && printf '\n'; fi
    printf 'ACTIONS_RUNNER_INPUT_JITCONFIG=%s\n' "$config"
  } >"$ROOT/.env"
}
take_back() {
  ((is_handed_over)) || return 0
  is_handed_over=0
  if [[ -f $private/env ]]; then mv -f "$private/env" "$ROOT/.env"; else rm -f "$ROOT/.env"; fi
}
start_listener() { # UMASK, which the job shall have
  mkdir -p "$ROOT/_work" "$ROOT/_diag"
  mkfifo "$private/out"
  exec {output}<>"$private/out" # for reading and writing: never at its end, whoever closes it
  # Bash starts background commands with SIGINT ignored, and .NET honours that: the trap gives it back.
  (
    trap - INT QUIT TERM
    umask "$1"
    exec {output}<&-
    RUNNER_PERFLOG=$private ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT=0 ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED=1 \
      ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1 exec "$ROOT/bin/Runner.Listener" run
  ) >"$private/out" 2>&1 &
  listener=$!
}
is_alive() { kill -0 "$1" 2>/dev/null; }

# --- evidence (no forks here: this runs five times a second) ---------------------------------------------------
has_session=0 has_message=0 has_run=0 is_gone=0 worker='' last_result=''
# A job's name may hold anything: what counts is the end of a line, and the last such line.
read_line() {
  printf '%s\n' "$1"
  case $1 in
    ????-??-??\ ??:??:??Z:\ Running\ job:\ *) has_run=1 ;;
    ????-??-??\ ??:??:??Z:\ Job\ *\ completed\ with\ result:\ *) last_result=${1##* } ;;
    'The runner no longer exists on the server.'*) is_gone=1 ;;
    *'The runner registration has been deleted from the server'*) is_gone=1 ;;
  esac
}
partial=''
# Passes on what the listener says; waits at most $1 seconds for it. At most $2 lines and 64 KB without a line's end:
# a job can write there too, and must not keep us from our limits.
read_output() {
  local line wait=$1 left=${2:-200}
  while ((left-- > 0)); do
    if ! IFS= read -r -t "$wait" -u "$output" line; then
      partial+=$line
      break
    fi
    read_line "$partial$line"
    partial='' wait=0.01
  done
  ((${#partial} < 65536)) || { printf '%s\n' "$partial" && partial=''; }
}
read_marks() {
  local mark
  { [[ -f $private/Runner.perf ]] && exec {marks}<"$private/Runner.perf"; } 2>/dev/null || return 0
  while IFS= read -r -u "$marks" mark; do
    case $mark in
      SessionCreated:*) has_session=1 ;;
      MessageReceived_RunnerJobRequest:*) has_message=1 ;;
      StartingWorkerProcess:*) has_run=1 ;;
    esac
  done
  exec {marks}<&-
}
is_worker() { # PID: asked each time, as numbers are used again
  local -a command=()
  { mapfile -d '' -t command <"/proc/$1/cmdline"; } 2>/dev/null || return 1
  [[ "${command[*]}" == *"$ROOT/bin/Runner.Worker spawnclient"* ]]
}
find_worker() { # PIDs
  local pid
  for pid; do
    if is_worker "$pid"; then worker=$pid has_run=1; fi
  done
}
find_worker_of_listener() {
  local list children
  for list in "/proc/$listener/task"/*/children; do
    children=()
    { read -r -a children <"$list"; } 2>/dev/null || true
    find_worker "${children[@]}"
  done
}
observe() {
  read_output "$@"
  ((has_run)) || read_marks
  [[ -n $worker ]] || find_worker_of_listener
  if ((has_session || has_message || has_run)); then take_back; fi
}

# --- stopping --------------------------------------------------------------------------------------------------
ending='' term_at='' # why the listener is being ended, once it is; when SIGTERM came
# SECONDS are whole: a limit may last a second longer, never shorter.
is_over() { (($1 + $2 < SECONDS)); }
# shellcheck disable=SC2317 # by trap
on_term() {
  term_at=${term_at:-$SECONDS}
  [[ -z $helper ]] || kill "$helper" 2>/dev/null || true
}
stop() { # EXIT-CODE NAME SIGNAL: the listener alone, as the worker and its steps get theirs from it
  if [[ $ending != "$1 $2" ]]; then
    ending="$1 $2"
    tell stopping "\"reason\":\"$2\""
  fi
  kill "-$3" "$listener" 2>/dev/null || true
}
kill_all() {
  kill -KILL "$listener" 2>/dev/null || true
  if [[ -n $worker ]] && is_worker "$worker"; then kill -KILL "$worker" 2>/dev/null || true; fi
}
# Interrupts a listener that is not busy, each second as the first may be lost; kills it after 5 s. One that got a
# message in the same instant is let go on: it may be busy, and the state machine will see.
stop_idle() { # EXIT-CODE NAME
  local had_message=$has_message at=$SECONDS last=-1
  observe 0.01
  while ((!has_run && has_message == had_message)) && is_alive "$listener"; do
    if is_over "$at" 5; then
      kill_all
    elif ((SECONDS > last)); then
      last=$SECONDS
      stop "$1" "$2" INT
    fi
    observe 0.2
  done
}
# A busy listener is interrupted once, so that the job fails with GitHub's own message; killed at the deadline.
stop_busy() { # EXIT-CODE NAME DEADLINE
  [[ $ending == "$1 $2" ]] || stop "$1" "$2" INT
  if is_over 0 "$3"; then kill_all; fi
}

# --- the state machine -----------------------------------------------------------------------------------------
# connecting -> idle -> assigned -> busy; every state may end by the listener's own exit. Of the time between SIGTERM
# and ECS's SIGKILL (120 s) a job gets the first 75 to end by itself; at 115 all is over.
is_time_to_stop() { [[ -n $term_at ]] && is_over "$term_at" $((STOP_SECONDS * 75 / 120)); }
phase=''
enter() { # STATE
  [[ $phase != "$1" ]] || return 0
  phase=$1 entered_at=$SECONDS
  tell "$1"
}
step() {
  observe 0.2
  if ((has_run)); then
    enter busy
    if is_time_to_stop; then
      stop_busy 31 interrupted-during-job $((term_at + KILL_AFTER_SECONDS))
    elif is_over 0 "$MAXIMUM_AGE"; then
      stop_busy 32 over-maximum-age $((MAXIMUM_AGE + STOP_SECONDS / 4))
    fi
  elif is_over 0 "$MAXIMUM_AGE"; then
    stop_idle 32 over-maximum-age
  elif ((has_message)); then
    enter assigned
    if is_time_to_stop; then stop_idle 30 interrupted-before-job; fi
    if is_over "$entered_at" "$ASSIGNMENT_SECONDS"; then stop_idle 25 assignment-lost; fi
  elif [[ -n $term_at ]]; then
    stop_idle 30 interrupted-before-job
  elif ((has_session)); then
    enter idle
    if is_over "$entered_at" "$IDLE_SECONDS"; then stop_idle 20 idle; fi
  elif is_over 0 "$CONNECT_SECONDS"; then
    stop_idle 21 never-connected
  fi
}
# The listener died with a job in hand. Its worker may finish alone until GitHub's lease of the job ends.
await_worker() {
  local since=$SECONDS processes=(/proc/[0-9]*)
  [[ -n $worker ]] || find_worker "${processes[@]#/proc/}"
  while is_worker "$worker"; do
    if [[ -n $term_at ]] && is_over "$term_at" "$KILL_AFTER_SECONDS"; then
      ending='31 interrupted-during-job'
    elif is_over 0 $((MAXIMUM_AGE + STOP_SECONDS / 4)); then
      ending='32 over-maximum-age'
    fi
    if [[ -n $ending ]] || is_over "$since" "$LEASE_SECONDS"; then kill_all; fi
    read_output 0.2
  done
}
conclude() { # the listener's exit code
  # A job that came to its normal end did so, whatever was asked of the listener in the meantime.
  case "$has_run $1 $last_result" in
    '1 100 Succeeded' | '1 104 Skipped') finish 0 ran-succeeded ;;
    '1 102 Failed') finish 10 ran-failed ;;
    '1 103 Canceled') finish 11 ran-cancelled ;;
    '1 105 Abandoned') finish 12 ran-abandoned ;;
  esac
  await_worker
  if ((has_run)); then
    [[ $ending != 32* ]] || finish 32 over-maximum-age
    [[ -z $ending ]] || finish 31 interrupted-during-job
    finish 13 ran-result-unknown
  fi
  # An idle listener's end is no longer idleness when a message came in between.
  ((has_message)) && [[ -z $ending || $ending == 2* ]] && finish 25 assignment-lost
  # shellcheck disable=SC2086 # two words: code and name
  [[ -z $ending ]] || finish $ending
  [[ -z $term_at ]] || finish 30 interrupted-before-job
  (($1 != 7)) || finish 23 version-deprecated
  ((!is_gone)) || finish 22 registration-gone
  ((has_session)) || finish 21 never-connected
  finish 26 listener-failed
}
# shellcheck disable=SC2317 # by trap
clean_up() {
  take_back
  [[ -z ${private:-} ]] || rm -rf "$private"
  [[ $state == ended ]] || tell ended '"ending":"unexplained"'
}

main() {
  local config='' answer='' inherited_umask code=0
  trap on_term TERM
  trap clean_up EXIT
  { IFS= read -r sealed_config && IFS= read -r credentials_url && IFS= read -r credentials_token; } <&3 || true
  exec 3<&-
  tell starting
  check_configuration
  inherited_umask=$(umask)
  umask 077
  private=$(mktemp -d)
  unseal
  [[ -z $term_at ]] || finish 30 interrupted-before-job
  hand_over
  unset config answer sealed_config credentials_url credentials_token
  start_listener "$inherited_umask"
  enter connecting
  while is_alive "$listener"; do step; done
  wait "$listener" 2>/dev/null || code=$?
  observe 0.05 5000 # what is left in the pipe; more than this only a job that floods it writes
  [[ -z $partial ]] || read_line "$partial"
  conclude "$code"
}
main
