# shellcheck shell=bash
# Functions for the scripts in this folder, which source this file.

# Pid files, sockets, logs and locks. Only root can write below /run, so no other user can create these files first.
state=/run/lessons-ci
apt_options=(-o DPkg::Lock::Timeout=300)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
# die STATUS WORDS…
die() { say "${@:2}"; exit "$1"; }
has() { command -v "$1" >/dev/null 2>&1; }

# lock NAME SECONDS: waits for the lock at most SECONDS, and holds it until this script ends.
lock() {
  mkdir -p "$state"
  exec 9>"$state/$1.lock"
  flock -w "$2" 9 || die 1 "another process has held it for $(($2 / 60)) minutes"
}

apt_update() { apt-get "${apt_options[@]}" update -qq >&2 || say "apt-get update had errors, going on"; }

# apt_install PACKAGES…
apt_install() {
  local log
  log=$(mktemp)
  # Without a pipe and without the lock: a package may start a process that keeps them open.
  DEBIAN_FRONTEND=noninteractive apt-get "${apt_options[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1 9>&- ||
    { tail -n 25 "$log" >&2; die 1 "apt-get failed; the end of $log is above"; }
  rm -f "$log"
}

# debian_mirror: prints the address from which apt gets the packages of this machine's Debian release.
debian_mirror() {
  local codename uri
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && [[ $ID == debian ]] && echo "$VERSION_CODENAME") ||
    die 2 "only Debian packages can be installed, and this is another system"
  apt_update
  # shellcheck disable=SC2016 # the placeholders are apt's
  uri=$(apt-get indextargets --format '$(LABEL) $(RELEASE) $(REPO_URI)' |
    awk -v release="$codename" '$1 == "Debian" && $2 == release {uri = $3} END {print uri}')
  [[ $uri ]] || die 1 "found no Debian mirror for $codename in the apt sources"
  echo "$uri"
}

# runs PID: whether the process runs; a zombie does not run.
runs() { [[ $(cat "/proc/$1/stat" 2>/dev/null) =~ \)\ [^ZX] ]]; }

# dockerd_of FILE: prints the pid in a pid file, if a dockerd with this pid runs.
dockerd_of() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]] && runs "$pid" && echo "$pid"
}

# await_dockerd PID LOG COMMAND…: waits until COMMAND succeeds. Otherwise it prints the end of the log and exits.
await_dockerd() {
  local tries
  for ((tries = 0; tries < 120; tries++)); do
    sleep 0.5
    if "${@:3}" >/dev/null 2>&1; then return; fi
    runs "$1" || break
  done
  tail -n 25 "$2" >&2
  die 1 "dockerd did not come up; the end of its log is above"
}

# end_dockerd PID: stops this dockerd, within a minute.
end_dockerd() {
  local tries
  kill "$1" || die 2 "may not stop dockerd, pid $1"
  for ((tries = 0; tries < 300; tries++)); do
    runs "$1" || return 0
    sleep 0.2
  done
  die 1 "dockerd, pid $1, has not ended within a minute"
}
