#include "core/log.h"

#include <iostream>
#include <sstream>

#include "catch.h"

using namespace kuchi;

namespace {

/// What is written to stderr while it lives; quiet is put back at the end.
class Heard {
 public:
  Heard() : before_(std::cerr.rdbuf(text_.rdbuf())), quiet_(quiet()) {}
  ~Heard() {
    std::cerr.rdbuf(before_);
    set_quiet(quiet_);
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
  bool quiet_;
};

}  // namespace

TEST_CASE("log: quiet silences notes and progress, never a warning", "[core]") {
  std::string text;
  {
    Heard heard;
    set_quiet(true);
    note("a note");
    Progress progress("work", 2);
    progress.at(1, "loss 1");
    progress.finish();
    warn("a warning");
    text = heard.text();
  }
  CHECK(text == "warning: a warning\n");
}

TEST_CASE("log: a note is one line of its own", "[core]") {
  std::string text;
  {
    Heard heard;
    set_quiet(false);
    note("one");
    note("two");
    text = heard.text();
  }
  CHECK(text.find("one\n") != std::string::npos);
  CHECK(text.find("two\n") != std::string::npos);
}

TEST_CASE("log: short work says nothing where no one watches; finish twice is once", "[core]") {
  std::string text;
  {
    Heard heard;
    set_quiet(false);
    Progress progress("work", 3);
    for (int i = 1; i <= 3; ++i) progress.at(i);
    progress.finish();
    progress.finish();
    text = heard.text();
  }
  CHECK(text.find("work 3/3\nwork 3/3") == std::string::npos);
}

TEST_CASE("log: the clock never runs back", "[core]") {
  double last = monotonic_s();
  for (int i = 0; i < 1000; ++i) {
    const double now = monotonic_s();
    if (now < last) FAIL(now);
    last = now;
  }
}
