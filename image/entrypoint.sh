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
# Needs bash, coreutils, gzip and curl 7.86 or later. Runs as a file, or as the text of `bash -c`.
set -euo pipefail
umask 077

readonly RUNNER=${ONESHOT_RUNNER_NAME:-} ROOT=${ONESHOT_RUNNER_ROOT:-/home/runner}

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
  # By a pipe and no argument: arguments are for everyone to read.
  exec bash "${self[@]}" supervise 3<<<"$sealed"$'\n'"$credentials"$'\n'"$token"
}
[[ ${1:-} == supervise ]] || restart_scrubbed

# --- telling ---------------------------------------------------------------------------------------------------
# One JSON line for each state. Values are ours: no quoting is needed, and no secret is among them.
state=starting
tell() {
  state=$1
  local ms=$(((${EPOCHREALTIME/[.,]/} - STARTED) / 1000))
  printf '{"oneshot":"state","state":"%s","runner":"%s","seconds":%d.%03d%s}\n' \
    "$state" "$RUNNER" $((ms / 1000)) $((ms % 1000)) "${2:+,$2}"
}
finish() {
  tell ended "\"ending\":\"$2\",\"exitCode\":$1"
  exit "$1"
}
readonly STARTED=${EPOCHREALTIME/[.,]/}

# --- configuration ---------------------------------------------------------------------------------------------
problems=()
seconds_of() { # NAME DEFAULT: prints the value; a wrong one is reported by `check_configuration`
  local value=${!1:-$2}
  [[ $value =~ ^[1-9][0-9]{0,6}$ ]] && printf '%s' "$value" || printf '%s' "$2"
}
check_configuration() {
  local name
  for name in ONESHOT_RUNNER_NAME ONESHOT_STACK AWS_REGION; do
    [[ ${!name:-} =~ ^[A-Za-z0-9-]{1,64}$ ]] || problems+=("$name")
  done
  [[ -n $sealed_config && $sealed_config != *[!A-Za-z0-9+/=]* ]] || problems+=(ONESHOT_SEALED_CONFIG)
  [[ $credentials_url =~ ^https?://[^[:space:]\"]+$ ]] || problems+=(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
  for name in "${!ONESHOT_@}"; do
    [[ $name != *_SECONDS || ${!name} =~ ^[1-9][0-9]{0,6}$ ]] || problems+=("$name")
  done
  [[ -x $ROOT/bin/Runner.Listener ]] || problems+=(ONESHOT_RUNNER_ROOT)
  ((${#problems[@]} == 0)) && return
  printf 'oneshot: missing or malformed: %s\n' "${problems[*]}" >&2
  finish 64 bad-configuration
}

# --- unsealing: task credentials, KMS Decrypt, inflate ---------------------------------------------------------
# NAME JSON: a string member of a flat answer. By expansions: bash's regex takes seconds for a few kilobytes.
field() {
  local rest=${2#*\""$1"\"}
  [[ $rest != "$2" ]] || return 1
  rest=${rest#*:} rest=${rest#*\"} rest=${rest%%\"*}
  printf '%s' "${rest//\\\//\/}"
}
# ANSWER STATUS from curl: 0 fine, 1 try again (no answer, 429, 5xx, a throttle), 2 refused for good.
judge_answer() {
  [[ $2 == 200 ]] && return 0
  [[ $2 == 000 || $2 == 429 || $2 == 5?? || $1 == *Throttl* || $1 == *Rate*exceeded* ]] && return 1
  return 2
}
# Runs curl with options from standard input, where keys are; sets `answer`.
ask() {
  local reply verdict=0
  reply=$(curl --silent --max-time 8 --write-out '\n%{http_code}' --config - 2>/dev/null) || true
  answer=${reply%$'\n'*}
  judge_answer "$answer" "${reply##*$'\n'}" || verdict=$?
  return "$verdict"
}
fetch_credentials() {
  ask < <(printf 'url = "%s"\n' "$credentials_url"
          if [[ -n $credentials_token ]]; then printf 'header = "authorization: %s"\n' "$credentials_token"; fi)
}
decrypt() { # with the credentials in `answer`
  local key secret token region=$AWS_REGION body
  local url=${AWS_ENDPOINT_URL_KMS:-${AWS_ENDPOINT_URL:-https://kms.$region.amazonaws.com}}
  key=$(field AccessKeyId "$answer") && secret=$(field SecretAccessKey "$answer") && token=$(field Token "$answer") || return 1
  body=$(printf '{"CiphertextBlob":"%s","EncryptionContext":{"stack":"%s","runner":"%s"}}' \
    "$sealed_config" "$ONESHOT_STACK" "$RUNNER")
  ask < <(printf 'url = "%s/"\naws-sigv4 = "aws:amz:%s:kms"\nuser = "%s:%s"\n' "${url%/}" "$region" "$key" "$secret"
          printf 'header = "%s"\n' "x-amz-security-token: $token" 'content-type: application/x-amz-json-1.1' \
            'x-amz-target: TrentService.Decrypt'
          printf 'data = "%s"\n' "${body//\"/\\\"}")
}
# Prints the encoded JIT config; tries again for 30 s where that can help.
unseal() {
  local answer='' until=$((SECONDS + 30)) pause=0.2 verdict
  while :; do
    verdict=0
    fetch_credentials && decrypt || verdict=$?
    if ((verdict == 0)); then
      field Plaintext "$answer" | base64 -d | gzip -dc | base64 -w0
      return
    fi
    ((verdict == 2 || SECONDS >= until)) && break
    sleep "$pause"
    case $pause in 0.2) pause=0.5 ;; 0.5) pause=1 ;; 1) pause=2 ;; *) pause=4 ;; esac
  done
  # The service's own type of error and nothing else of its answer.
  printf 'oneshot: the runner configuration could not be unsealed: %s\n' "$(field __type "$answer" || printf 'no answer')" >&2
  return 1
}

# --- the listener ----------------------------------------------------------------------------------------------
# The config goes in by .env, which the listener reads first: an argument or a variable would show in /proc for as
# long as it lives. The file is gone as soon as the session is made.
hand_over() {
  env_before=''
  [[ -f $ROOT/.env ]] && env_before=$(<"$ROOT/.env") && env_existed=1
  printf '%s\nACTIONS_RUNNER_INPUT_JITCONFIG=%s\n' "$env_before" "$1" >"$ROOT/.env"
  is_handed_over=1
}
take_back() {
  ((is_handed_over)) || return 0
  is_handed_over=0
  if ((env_existed)); then printf '%s\n' "$env_before" >"$ROOT/.env"; else rm -f "$ROOT/.env"; fi
}
start_listener() {
  private=$(mktemp -d)
  mkdir -p "$ROOT/_work" "$ROOT/_diag"
  mkfifo "$private/out"
  exec {output}<>"$private/out"
  # Bash starts background commands with SIGINT ignored, and .NET honours that: the trap gives it back.
  (
    trap - INT QUIT TERM
    exec {output}<&-
    RUNNER_PERFLOG=$private ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT=0 ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED=1 \
      ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1 exec "$ROOT/bin/Runner.Listener" run
  ) >"$private/out" &
  listener=$!
}
is_alive() { [[ -n ${1:-} ]] && kill -0 "$1" 2>/dev/null; }

# --- evidence --------------------------------------------------------------------------------------------------
has_session=0 has_message=0 has_run=0 is_gone=0 worker='' last_result=''
readonly TIME='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}Z: '
# A job's name may hold anything: the line's own end, and the last such line, is what counts.
read_line() {
  printf '%s\n' "$1"
  [[ $1 =~ ^${TIME}Running\ job:\  ]] && has_run=1
  [[ $1 =~ ^${TIME}Job\ .*\ completed\ with\ result:\ (Succeeded|Failed|Canceled|Skipped|Abandoned)$ ]] && last_result=${BASH_REMATCH[1]}
  [[ $1 == 'The runner no longer exists on the server.'* ]] && is_gone=1
  return 0
}
partial=''
# Passes on what the listener says; waits at most $1 seconds for it.
read_output() {
  local line wait=$1
  while IFS= read -r -t "$wait" -u "$output" line || { partial+=${line:-} && false; }; do
    read_line "$partial$line"
    partial='' wait=0.01
  done
}
read_marks() {
  local mark
  [[ -f $private/Runner.perf ]] || return 0
  while IFS= read -r mark; do
    case $mark in
      SessionCreated:*) has_session=1 ;;
      MessageReceived_RunnerJobRequest:*) has_message=1 ;;
      StartingWorkerProcess:*) has_run=1 ;;
    esac
  done <"$private/Runner.perf"
}
find_worker() {
  local list child command
  for list in "/proc/$listener/task"/*/children; do
    { read -r -a children <"$list" || ((${#children[@]})); } 2>/dev/null || continue
    for child in "${children[@]}"; do
      { mapfile -d '' -t command <"/proc/$child/cmdline"; } 2>/dev/null || continue
      [[ "${command[*]}" == *Runner.Worker\ spawnclient* ]] && worker=$child has_run=1
    done
  done
  return 0
}
observe() {
  read_output "$1"
  ((has_run)) || read_marks
  [[ -n $worker ]] || find_worker
  ((has_session || has_message || has_run)) && take_back
  return 0
}

# --- stopping --------------------------------------------------------------------------------------------------
ending='' # why the listener is being ended, once it is
is_over() { (($1 + $2 <= SECONDS)); }
# Interrupts a listener that is not busy; kills it after 5 s. One that turns out to be busy is let go on.
interrupt_idle() { # EXIT-CODE NAME
  observe 0.01
  ((has_run)) && return
  ending="$1 $2" interrupted_at=$SECONDS
  tell stopping "\"reason\":\"$2\""
  local last=-1
  while is_alive "$listener"; do
    ((SECONDS > last)) && kill -INT "$listener" 2>/dev/null && last=$SECONDS
    is_over "$interrupted_at" 5 && kill_all
    observe 0.2
    if ((has_run)); then
      is_interrupted=1
      return
    fi
  done
}
kill_all() { kill -KILL "$listener" ${worker:+"$worker"} 2>/dev/null || true; }
# SIGTERM while busy: nothing at first, as most jobs are short; then the listener alone is interrupted, so that the
# job fails with GitHub's own message; the end comes shortly before ECS's SIGKILL. Parts of stopTimeout (120 s).
term_at=''
stop_busy() {
  is_over "$term_at" $((STOP_SECONDS * 115 / 120)) && kill_all && return
  if ((!is_interrupted)) && is_over "$term_at" $((STOP_SECONDS * 75 / 120)); then
    is_interrupted=1
    kill -INT "$listener" 2>/dev/null || true
  fi
}

# --- the state machine -----------------------------------------------------------------------------------------
# connecting -> idle -> assigned -> busy; every state may end by the listener's own exit.
step() {
  observe 0.2
  if ((has_run)); then
    [[ $state == busy ]] || tell busy
    if [[ -n $term_at ]]; then stop_busy; fi
    if is_over 0 "$MAXIMUM_AGE"; then
      ending='32 over-maximum-age'
      kill_all
    fi
  elif [[ -n $term_at && $has_message == 0 ]]; then
    interrupt_idle 30 interrupted-before-job
  elif ((has_message)); then
    [[ $state == assigned ]] || { tell assigned && assigned_at=$SECONDS; }
    if is_over "$assigned_at" "$ASSIGNMENT_SECONDS"; then interrupt_idle 25 assignment-lost; fi
  elif ((has_session)); then
    [[ $state == idle ]] || { tell idle && idle_at=$SECONDS; }
    if is_over "$idle_at" "$IDLE_SECONDS"; then interrupt_idle 20 idle; fi
  elif is_over 0 "$CONNECT_SECONDS"; then
    interrupt_idle 21 never-connected
  fi
}
# The listener is gone; its worker may finish the job alone until GitHub's lease of the job ends, after 10 minutes.
await_worker() {
  local since=$SECONDS
  while is_alive "$worker"; do
    if is_over "$since" 600 || { [[ -n $term_at ]] && is_over "$term_at" $((STOP_SECONDS * 115 / 120)); }; then
      kill -KILL "$worker" 2>/dev/null || true
    fi
    read_output 0.2
  done
}
conclude() { # the listener's exit code
  if ((has_run)); then
    [[ $ending == 32* ]] && finish 32 over-maximum-age
    ((is_interrupted)) && finish 31 interrupted-during-job
    case "$1 $last_result" in
      '100 Succeeded' | '104 Skipped') finish 0 ran-succeeded ;;
      '102 Failed') finish 10 ran-failed ;;
      '103 Canceled') finish 11 ran-cancelled ;;
      '105 Abandoned') finish 12 ran-abandoned ;;
    esac
    finish 13 ran-result-unknown
  fi
  # shellcheck disable=SC2086 # two words: code and name
  [[ -n $ending ]] && finish $ending
  (($1 == 7)) && finish 23 version-deprecated
  ((is_gone)) && finish 22 registration-gone
  ((has_message)) && finish 25 assignment-lost
  ((has_session)) || finish 21 never-connected
  finish 26 listener-failed
}

main() {
  { IFS= read -r sealed_config && IFS= read -r credentials_url && IFS= read -r credentials_token; } <&3 || true
  exec 3<&-
  tell starting
  check_configuration
  IDLE_SECONDS=$(seconds_of ONESHOT_IDLE_TIMEOUT_SECONDS 120)
  ASSIGNMENT_SECONDS=$(seconds_of ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS 60)
  CONNECT_SECONDS=$(seconds_of ONESHOT_CONNECT_TIMEOUT_SECONDS 300)
  STOP_SECONDS=$(seconds_of ONESHOT_STOP_TIMEOUT_SECONDS 120)
  MAXIMUM_AGE=$(seconds_of ONESHOT_MAXIMUM_AGE_SECONDS 21600)
  trap 'term_at=${term_at:-$SECONDS}' TERM
  is_handed_over=0 env_existed=0 is_interrupted=0
  trap take_back EXIT
  local config
  config=$(unseal) || finish 24 config-not-unsealed
  [[ -z $term_at ]] || finish 30 interrupted-before-job
  hand_over "$config"
  unset config sealed_config credentials_url credentials_token
  start_listener
  tell connecting
  while is_alive "$listener"; do step; done
  local code=0
  wait "$listener" || code=$?
  observe 0.05
  await_worker
  conclude "$code"
}
main
