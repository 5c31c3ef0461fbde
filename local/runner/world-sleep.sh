#!/usr/bin/env bash
# `sleep SECONDS` in the time of an embedded world: its clock is asked (local/task/clock-service.ts), and answers then.
exec {clock}<>"/dev/tcp/127.0.0.1/$WORLD_CLOCK_PORT"
printf 'pause %s %s\n' "$WORLD_CLOCK_TASK" "$1" >&"$clock"
read -r -u "$clock"
