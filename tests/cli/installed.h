// What cmake --install leaves, for tests that build on it as a user does.
#pragma once

#include "program.h"

namespace kuchi::test {

/// Program and development files of this build, in one prefix for all tests.
inline const fs::path& installed_prefix() {
  static const fs::path prefix = [] {
    const fs::path out = Workshop::get().dir / "prefix";
    const auto ran = shell("cmake --install " KUCHI_BINARY_DIR " --prefix " + quoted(out));
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return out;
  }();
  return prefix;
}

/// An installed example, copied to DIR and built there by CMake: DIR/build.
inline fs::path build_example(const std::string& name, const fs::path& dir) {
  fs::copy(installed_prefix() / "share/doc/kuchi/examples" / name, dir);
  const auto built = shell("cd " + quoted(dir) + " && cmake -S . -B build -DCMAKE_PREFIX_PATH=" +
                           quoted(installed_prefix()) + " && cmake --build build");
  INFO(built.out << built.err);
  REQUIRE(built.code == 0);
  return dir / "build";
}

}  // namespace kuchi::test

#define NEEDS_BUILD()                                                                \
  do {                                                                               \
    if (std::getenv("KUCHI_PROGRAM") != nullptr) {                                   \
      WARN("skipped: KUCHI_PROGRAM is set, and what is packaged is the build here"); \
      return;                                                                        \
    }                                                                                \
    NEEDS_PROGRAM();                                                                 \
  } while (false)
