#!/bin/sh
# Prints the path of the Node that runs Lethe: the one it brings, else a recent one of the machine.
set -eu

root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
major_min=26

# A brought Node may be for another C library: one that does not start is passed over.
for node in "$root"/node_modules/node-linux-*/bin/node; do
  if [ -x "$node" ] && "$node" --version >/dev/null 2>&1; then
    printf '%s\n' "$node"
    exit 0
  fi
done

if node=$(command -v node); then
  version=$("$node" --version 2>/dev/null || echo v0)
  major=${version#v}
  major=${major%%.*}
  if [ "$major" -ge "$major_min" ] 2>/dev/null; then
    printf '%s\n' "$node"
    exit 0
  fi
  echo "lethe: node on this machine is $version, expected $major_min or later" >&2
else
  echo "lethe: found no node, expected version $major_min or later" >&2
fi
exit 2
