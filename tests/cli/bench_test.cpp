// The benchmarks as scripts read them.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("cli: bench step tells how long a training step takes, and of what", "[cli]") {
  NEEDS_PROGRAM();
  const auto step = must({"bench", "step", "--batch", "2", "--frames", "12", "--steps", "1",
                          "--threads", "1", "--json", "-"})
                        .json()["step"];
  CHECK(step["median_ms"].get<double>() > 0);
  CHECK(step["peak_gflops"].get<double>() > 0);
  CHECK(step["gflops"].get<double>() <= step["peak_gflops"].get<double>() * 1.2);
  CHECK(step["threads"] == 1);
  CHECK(step["padding"] == 0.0);
  const double parts = step["forward_ms"].get<double>() + step["backward_ms"].get<double>() +
                       step["update_ms"].get<double>();
  CHECK(parts < 3 * step["median_ms"].get<double>());
  // D = 768, C = 52: two projections, three bidirectional layers of 512, three steps to the curves.
  const int64_t lstm = 2 * 4 * 512 * ((384 + 512) + 2 * (1024 + 512)) + 3 * 2 * 2 * 4 * 512;
  const int64_t dense =
      768 * 512 + 512 + 512 * 384 + 384 + 1024 * 256 + 256 + 256 * 128 + 128 + 128 * 52 + 52;
  CHECK(step["parameters"].get<int64_t>() >= lstm + dense);
  CHECK(step["parameters"].get<int64_t>() < lstm + dense + 4000);  // norms
  const auto narrow = must({"bench", "step", "--batch", "2", "--frames", "12", "--steps", "1",
                            "--threads", "1", "--precision", "bf16", "--json", "-"})
                          .json()["step"];
  CHECK(narrow["precision"] == "bf16");
  CHECK(narrow["loss"].get<double>() == Approx(step["loss"].get<double>()).epsilon(0.2));
  CHECK(narrow["loss"] != step["loss"]);
  const auto wrong = call({"bench", "step", "--window", "3"});
  CHECK(wrong.code == 2);
  CHECK(wrong.one_sentence());
}
