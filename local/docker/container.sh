# shellcheck shell=bash
# Run in namespaces of its own (local/docker/daemon.ts): gives the daemon what its container has. Its /tmp, /run and
# processes are its own; the folders that are named before `--` it shares with the runner, at the same paths.
set -euo pipefail
mount --make-rprivate /
mount -t tmpfs shares /mnt
shares=()
while [[ $1 != -- ]]; do
  mkdir "/mnt/${#shares[@]}"
  mount --rbind "$1" "/mnt/${#shares[@]}"
  shares+=("$1")
  shift
done
shift
for own in /run /tmp; do mount -t tmpfs own "$own"; done
for n in "${!shares[@]}"; do
  mkdir -p "${shares[n]}"
  mount --move "/mnt/$n" "${shares[n]}"
done
umount /mnt
exec "$@"
