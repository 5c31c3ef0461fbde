#!/usr/bin/env bash
# Whether a task of an image does a job: the image starts as a task does, its supervisor unseals a config, its runner
# takes one job of a GitHub that runs beside it, and the job turns green. Usage: smoke-job.sh IMAGE
#
#   SMOKE_GITHUB    that GitHub, one file (npm run build:smoke writes dist/smoke/github.mjs). It runs by the image's own Node
#   SMOKE_FUNCTION  or the name of the Lambda function whose code has it (infra/image.yml)
#   SMOKE_ACTIONS   where git finds `checkout` and `setup-node`; `none` for a job of `run:` steps (parameter imageActions)
#   SMOKE_SECONDS   how long the task may take, 300 if not said
#
# No GitHub account is asked, and nothing that the job needs comes from outside: its containers have no network.
set -euo pipefail

readonly IMAGE=$1 ACTIONS=${SMOKE_ACTIONS:-https://github.com/actions} LIMIT=${SMOKE_SECONDS:-300}
# v7.0.1 and v7.0.0. git takes a commit for its checksum, which is why no archive is downloaded.
readonly CHECKOUT=3d3c42e5aac5ba805825da76410c181273ba90b1 SETUP_NODE=820762786026740c76f36085b0efc47a31fe5020
readonly NAME=oneshot-smoke-$$ PORT=8099 REGION=eu-central-1 STACK=oneshot-smoke RUNNER=oneshot-smoke-1-1-1
WORK=$(mktemp -d)
readonly WORK
# The task first: it lives in the other one's network.
clean_up() {
  docker rm --force "$NAME-task" >/dev/null 2>&1 || true
  docker rm --force "$NAME-github" >/dev/null 2>&1 || true
  rm -rf "$WORK"
}
trap clean_up EXIT

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n/+='; } # BYTES
SEALED=$(random 2400) SECRET_PATH=$(random 24) TOKEN=$(random 24)
readonly SEALED SECRET_PATH TOKEN

fail() {
  echo "smoke test: $*" >&2
  exit 1
}

# They open nothing but this test, and are masked all the same, so that nobody has to tell such secrets from real ones.
masked() {
  local line secret
  while IFS= read -r line || [[ -n $line ]]; do
    for secret in "$SEALED" "$SECRET_PATH" "$TOKEN"; do line=${line//"$secret"/***}; done
    printf '%s\n' "$line"
  done
}

take_github() {
  local address
  mkdir -p "$WORK/smoke/actions/actions"
  if [[ -n ${SMOKE_GITHUB:-} ]]; then
    cp "$SMOKE_GITHUB" "$WORK/smoke/github.mjs"
  else
    : "${SMOKE_FUNCTION:?name it, or give SMOKE_GITHUB a file}"
    # Anyone who has the address may download: it is not shown.
    address=$(aws lambda get-function --function-name "$SMOKE_FUNCTION" --query Code.Location --output text)
    curl --fail --silent --show-error --retry 3 --output "$WORK/code.zip" --config - <<<"url = \"$address\"" ||
      fail "the code of $SMOKE_FUNCTION cannot be had"
    unzip -q -j "$WORK/code.zip" dist/smoke/github.mjs -d "$WORK/smoke" ||
      fail "$SMOKE_FUNCTION does not have dist/smoke/github.mjs: deploy again"
  fi
}

# NAME COMMIT: packed as GitHub packs it, with one folder at its top.
fetch_action() {
  local tries=3 git=(git -C "$WORK/git-$1")
  git init --quiet "$WORK/git-$1"
  until GIT_TERMINAL_PROMPT=0 timeout 60 "${git[@]}" fetch --quiet --depth 1 "$ACTIONS/$1" "$2"; do
    ((--tries)) || return 1
    sleep 2
  done
  [[ $("${git[@]}" rev-parse FETCH_HEAD) == "$2" ]] || return 1
  "${git[@]}" archive --format=tar.gz --prefix="$1-$2/" --output="$WORK/smoke/actions/actions/$1@$2.tar.gz" FETCH_HEAD
}
# What cannot be had says nothing of the image: the job then has `run:` steps alone, and that is said.
uses=''
take_actions() {
  if [[ $ACTIONS == none ]]; then
    echo 'smoke test: the job runs without actions/checkout and actions/setup-node (imageActions: none)'
  elif fetch_action checkout "$CHECKOUT" && fetch_action setup-node "$SETUP_NODE"; then
    uses="actions/checkout@$CHECKOUT actions/setup-node@$SETUP_NODE"
  else
    echo "smoke test: the job runs WITHOUT actions/checkout and actions/setup-node, which cannot be had from $ACTIONS (parameter imageActions)"
  fi
}

# A container of the image with all of a GitHub that one job needs. Its own network is this machine's for none.
start_github() {
  local tries said=''
  chmod -R a+rX "$WORK/smoke"
  docker run --detach --name "$NAME-github" --network none --volume "$WORK/smoke:/smoke:ro" \
    --env SMOKE_PORT="$PORT" --env SMOKE_USES="$uses" --env SMOKE_REGION="$REGION" --env SMOKE_STACK="$STACK" \
    --env SMOKE_RUNNER="$RUNNER" --env SMOKE_SEALED="$SEALED" --env SMOKE_SECRET_PATH="$SECRET_PATH" \
    --env SMOKE_TOKEN="$TOKEN" --entrypoint /bin/bash "$IMAGE" \
    -c 'nodes=(externals/node[0-9][0-9]/bin/node); exec "${nodes[-1]}" /smoke/github.mjs' >/dev/null
  for ((tries = 0; tries < 120; tries++)); do
    said=$(docker logs "$NAME-github" 2>&1)
    [[ $said != *'smoke test: GitHub listens'* ]] || return 0
    [[ $(docker inspect --format '{{.State.Running}}' "$NAME-github") == true ]] || break
    sleep 0.5
  done
  fail "its GitHub did not start: $(masked <<<"$said")"
}

# As ECS starts one: the image's own entry point, and the variables of a launch.
run_task() {
  local url=http://127.0.0.1:$PORT
  timeout --kill-after=10 "$LIMIT" docker run --name "$NAME-task" --network "container:$NAME-github" \
    --env AWS_REGION="$REGION" --env AWS_ENDPOINT_URL_KMS="$url" \
    --env AWS_CONTAINER_CREDENTIALS_FULL_URI="$url/credentials/$SECRET_PATH" \
    --env AWS_CONTAINER_AUTHORIZATION_TOKEN="$TOKEN" --env ONESHOT_STACK="$STACK" --env ONESHOT_RUNNER_NAME="$RUNNER" \
    --env ONESHOT_SEALED_CONFIG="$SEALED" --env ONESHOT_MAXIMUM_AGE_SECONDS="$LIMIT" "$IMAGE" >"$WORK/task" 2>&1
}
# GitHub says what it saw when it is told to end, and ends with 0 if the job turned green.
ask_github() {
  docker kill --signal TERM "$NAME-github" >/dev/null 2>&1 || true
  github=$(timeout 30 docker wait "$NAME-github") || github='no answer'
  docker logs "$NAME-github" >"$WORK/github" 2>&1
}

take_github
take_actions
start_github
began=$SECONDS task=0 github=''
run_task || task=$?
ask_github
last=$(grep '^{"oneshot":"state"' "$WORK/task" | tail -n 1 || true)

problems=''
((SECONDS - began < LIMIT)) || problems+=" The task did not end within $LIMIT s (SMOKE_SECONDS)."
((task == 0)) || problems+=" The task ended with $task, not 0."
[[ $last == *'"ending":"ran-succeeded","exitCode":0}' ]] || problems+=" The supervisor's last state is not ran-succeeded."
[[ $github == 0 ]] || problems+=' GitHub saw no job that succeeded.'
if [[ -n $problems ]]; then
  { echo '--- what GitHub saw' && cat "$WORK/github" && echo '--- what the task said' && cat "$WORK/task"; } | masked >&2
  fail "the job did not turn green.$problems"
fi
echo "smoke test: a job turned green in $((SECONDS - began)) s${uses:+, with $uses}"
