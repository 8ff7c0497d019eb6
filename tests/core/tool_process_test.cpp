// Another program that is fed: with the shell's own, which every machine has.
#include "core/tool_process.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.h"
#include "caught.h"
#include "core/temporary_folder.h"
#include "variable.h"

namespace kuchi {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("tool process: what it is fed arrives, more than a pipe holds", "[core]") {
  const TemporaryFolder folder("kuchi-test");
  const auto out = folder.path() / "out";
  const std::vector<std::byte> bytes(3000017, std::byte{7});
  ToolProcess tool({"sh", "-c", "wc -c > \"$0\"", out.string()}, folder.path() / "said");
  REQUIRE(tool.start_error() == 0);
  CHECK(tool.feed(bytes));
  CHECK(tool.feed(std::span(bytes).first(3)));
  CHECK(tool.end());
  CHECK(std::stol(text_of(out)) == 3000020);
  CHECK(tool.last_line().empty());
}

TEST_CASE("tool process: one that ends early takes no more, and says why", "[core]") {
  const TemporaryFolder folder("kuchi-test");
  ToolProcess tool({"sh", "-c", "echo first >&2; printf 'no \\033 more\\n\\n' >&2; exit 3"},
                   folder.path() / "said");
  REQUIRE(tool.start_error() == 0);
  const std::vector<std::byte> bytes(3000017);
  CHECK_FALSE(tool.feed(bytes));  // and this process lives: no SIGPIPE
  CHECK_FALSE(tool.feed(bytes));
  CHECK_FALSE(tool.end());
  CHECK(tool.last_line() == "no   more");
}

TEST_CASE("tool process: one that is not there", "[core]") {
  const TemporaryFolder folder("kuchi-test");
  ToolProcess tool({"kuchi-has-no-such-tool"}, folder.path() / "said");
  CHECK(tool.start_error() == ENOENT);
  CHECK_FALSE(tool.feed(std::vector<std::byte>(5)));
  CHECK_FALSE(tool.end());
}

TEST_CASE("tool process: one that is let go is ended", "[core]") {
  const TemporaryFolder folder("kuchi-test");
  const auto mark = folder.path() / "mark";
  {
    ToolProcess tool({"sh", "-c", "sleep 1; : > \"$0\"", mark.string()}, folder.path() / "said");
    REQUIRE(tool.start_error() == 0);
  }
  CHECK(std::system("sleep 1.5") == 0);
  CHECK_FALSE(std::filesystem::exists(mark));
}

TEST_CASE("tool process: of a long message the end, where the reason stands", "[core]") {
  const TemporaryFolder folder("kuchi-test");
  ToolProcess tool({"sh", "-c", "printf '%0500d: No space left on device' 7 >&2; exit 1"},
                   folder.path() / "said");
  CHECK_FALSE(tool.end());
  const auto last = tool.last_line();
  CHECK(last.size() < 210);
  CHECK(last.find("No space left on device") != std::string::npos);
}

TEST_CASE("temporary folder: TMPDIR that is none is told as that", "[core]") {
  const test::Variable variable("TMPDIR", "/nowhere/at/all");
  const auto said = test::caught([] { const TemporaryFolder folder("kuchi-test"); });
  CHECK(said.code == static_cast<int>(Exit::environment));
  CHECK(said.has("TMPDIR"));
}

}  // namespace kuchi
