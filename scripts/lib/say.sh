# shellcheck shell=bash
# Talking to the user, shared by the scripts. Source it.

if [ -t 2 ]; then _bold=$'\e[1m'; _red=$'\e[31m'; _off=$'\e[0m'; else _bold=; _red=; _off=; fi

say() { printf '%s==>%s %s\n' "$_bold" "$_off" "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }

# die CODE TEXT: what is wrong; what to do. Codes as the program's: 2 usage, 5 environment.
die() {
  local code=$1
  shift
  printf '%s%s:%s %s\n' "$_red" "$(basename "$0")" "$_off" "$*" >&2
  exit "$code"
}

# usage FILE: the comment block at a script's head is its help.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"; }
