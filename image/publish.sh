#!/usr/bin/env bash
# Builds the runner image with the newest runner for the architecture of this machine, pushes it, tries what was
# pushed, and only then moves the tag that tasks pull. Run by CodeBuild, from the folder that holds image/.
#
#   REPOSITORY      where to push: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/oneshot-prod-runner
#   ARCHITECTURE    x64 or arm64; also the tag that moves
#   LAYERS          lazy: gzip, with a SOCI index, so that Fargate starts a task while its image still loads
#                   zstd: all layers as zstd, smaller and faster to unpack, loaded whole
#   OFFICIAL        the official image or a mirror of it, without a tag (optional)
#   BUILDKIT        another BuildKit than the pinned, by digest (optional)
#   VERSION_PARAMETER  where to tell the runner's version, for the warning before GitHub stops to take it
#   RUNNER_VERSION  another runner than the newest (optional)
#
# Not both: SOCI reads gzip only and leaves zstd layers to be loaded whole (awslabs/soci-snapshotter#519, #601).
set -euo pipefail

: "${REPOSITORY:?}" "${ARCHITECTURE:?}" "${LAYERS:?}" "${VERSION_PARAMETER:?}"
# By digest: it runs privileged and pushes. Docker Hub counts anonymous pulls by address, and builds share addresses, so
# its mirror is asked first, which is a cache and may not have it. Neither can answer with anything but what the digest
# says. v0.33.1, by the digest of its index that independent
# projects pin (found in public repositories 2026-11-28, not asked of the registry).
readonly PINNED=moby/buildkit@sha256:cec9f139f45e93c5c69c60f8b07cfad9f43f4ef6b6a6cd917527fea5ff2e3dea
readonly OFFICIAL=${OFFICIAL:-ghcr.io/actions/actions-runner}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=$(mktemp -d)
readonly HERE WORK
trap 'rm -rf "$WORK"' EXIT

fail() {
  echo "publish: $*" >&2
  exit 1
}

# By the redirect of the release page: the API gives an address 60 calls an hour, and builds share addresses.
newest_runner() {
  local url
  url=$(curl --fail --silent --show-error --retry 3 --output /dev/null --write-out '%{redirect_url}' \
    https://github.com/actions/runner/releases/latest) || fail 'GitHub does not tell its newest runner'
  [[ $url =~ /tag/v([0-9]+\.[0-9]+\.[0-9]+)$ ]] || fail "not the address of a release: $url"
  printf '%s' "${BASH_REMATCH[1]}"
}

# URL SHA256 MEMBER: one program out of an archive, pinned, as it gets to push what tasks will run.
fetch() {
  curl --fail --silent --show-error --retry 3 --location --output "$WORK/archive.tar.gz" "$1"
  printf '%s  %s\n' "$2" "$WORK/archive.tar.gz" | sha256sum --check --status || fail "wrong checksum: $1"
  tar -xzf "$WORK/archive.tar.gz" -C "$WORK" "$3"
}
fetch_crane() {
  local from=https://github.com/google/go-containerregistry/releases/download/v0.21.7/go-containerregistry_Linux
  case $ARCHITECTURE in
    x64) fetch "${from}_x86_64.tar.gz" 1a57bc98207fa1c0d04bf760699099e26f8383499bfd55b99c1b919a928a7230 crane ;;
    arm64) fetch "${from}_arm64.tar.gz" b6ee979d9411dfb05ce35ab9e156fe5de7def11a230764a7856ffa2eb971fa88 crane ;;
    *) fail "ARCHITECTURE: x64 or arm64, not $ARCHITECTURE" ;;
  esac
}
fetch_soci() {
  local from=https://github.com/awslabs/soci-snapshotter/releases/download/v0.14.1/soci-snapshotter-0.14.1-linux
  case $ARCHITECTURE in
    x64) fetch "$from-amd64.tar.gz" 1a8dba2a14c1ba8b65e0b935ef697e22eb8324759961a65296e656dd724d9441 soci ;;
    arm64) fetch "$from-arm64.tar.gz" c01ecb402ac7930bcfcf6571f76da541d7054626337d7211dac0b11a9bd05ddc soci ;;
  esac
}

# The tag of a version can be moved, also while this runs: what is built on is named by what it is, and recorded.
find_base() {
  base=$("$WORK/crane" digest "$OFFICIAL:$version") || fail "there is no $OFFICIAL:$version"
  [[ $base =~ ^sha256:[0-9a-f]{64}$ ]] || fail "not the digest of $OFFICIAL:$version: $base"
  echo "publish: built on $OFFICIAL@$base"
}

find_buildkit() {
  local from
  for from in ${BUILDKIT:-"mirror.gcr.io/$PINNED" "docker.io/$PINNED"}; do
    if "$WORK/crane" digest "$from" >/dev/null; then buildkit=$from && return; fi
  done
  fail "no registry has BuildKit (parameter imageBuildkit): $from"
}

# COMPRESSION: the image as a folder in OCI layout. Without attestations: they would make an index of two images.
build() {
  docker buildx create --use --name oneshot --driver docker-container --driver-opt "image=$buildkit"
  docker buildx build --pull --provenance=false --sbom=false --build-arg "RUNNER_VERSION=$version" \
    --build-arg "BASE=$OFFICIAL@$base" \
    --output "type=oci,tar=false,dest=$WORK/image,oci-mediatypes=true,$1" "$HERE"
}
build_image() {
  case $LAYERS in
    zstd) build compression=zstd,force-compression=true ;;
    lazy)
      build compression=gzip
      fetch_soci
      "$WORK/soci" convert --standalone --format oci-dir "$WORK/image" "$WORK/lazy"
      rm -rf "$WORK/image" && mv "$WORK/lazy" "$WORK/image"
      ;;
    *) fail "LAYERS: lazy or zstd, not $LAYERS" ;;
  esac
}

version=${RUNNER_VERSION:-$(newest_runner)}
echo "publish: runner $version for $ARCHITECTURE, $LAYERS layers"
fetch_crane
find_base
find_buildkit
build_image

aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"
# From here on by digest: what is tried is what is tagged.
pushed=$("$WORK/crane" push "$WORK/image" "$REPOSITORY:candidate-$ARCHITECTURE")
[[ $pushed == "$REPOSITORY@sha256:"* ]] || fail "not the digest of what was pushed: $pushed"
docker pull --quiet "$pushed"
bash "$HERE/smoke-test.sh" "$pushed" "$version" "$ARCHITECTURE"

# The build's own tag first: the lifecycle of the repository keeps the newest ten of these.
"$WORK/crane" tag "$pushed" "$ARCHITECTURE-$version-${CODEBUILD_BUILD_NUMBER:-0}"
"$WORK/crane" tag "$pushed" "$ARCHITECTURE"
echo "publish: tasks now pull $pushed"
aws ssm put-parameter --overwrite --name "$VERSION_PARAMETER" --value "$version" >/dev/null
