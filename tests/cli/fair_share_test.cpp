// Beside another busy process a training takes its fair share, and no less.
#include <atomic>
#include <cstdlib>
#include <thread>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

double step_ms(int64_t threads) {
  return must({"bench", "step", "--batch", "2", "--frames", "20", "--steps", "9", "--threads",
               std::to_string(threads), "--json", "-"})
      .json()["step"]["median_ms"]
      .get<double>();
}

/// Something that keeps one core busy while it stands.
class Busy {
 public:
  ~Busy() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_{[this] {
    while (!stop_) {
    }
  }};
};

}  // namespace

TEST_CASE("cli: a step beside a busy process takes no more than its share", "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto cores = static_cast<int64_t>(std::thread::hardware_concurrency());
  if (cores < 2) {
    WARN("skipped: one core has no threads that wait for one another");
    return;
  }
  const double alone = step_ms(cores);
  const Busy busy;
  // Fair are (cores + 1) / cores, 1.5 on two. Threads that spin while they wait took 8 to 16 times.
  CHECK(step_ms(cores) <= 3 * alone);
}

TEST_CASE("cli: what the user says of waiting threads stands", "[cli]") {
  NEEDS_PROGRAM();
  // libgomp tells on stderr what it took, before the program begins.
  const auto told = [](const char* variable, const char* value) {
    setenv("OMP_DISPLAY_ENV", "verbose", 1);
    if (*variable != '\0') setenv(variable, value, 1);
    const auto err = call({"--version"}).err;
    if (*variable != '\0') unsetenv(variable);
    unsetenv("OMP_DISPLAY_ENV");
    const std::string before = "GOMP_SPINCOUNT = '";
    const auto at = err.find(before);
    if (at == std::string::npos) return std::string("another OpenMP");
    const auto begin = at + before.size();
    return err.substr(begin, err.find('\'', begin) - begin);
  };
  CHECK(told("", "") == "1000");
  CHECK(told("GOMP_SPINCOUNT", "77") == "77");
  CHECK(told("OMP_WAIT_POLICY", "passive") == "0");
}
