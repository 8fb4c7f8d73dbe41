#!/bin/sh
# Runs every test that needs nothing but the clone; with arguments, only those files or patterns.
#
# Tests under test/interop ask other people's programs: .ci/run installs these and runs them.
set -eu

root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
cd "$root"
sh tools/setup.sh
node=$(sh tools/node.sh)

if [ $# -eq 0 ]; then
  list=$(find packages tools -name node_modules -prune -o -path '*/test/interop' -prune -o \
    -name '*.test.ts' -print | sort)
  # File names of this project hold no spaces: tools/tidy.ts sees to it.
  # shellcheck disable=SC2086
  set -- $list
fi
exec "$node" --test --test-timeout=180000 "$@"
