#!/usr/bin/env bash
# What the compiler does not check; hook and CI job. Each finding names its fix.
#   scripts/lint.sh [--tidy]     --tidy: clang-tidy as well, which takes minutes
# A tool that is not installed is named and left out.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

tidy=0
case ${1:-} in
  '') ;;
  --tidy) tidy=1 ;;
  -h | --help) usage "$0" && exit 0 ;;
  *) die 2 "unknown argument '$1'; see scripts/lint.sh --help" ;;
esac
cd "$here" || exit 5
findings=0

# found TEXT FIX: a check that found something (its lines come on stdin or were printed)
found() {
  printf '%s\n' "$1" >&2
  note "fix: $2"
  findings=$((findings + 1))
}

mapfile -t sources < <(find src tests docs/examples -name '*.cpp' -o -name '*.h' -o -name '*.cu' | sort)
mapfile -t shell < <(find scripts experiments .ci -name '*.sh' -o -path .ci/run | sort)

check_format() {
  local tool out
  tool=$(command -v clang-format-14 || command -v clang-format) || {
    note "clang-format is not installed: format not checked"
    return
  }
  case $("$tool" --version) in
    *"version 14."*) ;;
    *) note "$tool is not version 14, whose format this is: format not checked" && return ;;
  esac
  out=$("$tool" --dry-run -Werror "${sources[@]}" 2>&1 | grep -E 'error:' | cut -d: -f1 | sort | uniq -c)
  [ -z "$out" ] || found "format (findings, file):
$out" "clang-format -i FILE"
}

check_shell() {
  local out
  command -v shellcheck > /dev/null || {
    note "shellcheck is not installed: scripts not checked"
    return
  }
  out=$(shellcheck -x -P SCRIPTDIR/.. -e SC1091 -f gcc "${shell[@]}" 2>&1)
  [ -z "$out" ] || found "$out" "see the rule's page under its number, or shellcheck FILE for more"
}

check_docker() {
  local tool out
  tool=$(command -v hadolint || command -v build/venv-tests/bin/hadolint) || {
    note "hadolint is not installed: Dockerfile not checked"
    return
  }
  out=$("$tool" --no-color Dockerfile 2>&1) || found "$out" "see the rule's page under its number"
}

# The rooms stand in CMakeLists.txt from the ground up; each includes only itself and those above it
# there, and LibTorch only where the line says TORCH.
check_rooms() {
  local out
  out=$(awk -f scripts/lib/rooms.awk CMakeLists.txt "${sources[@]}")
  [ -z "$out" ] || found "$out" "move what is needed down a room, or pass it in; docs/map.md has the order"
}

check_machine_paths() {
  local out
  out=$(git grep -nE '(^|[^A-Za-z0-9_.$}])/(work|root)/' -- . ':!LICENSE') || return 0
  found "$out" "a path of one machine: take it from an option, the environment or the repository's root"
}

check_configs() {
  local out program=build/release/bin/kuchi files
  if [ ! -x $program ]; then
    note "$program is not built: configs not checked"
    return
  fi
  mapfile -t files < <(find configs -name '*.yaml' -not -path 'configs/rigs/*' -not -path 'configs/sweep/*' | sort)
  [ ${#files[@]} -gt 0 ] || return 0
  out=$($program config --check "${files[@]}" 2>&1) || found "$out" "repair the lines named above"
}

check_reference() {
  local program=build/release/bin/kuchi
  [ -x $program ] || return 0
  diff -q <($program config --reference) docs/reference.md > /dev/null ||
    found "docs/reference.md is not what the program says" "$program config --reference > docs/reference.md"
}

hint_sizes() {
  local file lines
  for file in "${sources[@]}"; do
    lines=$(wc -l < "$file")
    [ "$lines" -le 400 ] || note "hint: $file has $lines lines; is it two ideas?"
  done
}

check_tidy() {
  local out
  command -v clang-tidy > /dev/null || {
    note "clang-tidy is not installed: not run"
    return
  }
  # clang cannot read GCC's precompiled header, so the commands come from a configuration without
  cmake -S . -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON > /dev/null ||
    die 5 "CMake could not configure build/tidy; run scripts/setup.sh"
  cmake --build build/tidy --target kuchi_build_info > /dev/null
  out=$(find src -name '*.cpp' -not -path 'src/cuda/*' -print0 |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/tidy --quiet 2> /dev/null)
  [ -z "$out" ] || printf '%s\n' "$out" >&2
  if grep -q 'error:' <<< "$out"; then found "clang-tidy (above)" "repair, or NOLINT(check): why"; fi
}

say "lint"
check_format
check_shell
check_docker
check_rooms
check_machine_paths
check_configs
check_reference
hint_sizes
if [ $tidy = 1 ]; then check_tidy; fi
if [ $findings = 0 ]; then note "nothing found"; else die 1 "$findings checks found something (above)"; fi
