#!/usr/bin/env bash
# Whether a runner image can do what a task needs of it: the listener is of the version and the architecture that was
# built, the supervisor starts in it, its tools are there, and a job turns green in it (smoke-job.sh, with its variables).
# Usage: smoke-test.sh IMAGE RUNNER_VERSION ARCHITECTURE
set -euo pipefail

readonly IMAGE=$1 VERSION=$2 ARCHITECTURE=$3 OLDEST_CURL=7.86

# What shows of a package that it works. Tried of those that the Dockerfile beside this file names: yours may add fewer.
declare -Ar PROOFS=(
  [bc]='bc --version'
  [build-essential]='g++ --version && make --version'
  [bzip2]='bzip2 --help'
  [file]='file --version'
  [gettext-base]='envsubst --version'
  [gh]='gh --version'
  [git-lfs]='git-lfs version'
  [gnupg]='gpg --version'
  [libssl-dev]='pkg-config --exists openssl'
  [netcat-openbsd]='command -v nc'
  [openssh-client]='ssh -V'
  [pkg-config]='pkg-config --version'
  [procps]='ps --version'
  [python-is-python3]='python --version'
  [python3]='python3 --version'
  [python3-pip]='pip3 --version'
  [python3-venv]='python3 -m venv --help'
  [rsync]='rsync --version'
  [shellcheck]='shellcheck --version'
  [wget]='wget --version'
  [xz-utils]='xz --version'
  [zip]='zip --version'
  [zstd]='zstd --version'
)
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
added=$(grep -v '^ *#' "$HERE/Dockerfile")
checks=''
for package in "${!PROOFS[@]}"; do
  [[ ! $added =~ [[:space:]]${package}[[:space:]] ]] ||
    checks+="{ ${PROOFS[$package]}; } >/dev/null 2>&1 || fail '$package does not work: ${PROOFS[$package]}'"$'\n'
done
# apt-get install finds a package only where the lists of packages are.
[[ $added == *'rm -rf /var/lib/apt/lists'* ]] ||
  checks+="apt-cache madison bash | grep -q . || fail 'there are no package lists'"$'\n'

# Runs in the image, as the user and in the folder that a task has.
# shellcheck disable=SC2016 # its variables are the container's
readonly IN_THE_IMAGE='
set -eu
fail() { echo "smoke test: $*" >&2; exit 1; }
[ "$(uname -m)" = "$MACHINE" ] || fail "the image is for $(uname -m), not $MACHINE"
[ "$(id -u)" != 0 ] || fail "its user is root"
[ -w . ] || fail "$(id -un) cannot write to $PWD, where jobs run"
[ -w /opt/hostedtoolcache ] || fail "$(id -un) cannot write to /opt/hostedtoolcache, where jobs put tools"
listener=$(./bin/Runner.Listener --version) || fail "the listener does not start"
[ "$listener" = "$VERSION" ] || fail "the listener is $listener, not $VERSION"
for tool in bash curl git gzip base64 tar; do
  command -v "$tool" >/dev/null || fail "there is no $tool"
done
# curl signs since 7.75; what the supervisor asks of it, it can since a later version (image/entrypoint.sh).
read -r _ curl _ <<<"$(curl --version)"
[ "$(printf "%s\n" "$OLDEST_CURL" "$curl" | sort -V | head -n 1)" = "$OLDEST_CURL" ] ||
  fail "curl is $curl, and the supervisor needs $OLDEST_CURL or later"
'

case $ARCHITECTURE in
  x64) machine=x86_64 ;;
  arm64) machine=aarch64 ;;
  *) echo "smoke test: no such architecture: $ARCHITECTURE" >&2 && exit 1 ;;
esac
docker run --rm --entrypoint /bin/bash --env MACHINE="$machine" --env VERSION="$VERSION" --env OLDEST_CURL="$OLDEST_CURL" \
  "$IMAGE" -c "$IN_THE_IMAGE$checks"

# A task without a configuration: the supervisor says so and ends with 64 (README.md).
code=0
said=$(docker run --rm "$IMAGE") || code=$?
if ((code != 64)) || [[ $said != *'"ending":"bad-configuration"'* ]]; then
  echo "smoke test: the supervisor ended with $code and said: $said" >&2
  exit 1
fi

bash "$HERE/smoke-job.sh" "$IMAGE"
echo "smoke test: passed by $IMAGE"
