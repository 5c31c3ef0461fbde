# shellcheck shell=bash
# Sourced by bash before the supervisor's own text, in both of its stages (BASH_ENV): what the supervisor knows of time
# is the embedded world's, which stands still while a task works. It is told the time when it has nothing to do
# (local/task/clock-service.ts), and not five times a second: so three hundred of them fit on a small machine.
world_uptime=$WORLD_CLOCK_UPTIME world_soon=0
# No child of the supervisor is to have this.
[[ ${1:-} != supervise ]] || unset BASH_ENV

# Waits for a change. At most `patience` seconds of the world pass before a limit is seen to be over.
world_wait() {
  local patience=5
  # A signal was sent: what comes of it comes in real time.
  if ((world_soon > 0)); then
    world_soon=$((world_soon - 1))
    builtin read -r -t 0.05 -u "$silence"
    return
  fi
  if ((${has_term:-0} || ${is_stopping:-0})) || [[ -n ${job_ending:-} ]]; then
    patience=1
  elif ((${has_run:-0})); then
    patience=30
  fi
  [[ -n ${world:-} ]] || exec {world}<>"/dev/tcp/127.0.0.1/$WORLD_CLOCK_PORT"
  printf 'look %s %s\n' "$WORLD_CLOCK_TASK" "$patience" >&"$world"
  builtin read -r -u "$world" world_uptime || builtin read -r -t 0.2 -u "$silence"
}
# Before there is a listener the supervisor sleeps where it waits, for KMS or a Docker daemon, and no look tells it how
# late it is. Its limits would never be over.
world_ask() {
  local clock
  exec {clock}<>"/dev/tcp/127.0.0.1/$WORLD_CLOCK_PORT"
  printf 'time\n' >&"$clock"
  builtin read -r -u "$clock" world_uptime || true
  exec {clock}>&-
}
# shellcheck disable=SC2317,SC2162 # called by the supervisor, with its options
read() {
  if (($# == 3)) && [[ $3 == _ && /dev/stdin -ef /proc/uptime ]]; then
    [[ -n ${silence:-} ]] || world_ask
    printf -v "$2" %s "$world_uptime"
  elif (($# == 5)) && [[ $1$2$4 == -r-t-u && $3 != 0 ]]; then
    world_wait
  else
    builtin read "$@"
  fi
}
# shellcheck disable=SC2317
kill() {
  [[ $1 != -INT && $1 != -KILL ]] || world_soon=60
  builtin kill "$@"
}
# shellcheck disable=SC2317
sleep() {
  # In the background it is the process that is killed.
  ((BASHPID == $$)) || exec "$WORLD_CLOCK_SLEEP" "$1"
  "$WORLD_CLOCK_SLEEP" "$1"
}
