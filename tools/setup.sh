#!/bin/sh
# Installs what package-lock.json names, where it is not installed already. Says so on stderr.
#
# A copy of the lock file in node_modules marks a complete installation. Runs that start at the
# same time wait for one another. No package's own script is run.
set -eu

root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
cd "$root"
mark=node_modules/.installed-lock.json
lock=.setup-lock

is_installed() {
  cmp -s package-lock.json "$mark"
}

say() {
  printf 'lethe: %s\n' "$*" >&2
}

# A directory is made by one process only. One whose maker is gone is moved away, by one only.
take_lock() {
  nameless=0
  until mkdir "$lock" 2>/dev/null; do
    if [ ! -w . ]; then
      say "dependencies are not installed and $root cannot be written: run it once as its owner"
      exit 2
    fi
    holder=$(cat "$lock/pid" 2>/dev/null || echo "")
    [ -n "$holder" ] && nameless=0 || nameless=$((nameless + 1))
    if [ "$nameless" -gt 10 ] || { [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; }; then
      mv "$lock" "$lock.stale.$$" 2>/dev/null && rm -rf "$lock.stale.$$"
    else
      [ -n "${waited:-}" ] || say "waiting for another run that installs (process ${holder:-unknown})"
      waited=yes
      sleep 1
    fi
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# npm puts node_modules/.bin first: npm itself must not run on the Node that it is replacing.
path_without_node_modules() {
  kept=
  old_ifs=$IFS
  IFS=:
  for entry in $PATH; do
    case $entry in
      */node_modules/.bin | */node-gyp-bin) ;;
      *) kept=${kept:+$kept:}$entry ;;
    esac
  done
  IFS=$old_ifs
  printf '%s\n' "$kept"
}

# Settings of an npm that called us do not steer the npm that we call, but for where it loads from.
forget_npm_settings() {
  unset NODE_ENV NODE_OPTIONS npm_config_workspace npm_config_workspaces npm_config_omit \
    npm_config_only npm_config_production npm_config_dry_run npm_config_global \
    npm_config_location npm_config_prefix npm_config_local_prefix npm_config_package_lock_only \
    npm_config_include_workspace_root npm_config_install_strategy npm_config_json \
    npm_config_loglevel
}

install() {
  say "installing dependencies (npm ci), once; about 20 seconds"
  log=$(mktemp)
  if npm ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund \
    --loglevel=error </dev/null >"$log" 2>&1; then
    rm -f "$log"
    cp package-lock.json "$mark"
    say "dependencies are installed"
  else
    sed 's/^/lethe: npm: /' "$log" >&2
    rm -f "$log"
    say "npm ci failed: it needs npm 8 or later and a package registry that it can reach"
    exit 2
  fi
}

is_installed && exit 0
command -v npm >/dev/null || { say "found no npm, expected version 8 or later"; exit 2; }
take_lock
is_installed && exit 0
PATH=$(path_without_node_modules)
export PATH
forget_npm_settings
install
