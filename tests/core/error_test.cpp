#include "core/error.h"

#include <cerrno>

#include "catch.h"
#include "core/interrupt.h"

using namespace kuchi;

namespace {
template <typename Act>
std::pair<std::string, Exit> caught(Act act) {
  try {
    act();
  } catch (const UserError& e) {
    return {e.what(), e.code()};
  }
  return {"", Exit::done};
}
}  // namespace

TEST_CASE("error: a place is told as far as it is known", "[core]") {
  CHECK(to_string(Location{"a.yaml", 9, 3}) == "a.yaml:9:3");
  CHECK(to_string(Location{"a.yaml", 9, 0}) == "a.yaml:9");
  CHECK(to_string(Location{"a.yaml", 0, 3}) == "a.yaml");
  CHECK(to_string(Location{"a.yaml", 0, 0}) == "a.yaml");
}

TEST_CASE("error: place, what is wrong, and the exit code of its kind", "[core]") {
  using Pair = std::pair<std::string, Exit>;
  CHECK(caught([] {
          fail_config({"a.yaml", 9, 3}, "wrong; do that");
        }) == Pair{"a.yaml:9:3: wrong; do that", Exit::config});
  CHECK(caught([] {
          fail_data({"clip.csv", 812, 1}, "runs back");
        }) == Pair{"clip.csv:812:1: runs back", Exit::data});
  CHECK(caught([] { fail_data(std::filesystem::path("x.wav"), "no such file"); }) ==
        Pair{"x.wav: no such file", Exit::data});
  CHECK(caught([] { fail_environment("disk", ENOSPC); }) ==
        Pair{"disk: No space left on device", Exit::environment});
  CHECK(caught([] { fail_environment("no such device"); }) ==
        Pair{"no such device", Exit::environment});
}

TEST_CASE("error: the exit codes are the contract's", "[core]") {
  CHECK(static_cast<int>(Exit::done) == 0);
  CHECK(static_cast<int>(Exit::config) == 2);
  CHECK(static_cast<int>(Exit::data) == 3);
  CHECK(static_cast<int>(Exit::diverged) == 4);
  CHECK(static_cast<int>(Exit::environment) == 5);
  CHECK(static_cast<int>(Exit::interrupted) == 130);
}

TEST_CASE("interrupt: nobody asked, nothing stops", "[core]") {
  CHECK_FALSE(interrupted());
  CHECK(caught([] { check_interrupt(); }).second == Exit::done);
}
