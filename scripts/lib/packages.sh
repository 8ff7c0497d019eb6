# shellcheck shell=bash
# Debian and Ubuntu packages. Source it after say.sh. The names hold for Debian 12 and 13 and Ubuntu
# 22.04 and 24.04.

# package:command where a command of any origin will do
_tools="ca-certificates:update-ca-certificates cmake:cmake git:git g++:g++ make:make ninja-build:ninja
        pkg-config:pkg-config python3:python3 unzip:unzip"
_libraries="catch2 libcairo2-dev libcli11-dev libhdf5-dev libsamplerate0-dev libsndfile1-dev libsoundtouch-dev
            libxxhash-dev libyaml-cpp-dev nlohmann-json3-dev zlib1g-dev"

_installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2> /dev/null | grep -qx installed; }

# missing_packages TEST_TOOLS(0|1): the packages to install, one line
missing_packages() {
  local out=() pair have package
  for pair in $_tools; do
    command -v "${pair#*:}" > /dev/null || out+=("${pair%%:*}")
  done
  have=" $(dpkg-query -W -f '${db:Status-Status} ${Package} ' 2> /dev/null) "
  for package in $_libraries; do
    [[ $have == *" installed $package "* ]] || out+=("$package")
  done
  # pip downloads the pinned wheels; no Python runs after that
  python3 -c 'import importlib.util as u, sys; sys.exit(u.find_spec("pip") is None)' 2> /dev/null || out+=(python3-pip)
  if [ "$1" = 1 ] && ! python3 -c 'import ensurepip' > /dev/null 2>&1; then out+=(python3-venv); fi
  # the browser for the tests of kuchi report's page; Ubuntu's package is a snap and is left out
  if [ "$1" = 1 ] && grep -qx 'ID=debian' /etc/os-release 2> /dev/null && ! command -v chromium > /dev/null; then out+=(chromium); fi
  # for the tests of films that are read and of kuchi preview --video
  if [ "$1" = 1 ] && ! command -v ffmpeg > /dev/null; then out+=(ffmpeg); fi
  echo "${out[*]}"
}

# install_packages TEST_TOOLS(0|1)
install_packages() {
  command -v dpkg-query > /dev/null ||
    die 5 "this is neither Debian nor Ubuntu; install what scripts/lib/packages.sh lists with your own package manager, then run with --no-packages"
  local missing
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  local line="apt-get install -y --no-install-recommends $missing"
  local root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; then
      root=(sudo)
    else
      die 5 "packages are missing and this user cannot install them; run this line, then this script again:
    sudo $line"
    fi
  fi
  say "packages: $missing"
  export DEBIAN_FRONTEND=noninteractive
  "${root[@]}" apt-get update -qq || note "apt-get update failed; trying with the lists that are there"
  # shellcheck disable=SC2086  # a list of words
  "${root[@]}" apt-get install -y -qq --no-install-recommends $missing > /dev/null ||
    die 5 "apt-get could not install the packages (its message is above); repair that and run this script again, or run: sudo $line"
}
