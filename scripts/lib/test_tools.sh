# shellcheck shell=bash
# The Python environment that only tests know. Source it after say.sh; `here` is the repository's root.

# make_test_tools: build/venv-tests with tests/requirements.txt; without a network a line says so and the
# tests that need it skip.
make_test_tools() {
  local venv=${here:?}/build/venv-tests wanted=$here/tests/requirements.txt
  if cmp -s "$wanted" "$venv/requirements.txt"; then return 0; fi
  say "test tools: Python environment in build/venv-tests"
  rm -rf "$venv"
  if python3 -m venv "$venv" > /dev/null &&
    "$venv/bin/pip" --disable-pip-version-check install --quiet --only-binary=:all: -r "$wanted"; then
    cp "$wanted" "$venv/requirements.txt" # last: it says that the environment is whole
  else
    rm -rf "$venv"
    note "no Python environment (no network?): the tests that need it will be skipped"
  fi
}
