#!/usr/bin/env bash
# The supervisor: PID 1 of a task. Unseals the JIT config, runs the listener for one job, says how it ended.
#
# That a job RAN is told by our own evidence, latched here where a job cannot forge it: the listener's performance
# marks (RUNNER_PERFLOG), its Runner.Worker child, its line of a job's end. "Running job" proves no worker: it comes
# before the first renewal (actions/runner JobDispatcher.cs). The listener's exit code alone proves neither (0 may have
# run a job, 100 may not have): the RESULT is believed only where code and last line agree.
#
# Needs bash 5, coreutils, gzip and curl 7.86 or later. Runs as a file, or as the text of `bash -c`.
# shellcheck disable=SC2317 # functions are called by name, and by traps
set -euo pipefail

# First of all, in both stages: PID 1 is sent no signal that it has no trap for. What is left to luck are the few
# milliseconds in which bash itself starts, twice (docs/operations.md, Exit codes). The trap reads nothing: a `read`
# within an interrupted `read -t` hangs (bash 5.2). bash runs no trap while a foreground command lasts: what may last
# runs beside it, as `helper`, and SIGTERM ends it.
has_term=0 helper=''
trap 'has_term=1; [[ -z $helper ]] || kill "$helper" 2>/dev/null || true' TERM

# How a task ended: all that outlives it. functions/core/task/exit-codes.ts and docs/operations.md have the same table.
declare -Ar EXIT_CODES=(
  [ran-succeeded]=0       # or was skipped
  [ran-failed]=10
  [ran-cancelled]=11
  [ran-abandoned]=12      # GitHub took the job away
  [ran-result-unknown]=13 # code and last line do not agree, the listener died, or nothing ended after the job
  [ran-rejected]=14        # the job was failed on purpose, with the message of ONESHOT_REJECTION
  [ran-out-of-memory]=15  # it failed, or its end is not known, and a process was killed for memory
  [ran-out-of-disk]=16    # the same, and the disk is full
  [ran-docker-lost]=17    # the same, and the Docker daemon no longer answers
  [idle]=20
  [never-connected]=21
  [registration-gone]=22
  [version-deprecated]=23
  [config-not-unsealed]=24
  [assignment-lost]=25    # a job message, and no worker
  [listener-failed]=26    # it ended by itself, without a job
  [docker-not-ready]=27   # no Docker daemon in time
  [interrupted-before-job]=30
  [interrupted-during-job]=31
  [over-maximum-age]=32
  [bad-configuration]=64
)
readonly RUNNER=${ONESHOT_RUNNER_NAME:-}
readonly KMS_URL=${AWS_ENDPOINT_URL_KMS:-${AWS_ENDPOINT_URL:-${ONESHOT_KMS_URL:-}}}
ROOT=${ONESHOT_RUNNER_ROOT:-/home/runner}

# --- stage 1: out of the environment with everything that a job must not see, then this script again -----------
# /proc/1/environ shows what a process was started with, whatever it unsets: only an exec clears it.
restart_scrubbed() {
  local began sealed=${ONESHOT_SEALED_CONFIG:-} credentials=${AWS_CONTAINER_CREDENTIALS_FULL_URI:-}
  if [[ -z $credentials && -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]]; then
    credentials=http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  fi
  local token=${AWS_CONTAINER_AUTHORIZATION_TOKEN:-}
  unset ONESHOT_SEALED_CONFIG AWS_EXECUTION_ENV "${!ECS_@}"
  # They stay where jobs were granted something in AWS: their SDKs look here.
  [[ ${ONESHOT_JOB_CREDENTIALS:-} == 1 ]] || unset "${!AWS_CONTAINER_@}"
  read -r began _ </proc/uptime
  local -a self=("${BASH_SOURCE[0]:-}")
  [[ -n ${BASH_EXECUTION_STRING:-} ]] && self=(-c "$BASH_EXECUTION_STRING" oneshot)
  # By a pipe and no argument: arguments are for everyone to read. $BASH is this very bash, whatever PATH says.
  exec "$BASH" "${self[@]}" supervise 3<<<"$began $has_term"$'\n'"$sealed"$'\n'"$credentials"$'\n'"$token"
}
[[ ${1:-} == supervise ]] || restart_scrubbed

# --- time: hundredths of a second since the task began, by a clock that nobody sets ----------------------------
# SECONDS and EPOCHREALTIME jump with the wall clock. (`read -t` counts by it as well, a fifth of a second at a time.)
now=0 term_at=''
read_clock() {
  local uptime
  read -r uptime _ </proc/uptime
  now=$((10#${uptime/./} - 10#${began/./}))
  ((!has_term)) || term_at=${term_at:-$now}
}
is_over() { ((now >= $1 + $2)); } # SINCE LIMIT

# --- telling: one JSON line for each state; no secret is among the values, and none needs quoting --------------
tell() { # STATE [MORE-MEMBERS]
  read_clock
  printf '{"oneshot":"state","state":"%s","runner":"%s","seconds":%d.%02d%s}\n' \
    "$1" "${RUNNER//[^A-Za-z0-9-]/}" $((now / 100)) $((now % 100)) "${2:+,$2}"
}
has_ended=0
finish() { # ENDING
  has_ended=1
  tell ended "\"ending\":\"$1\",\"exitCode\":${EXIT_CODES[$1]}"
  exit "${EXIT_CODES[$1]}"
}

# --- configuration ---------------------------------------------------------------------------------------------
refuse_configuration() { # [NAMES]
  (($#)) || return 0
  printf 'oneshot: missing or malformed: %s\n' "$*" >&2
  finish bad-configuration
}
check_configuration() {
  local name problems=()
  for name in ONESHOT_RUNNER_NAME ONESHOT_STACK AWS_REGION; do
    [[ ${!name:-} =~ ^[A-Za-z0-9-]{1,64}$ ]] || problems+=("$name")
  done
  [[ $KMS_URL =~ ^https?://[^[:space:]\"]+$ ]] || problems+=(ONESHOT_KMS_URL)
  for name in "${!ONESHOT_@}"; do
    [[ $name != *_SECONDS || ${!name} =~ ^[1-9][0-9]{0,6}$ ]] || problems+=("$name")
  done
  ! has_docker || [[ ${DOCKER_HOST:-} =~ ^unix:///[^[:space:]]+$ ]] || problems+=(DOCKER_HOST)
  [[ -x $ROOT/bin/Runner.Listener && -w $ROOT ]] && cd -P -- "$ROOT" || problems+=(ONESHOT_RUNNER_ROOT)
  refuse_configuration "${problems[@]}"
  # In hundredths of a second, as all that is compared with `now`. Of the time between SIGTERM and ECS's SIGKILL
  # (120 s) a job gets the first 75 to end by itself; it is interrupted then, and at 115 all is over.
  readonly ROOT=$PWD STOP=$((100 * ${ONESHOT_STOP_TIMEOUT_SECONDS:-120})) \
    UNSEAL_LIMIT=$((100 * ${ONESHOT_UNSEAL_TIMEOUT_SECONDS:-30})) \
    DOCKER_LIMIT=$((100 * ${ONESHOT_DOCKER_TIMEOUT_SECONDS:-1})) \
    CONNECT_LIMIT=$((100 * ${ONESHOT_CONNECT_TIMEOUT_SECONDS:-300})) \
    IDLE_LIMIT=$((100 * ${ONESHOT_IDLE_TIMEOUT_SECONDS:-120})) \
    ASSIGNMENT_LIMIT=$((100 * ${ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS:-60})) \
    LEASE_LIMIT=$((100 * ${ONESHOT_LEASE_SECONDS:-600})) \
    MAXIMUM_AGE=$((100 * ${ONESHOT_MAXIMUM_AGE_SECONDS:-21600}))
  readonly IDLE_GRACE=500 JOB_GRACE=$((STOP / 4)) STOP_PATIENCE=$((STOP * 75 / 120)) STOP_GRACE=$((STOP * 40 / 120))
}

# --- unsealing: task credentials, KMS Decrypt, inflate ---------------------------------------------------------
# NAME JSON: a string member of a flat answer. By expansions: bash's regex takes seconds for a few kilobytes.
field() {
  local rest=${2#*\""$1"\"}
  [[ $rest != "$2" ]] || return 1
  rest=${rest#*:} rest=${rest#*\"} rest=${rest%%\"*}
  printf '%s' "${rest//\\\//\/}"
}
beside() { # COMMAND; returns what it returned, or 143
  local code=0
  "$@" &
  helper=$!
  wait "$helper" || code=$?
  helper=''
  return "$code"
}
pause() { beside sleep "$1" || true; }
next_wait() { case $wait in 0.2) wait=0.5 ;; 0.5) wait=1 ;; 1) wait=2 ;; *) wait=4 ;; esac }
# Runs curl with options from standard input, where keys are; sets `answer`. Returns 0 for fine, 1 for try again (no
# answer, 429, 5xx, a throttle), 2 for refused for good. No good answer has 64 KB.
ask() {
  local reply='' from status
  exec {from}< <(exec curl --disable --silent --max-time 8 --write-out '\n%{http_code}' --config - 2>/dev/null)
  helper=$!
  ((!has_term)) || kill "$helper" 2>/dev/null || true
  IFS= read -r -N 65536 -u "$from" reply || true
  exec {from}<&-
  helper='' answer=${reply%$'\n'*} status=${reply##*$'\n'}
  case $status in
    200) return 0 ;;
    [34]??) [[ $status == 429 || $answer == *Throttl* || $answer == *'Rate exceeded'* ]] || return 2 ;;
  esac
  return 1
}
fetch_credentials() {
  ask < <(printf 'url = "%s"\nnoproxy = "*"\n' "$credentials_url"
          if [[ -n $credentials_token ]]; then printf 'header = "authorization: %s"\n' "$credentials_token"; fi)
}
decrypt() { # with the credentials in `answer`
  local key secret token region=$AWS_REGION body
  key=$(field AccessKeyId "$answer") && secret=$(field SecretAccessKey "$answer") &&
    token=$(field Token "$answer") || return 1
  body=$(printf '{"CiphertextBlob":"%s","EncryptionContext":{"stack":"%s","runner":"%s"}}' \
    "$sealed_config" "$ONESHOT_STACK" "$RUNNER")
  # Past a proxy: the role may open a config from the task's own address, or through the endpoint of KMS, only.
  ask < <(printf 'url = "%s/"\nnoproxy = "*"\naws-sigv4 = "aws:amz:%s:kms"\nuser = "%s:%s"\n' "${KMS_URL%/}" "$region" "$key" "$secret"
          printf 'header = "%s"\n' "x-amz-security-token: $token" 'content-type: application/x-amz-json-1.1' \
            'x-amz-target: TrentService.Decrypt'
          printf 'data = "%s"\n' "${body//\"/\\\"}")
}
inflate() { config=$(field Plaintext "$answer" | base64 -d 2>/dev/null | gzip -dc 2>/dev/null | base64 -w0); }
read_secrets() {
  local problems=()
  { IFS= read -r sealed_config && IFS= read -r credentials_url && IFS= read -r credentials_token; } <&3 || true
  exec 3<&-
  [[ -n $sealed_config && $sealed_config != *[!A-Za-z0-9+/=]* ]] || problems+=(ONESHOT_SEALED_CONFIG)
  [[ $credentials_url =~ ^https?://[^[:space:]\"]+$ ]] || problems+=(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
  refuse_configuration "${problems[@]}"
}
# Sets `config`; tries again where that can help, a damaged answer included.
unseal() {
  local wait=0.2 verdict kind
  until verdict=0 && { fetch_credentials && decrypt && inflate || verdict=$?; } && ((verdict == 0)); do
    ((!has_term)) || finish interrupted-before-job
    read_clock
    if ((verdict == 2)) || is_over 0 "$UNSEAL_LIMIT"; then
      # The service's own type of error, and nothing else of its answer.
      kind=$(field __type "$answer" || printf 'no usable answer')
      kind=${kind//[!A-Za-z0-9#. ]/}
      printf 'oneshot: the runner configuration could not be unsealed: %s\n' "${kind:0:100}" >&2
      finish config-not-unsealed
    fi
    pause "$wait"
    next_wait
  done
}

# An authority of the network's own (parameter caBundle), where the listener (.NET reads SSL_CERT_FILE), curl, git, Node,
# Python and AWS's tools look. All but Node want the public ones in the same file.
trust_authority() {
  [[ -n ${ONESHOT_CA_BUNDLE:-} ]] || return 0
  local name all=$private/authorities.pem
  printf '%s\n' "$ONESHOT_CA_BUNDLE" >"$private/authority.pem"
  { cat "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" || true; } >"$all" 2>/dev/null
  cat "$private/authority.pem" >>"$all"
  unset ONESHOT_CA_BUNDLE
  export NODE_EXTRA_CA_CERTS=$private/authority.pem
  for name in SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_CAINFO REQUESTS_CA_BUNDLE AWS_CA_BUNDLE; do export "$name=$all"; done
}

# All that touches a secret, in a process of its own: what PID 1 has had in its memory a job may be able to read there
# (/proc/1/mem is open to its user unless Yama's ptrace_scope says otherwise; proc(5), ptrace(2)).
hand_over_sealed() {
  local sealed_config='' credentials_url='' credentials_token='' config='' answer=''
  helper=''
  trap 'has_term=1; [[ -z $helper ]] || kill "$helper" 2>/dev/null || true' TERM
  read_secrets
  unseal
  ((!has_term)) || finish interrupted-before-job
  hand_over
}
# Runs it, and ends as it does if it ends badly; with one of our endings it has said why.
in_a_process_of_its_own() { # COMMAND
  local code=0
  "$1" &
  join $! || code=$?
  ((code == 0)) && return
  [[ " ${EXIT_CODES[*]} " != *" $code "* ]] || has_ended=1
  exit "$code"
}
join() { # PID; returns what it returned
  local code=0
  helper=$1
  ((!has_term)) || kill "$1" 2>/dev/null || true
  # A signal ends the wait, and not what is waited for.
  while is_alive "$1"; do wait "$1" || true; done
  wait "$1" || code=$?
  helper=''
  ((code != 143)) || finish interrupted-before-job # SIGTERM ended it
  return "$code"
}

# --- Docker: a daemon in a container of its own, where the task definition has one ------------------------------
has_docker() { [[ -n ${ONESHOT_DOCKER_TIMEOUT_SECONDS:-} ]]; }
# For a process of its own. The completed hook has it too.
ping_docker() { exec curl --disable -fsm 8 --noproxy '*' -o /dev/null --unix-socket "${DOCKER_HOST#unix://}" http://docker/_ping 2>/dev/null; }
docker=''
await_docker() { # for a process of its own, beside the unsealing
  local wait=0.2
  trap '[[ -z $helper ]] || kill "$helper" 2>/dev/null || true; exit 143' TERM
  until beside ping_docker; do
    read_clock
    ! is_over 0 "$DOCKER_LIMIT" || exit 1
    pause "$wait"
    next_wait
  done
}
join_docker() {
  [[ -n $docker ]] || return 0
  if ! join "$docker"; then
    printf 'oneshot: no Docker daemon answers at %s: the log of container dockerd says why\n' "$DOCKER_HOST" >&2
    finish docker-not-ready
  fi
  docker=''
}

# --- the environment of a job: a login's, as on GitHub's own runners -------------------------------------------
# There prebuilt tools are, and for this very path they are built (actions/setup-python#459, actions/runner#2892).
readonly TOOLS=/opt/hostedtoolcache
as_root() { if ((UID == 0)); then "$@"; else sudo -n "$@"; fi; }
make_tool_cache() { as_root install -d -o "$UID" "$TOOLS" 2>/dev/null || true; }
# run.sh's part, which nobody else does here (actions/runner src/Misc/layoutroot/run.sh).
update_certificates() {
  as_root "$(command -v update-ca-certificates || command -v update-ca-trust)" >&2 ||
    printf 'oneshot: RUNNER_UPDATE_CA_CERTS: the certificate store could not be updated\n' >&2
}

# --- what a job can run out of ---------------------------------------------------------------------------------
# Sets `kills`: how many processes of this container the kernel has killed for memory, of either generation of cgroups
# (kernel.org, cgroup-v2 "memory.events", cgroup-v1 "memory.oom_control"). The completed hook has these functions too.
read_kills() {
  local file key value
  kills=0
  for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    [[ -r $file ]] || continue
    while read -r key value; do [[ $key != oom_kill ]] || kills=$value; done <"$file"
  done
}
is_disk_full() { # PATHS; less than 64 MiB: a write that found no room may have left some
  local free
  free=$(df --output=avail --block-size=1K "$@" 2>/dev/null | tail -n +2 | sort -n | head -n 1)
  ((${free:-65536} < 65536))
}
prepare_wants() {
  local mib=${ONESHOT_MEMORY_MIB:-} gib=${ONESHOT_STORAGE_GIB:-}
  [[ $mib =~ ^[1-9][0-9]{0,6}$ ]] || mib=''
  [[ $gib =~ ^[1-9][0-9]{0,3}$ ]] || gib=''
  memory_want="A process of this job was killed for memory${mib:+: its runner has $mib MiB}. For more, memory=${mib:+$((mib / 512))} in the label of runs-on."
  disk_want="The disk of this runner is full${gib:+: it has $gib GiB}. For more, storage=${gib:+$((gib * 2))} in the label of runs-on."
  ! has_docker || disk_want="The disk that this runner shares with its Docker daemon is full: it has ${ONESHOT_DOCKER_STORAGE_GIB:-too few} GiB. For more, dockerStorageGiB in the parameters of the deployment."
  docker_want='The Docker daemon of this runner no longer answers: it was ended, or died. The log of container dockerd says why.'
  read_kills
  kills_before=$kills
}
# Ends as what a job that did not succeed ran out of, where that shows.
finish_by_want() {
  read_kills
  if ((kills > kills_before)); then
    printf 'oneshot: %s\n' "$memory_want" >&2
    finish ran-out-of-memory
  elif is_disk_full "$ROOT" "$ROOT/_work"; then
    printf 'oneshot: %s\n' "$disk_want" >&2
    finish ran-out-of-disk
  # After SIGTERM the daemon may have been asked to end as well. A job that ends its daemon gains nothing by this.
  elif has_docker && ! beside ping_docker && ((!has_term)); then
    printf 'oneshot: %s\n' "$docker_want" >&2
    finish ran-docker-lost
  fi
}

# --- hooks: bash scripts that the worker runs as steps, with what they print as the step's log -----------------
# They serve people. What they leave behind can be forged by the job, and only to its own harm.
write_hooks() {
  local line rejection=${ONESHOT_REJECTION:-}
  {
    printf ': >%q || true\n' "$private/completed"
    declare -f read_kills is_disk_full ping_docker
    printf 'read_kills\n((kills <= %d)) || echo %q\n' "$kills_before" "::error title=oneshot::$memory_want"
    printf '! is_disk_full %q %q || echo %q\n' "$ROOT" "$ROOT/_work" "::error title=oneshot::$disk_want"
    ! has_docker || printf 'DOCKER_HOST=%q\n(ping_docker) || echo %q\n' "$DOCKER_HOST" "::error title=oneshot::$docker_want"
  } >"$private/completed.sh"
  # In Docker's place (actions/runner docs/adrs/1891-container-hooks.md): JSON on standard input. There is no Docker
  # on Fargate. An image that can run containers sets ACTIONS_RUNNER_CONTAINER_HOOKS to a hook of its own.
  # shellcheck disable=SC2016 # its variables are its own
  printf '%s\n' 'IFS= read -r -d "" input || true' \
    'case $input in *\"command\":\"cleanup_job\"* | *\"command\":\ \"cleanup_job\"*) exit 0 ;; esac' \
    'echo "::error title=oneshot::This job asks for a container (container:, services: or a Docker action), and there is no Docker on this runner. Add docker to its label (fargate/docker) where administrators have opened it for this repository (docs/labels.md), or run its steps without a container."' \
    'exit 1' >"$private/container.sh"
  [[ -n $rejection ]] || return 0
  # One line, and data: bash reads it quoted, and the worker undoes the %25 (actions/runner ActionCommand.cs).
  rejection=${rejection//[[:cntrl:]]/ }
  line="::error title=oneshot::${rejection:0:500}"
  # Then it waits for the interrupt that the mark brings: steps with always() would run after a mere failure.
  printf -v line "printf '%%s\\n' %q\n: >%q" "${line//'%'/%25}" "$private/rejected"
  printf '%s\n' "trap 'exit 1' INT TERM" "$line" 'sleep 60 >/dev/null 2>&1 &' wait 'exit 1' >"$private/reject.sh"
}

# --- the listener ----------------------------------------------------------------------------------------------
# The config goes in by .env, which the listener reads first: an argument or a variable would show in /proc for as
# long as it lives. The file is gone as soon as the session is made; one that was there before comes back.
is_handed_over=0
hand_over() {
  if [[ -f $ROOT/.env ]]; then mv "$ROOT/.env" "$private/env"; fi
  {
    if [[ -f $private/env ]]; then cat "$private/env" && printf '\n'; fi
    # .env wins over the environment, and its last line over those before.
    if [[ -f $private/reject.sh ]]; then printf 'ACTIONS_RUNNER_HOOK_JOB_STARTED=%s/reject.sh\n' "$private"; fi
    printf 'ACTIONS_RUNNER_INPUT_JITCONFIG=%s\n' "$config"
  } >"$ROOT/.env"
}
take_back() {
  ((is_handed_over)) || return 0
  is_handed_over=0
  if [[ -f $private/env ]]; then mv -f "$private/env" "$ROOT/.env"; else rm -f "$ROOT/.env"; fi
}
run_listener() { # UMASK; with the signals and the files that a listener has
  trap - INT QUIT TERM
  umask "$1"
  exec {output}<&- {silence}<&-
  local hooks=$private/container.sh tools=${RUNNER_TOOL_CACHE:-${AGENT_TOOLSDIRECTORY:-}}
  ! has_docker || hooks=''
  [[ -n $tools || ! -w $TOOLS ]] || tools=$TOOLS
  if [[ -n $tools ]]; then export RUNNER_TOOL_CACHE=$tools AGENT_TOOLSDIRECTORY=${AGENT_TOOLSDIRECTORY:-$tools}; fi
  HOME=${HOME:-$ROOT} USER=${USER:-$(id -un 2>/dev/null)} LANG=${LANG:-C.UTF-8} \
    RUNNER_PERFLOG=$private ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT=${ONESHOT_DIAGNOSTICS:-0} \
    ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED=1 \
    ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1 \
    ACTIONS_RUNNER_HOOK_JOB_COMPLETED=${ACTIONS_RUNNER_HOOK_JOB_COMPLETED-$private/completed.sh} \
    ACTIONS_RUNNER_CONTAINER_HOOKS=${ACTIONS_RUNNER_CONTAINER_HOOKS-$hooks} \
    exec "$ROOT/bin/Runner.Listener" run
}
start_listener() { # UMASK, for the job
  mkdir -p "$ROOT/_work" "$ROOT/_diag"
  mkfifo "$private/out" "$private/silence"
  # For reading and writing: never at their end, even when others close them.
  exec {output}<>"$private/out" {silence}<>"$private/silence"
  # Bash starts background commands with SIGINT ignored, and .NET honours that: the trap gives it back.
  run_listener "$1" >"$private/out" 2>&1 &
  listener=$!
}
is_alive() { kill -0 "$1" 2>/dev/null; }

# --- evidence (no forks here: this runs five times a second) ---------------------------------------------------
has_session=0 has_message=0 is_acquired=0 has_run=0 is_gone=0 is_deprecated=0
worker='' absences=0 last_result='' job_over_at='' marks=''
# What the listener says is passed on as text: a job can write there too. A line of its own making could be taken for a
# state, and CloudWatch makes a metric of each event that is a JSON object with `_aws` (CloudWatch user guide, Embedded
# metric format). In pieces, as Docker cuts lines after 16 KiB, and what it cuts off would begin as the job likes.
readonly PASSED_LIMIT=$((${ONESHOT_DIAGNOSTICS:-0} == 1 ? 33554432 : 1048576)) # _diag has far more to say
passed=0
pass_on() { # LINE
  local rest=${1:0:65536}
  ((passed <= PASSED_LIMIT)) || return 0
  passed=$((passed + ${#rest} + 3))
  printf '| %s\n' "${rest:0:4000}"
  while rest=${rest:4000} && [[ -n $rest ]]; do printf '| %s\n' "${rest:0:4000}"; done
  ((passed <= PASSED_LIMIT)) || printf 'oneshot: the listener has said much; nothing more is passed on\n'
}
# A job's name may hold anything: what counts is the end of a line, and the last such line.
read_line() {
  pass_on "$1"
  case $1 in
    ????-??-??\ ??:??:??Z:\ Running\ job:\ *) has_message=1 is_acquired=1 ;;
    ????-??-??\ ??:??:??Z:\ Job\ *\ completed\ with\ result:\ *) last_result=${1##* } has_run=$is_acquired ;;
    'The runner no longer exists on the server.'*) is_gone=1 ;;
    *'The runner registration has been deleted from the server'*) is_gone=1 ;;
    *'is deprecated and cannot receive messages'*) is_deprecated=1 ;; # before 2.333 there is no exit code for it
  esac
}
partial=''
# Passes on what is there of what the listener said, BYTES at most: a job can write there too, in floods or in drops,
# and must not keep us from our limits. Never waits for output, as a `read -t` that ends in the instant in which a
# byte comes loses it (bash 5.2, seen under load); only for the end of a line that has begun.
take_lines() { # BYTES
  local left=$1 line
  while ((left > 0)) && read -r -t 0 -u "$output"; do
    if ! IFS= read -r -t 0.2 -u "$output" line; then
      partial+=$line
      ((${#partial} < 65536)) || { pass_on "$partial" && partial=''; }
      return
    fi
    left=$((left - ${#line} - 1))
    read_line "$partial$line"
    partial=''
  done
}
# Held open from the first look on: what was written there before the job began no job can delete.
read_marks() {
  local mark
  [[ -n $marks ]] || { [[ -f $private/Runner.perf ]] && exec {marks}<"$private/Runner.perf"; } 2>/dev/null || return 0
  while IFS= read -r -u "$marks" mark; do
    case $mark in
      SessionCreated:*) has_session=1 ;;
      MessageReceived_RunnerJobRequest:*) has_message=1 ;;
      StartingWorkerProcess:*) has_run=1 ;;
    esac
  done
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
pass_time() { read -r -t 0.2 -u "$silence" || true; }
observe() {
  pass_time
  take_lines 16384
  read_clock
  ((has_run)) || read_marks
  # A process shows no command in the instant of an exec: gone is what is missed twice.
  if [[ -z $worker ]]; then find_worker_of_listener; elif is_worker "$worker"; then absences=0; else ((++absences)); fi
  if ((has_session || has_message || has_run)); then take_back; fi
  if [[ -z $job_over_at ]] && { [[ -e $private/completed ]] || ((absences > 1)); }; then
    job_over_at=$now
  fi
}

# --- the state machine -----------------------------------------------------------------------------------------
# connecting -> idle -> assigned -> busy; every state may end by the listener's own exit.
phase='' entered_at=0
enter() { # STATE
  [[ $phase != "$1" ]] || return 0
  tell "$1"
  phase=$1 entered_at=$now
}
ending='' is_stopping=0 deadline=0 interrupted_at=0 # why the listener is being ended, once it is
# SIGINT to the listener alone, as the worker and its steps get theirs from it; SIGKILL to all after GRACE.
end() { # ENDING GRACE
  tell stopping "\"reason\":\"$1\""
  ending=$1 is_stopping=1 deadline=$((now + $2))
  interrupt
}
interrupt() {
  interrupted_at=$now
  kill -INT "$listener" 2>/dev/null || true
}
# Without a job it is interrupted again each second, as the first may be lost; with one once, so that the job fails with
# GitHub's own message.
go_on_ending() {
  if is_over "$deadline" 0; then
    kill_all
  elif ((!has_run)) && is_over "$interrupted_at" 100; then
    interrupt
  fi
}
kill_all() {
  kill -KILL "$listener" 2>/dev/null || true
  if [[ -n $worker ]] && is_worker "$worker"; then kill -KILL "$worker" 2>/dev/null || true; fi
}
is_time_to_stop() { [[ -n $term_at ]] && is_over "$term_at" "$STOP_PATIENCE"; }
job_ending=''
end_job() { # ENDING GRACE
  job_ending=$1
  end "$1" "$2"
}
# A busy listener is not touched, but for: a rejection, the maximum age, SIGTERM, and a worker or listener that stays
# when its job is over (actions/runner#4418), which nobody interrupts with success.
step_busy() {
  enter busy
  if [[ -n $job_ending ]]; then
    go_on_ending # the first reason stays, and its deadline with it
  elif [[ -f $private/reject.sh && -e $private/rejected ]]; then
    end_job ran-rejected "$JOB_GRACE"
  elif is_over 0 "$MAXIMUM_AGE"; then
    end_job over-maximum-age "$JOB_GRACE"
  elif is_time_to_stop; then
    end_job interrupted-during-job "$STOP_GRACE"
  elif [[ -n $job_over_at ]] && is_over "$job_over_at" "$LEASE_LIMIT"; then
    end_job ran-result-unknown 0
  fi
}
# Without a job the first reason stays, and its deadline with it. One that got a message in the instant of its interrupt
# continues: it may be busy, and the next step will see.
step() {
  observe
  if ((has_run)); then
    step_busy
  elif ((has_message)) && [[ $phase != assigned ]]; then
    is_stopping=0
    enter assigned
  elif ((is_stopping)); then
    go_on_ending
  elif is_over 0 "$MAXIMUM_AGE"; then
    end over-maximum-age "$IDLE_GRACE"
  elif ((has_message)); then
    if is_time_to_stop; then
      end interrupted-before-job "$IDLE_GRACE"
    # An acquired job nobody else is given: it has its lease to find its worker.
    elif is_over "$entered_at" "$((is_acquired ? LEASE_LIMIT : ASSIGNMENT_LIMIT))"; then
      end assignment-lost "$IDLE_GRACE"
    fi
  elif ((has_term)); then
    end interrupted-before-job "$IDLE_GRACE"
  elif ((has_session)); then
    enter idle
    if is_over "$entered_at" "$IDLE_LIMIT"; then end idle "$IDLE_GRACE"; fi
  elif is_over 0 "$CONNECT_LIMIT"; then
    end never-connected "$IDLE_GRACE"
  fi
}

# --- the end ---------------------------------------------------------------------------------------------------
# A job that came to its normal end did so, whatever was asked of the listener in the meantime.
conclude_by_result() { # the listener's exit code
  case "$has_run $1 $last_result" in
    '1 100 Succeeded' | '1 104 Skipped') finish ran-succeeded ;;
    '1 102 Failed')
      finish_by_want
      finish ran-failed
      ;;
    '1 103 Canceled') finish ran-cancelled ;;
    '1 105 Abandoned') finish ran-abandoned ;;
  esac
}
conclude() { # the listener's exit code
  if ((has_run)); then
    # Whether one that the job overtook obeyed its interrupt, nobody knows; SIGTERM did come.
    [[ $ending != interrupted-before-job ]] || finish interrupted-during-job
    [[ -n $job_ending ]] || finish_by_want
    finish "${job_ending:-ran-result-unknown}"
  fi
  # An idle listener's end is no longer idleness when a message came in between.
  [[ $ending != interrupted-* && $ending != over-maximum-age ]] && ((has_message)) && finish assignment-lost
  [[ -z $ending ]] || finish "$ending"
  ((!has_term)) || finish interrupted-before-job
  (($1 != 7 && !is_deprecated)) || finish version-deprecated
  ((!is_gone)) || finish registration-gone
  ((has_session)) || finish never-connected
  finish listener-failed
}
clean_up() {
  [[ -z $docker ]] || kill "$docker" 2>/dev/null || true
  take_back
  [[ -z ${private:-} ]] || rm -rf "$private"
  ((has_ended)) || tell ended '"ending":"unexplained"'
}

main() {
  local began had_term inherited_umask code=0 looks=25 processes tools='' kills kills_before memory_want disk_want docker_want
  # The first line, and no byte of those after it: the text is in a pipe (bash 5.1), of which `read` takes single bytes.
  read -r began had_term <&3 || true
  ((!had_term)) || has_term=1
  trap clean_up EXIT
  tell starting
  check_configuration
  [[ -z ${RUNNER_UPDATE_CA_CERTS:-} ]] || in_a_process_of_its_own update_certificates
  inherited_umask=$(umask)
  umask 077
  private=$(mktemp -d "$ROOT/.oneshot-XXXXXX") # jobs do clean up /tmp
  trust_authority
  prepare_wants
  write_hooks
  # Beside the unsealing, which takes longer.
  if [[ -z ${RUNNER_TOOL_CACHE:-}${AGENT_TOOLSDIRECTORY:-} && ! -w $TOOLS ]]; then
    make_tool_cache &
    tools=$!
  fi
  if has_docker; then
    await_docker 3<&- &
    docker=$!
  fi
  in_a_process_of_its_own hand_over_sealed
  is_handed_over=1
  exec 3<&-
  join_docker
  until [[ -z $tools ]] || ! is_alive "$tools" || is_over 0 300; do
    pause 0.05
    read_clock
  done
  ((!has_term)) || finish interrupted-before-job
  start_listener "$inherited_umask"
  enter connecting
  while is_alive "$listener"; do step; done
  wait "$listener" 2>/dev/null || code=$?
  take_lines 65536 # as much as a pipe can hold: what the listener wrote is in it
  [[ -z $partial ]] || read_line "$partial"
  read_marks
  conclude_by_result "$code"
  # It died with a job in hand. The worker, which may just be about to start, may finish alone until GitHub's lease of
  # the job ends. It gets five seconds to show itself: on a busy machine an exec can take one.
  until [[ -n $worker ]] || ((looks-- == 0)); do
    processes=(/proc/[0-9]*)
    find_worker "${processes[@]#/proc/}"
    ((has_run)) || break
    pass_time
  done
  job_over_at=${job_over_at:-$now}
  while [[ -n $worker ]] && ((absences < 2)); do step; done
  conclude "$code"
}
main
