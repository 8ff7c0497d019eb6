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

TEST_CASE("cli: bench live tells what a frame costs, of the full-size lstm", "[cli]") {
  NEEDS_PROGRAM();
  const auto live = must({"bench", "live", "--frames", "20", "--json", "-"}).json()["live"];
  CHECK(live["head"] == "lstm");
  CHECK(live["p50_ms"].get<double>() > 0);
  CHECK(live["p99_ms"].get<double>() >= live["p50_ms"].get<double>());
  CHECK(live["max_ms"].get<double>() >= live["p99_ms"].get<double>());
  CHECK(live["frames"] == 20);
  CHECK(live["delay_ms"].get<double>() == Approx(100));
  // D = 240, C = 52: as above, with three layers in one direction.
  const int64_t lstm = 4 * 512 * ((384 + 512) + 2 * (512 + 512)) + 3 * 2 * 4 * 512;
  const int64_t dense =
      240 * 512 + 512 + 512 * 384 + 384 + 512 * 256 + 256 + 256 * 128 + 128 + 128 * 52 + 52;
  CHECK(live["parameters"].get<int64_t>() == lstm + dense + 2 * (512 + 384));
  const auto wrong = call({"bench", "live", "--batch", "4"});
  CHECK(wrong.code == 2);
  CHECK(wrong.one_sentence());
}

TEST_CASE("cli: bench attention times the band and says that it is the masked attention", "[cli]") {
  NEEDS_PROGRAM();
  const auto told = must({"bench", "attention", "--frames", "300", "--reach", "10", "--steps", "3",
                          "--threads", "1", "--json", "-"})
                        .json()["attention"];
  CHECK(told["frames"] == 300);
  CHECK(told["reach"] == 10);
  CHECK(told["median_ms"].get<double>() > 0);
  CHECK(told["masked_ms"].get<double>() > 0);
  CHECK(told["difference"].get<double>() > 0);  // two ways of adding up
  CHECK(told["difference"].get<double>() <= 1e-4);
  const auto wrong = call({"bench", "attention", "--precision", "bf16"});
  CHECK(wrong.code == 2);
  CHECK(wrong.one_sentence());
}

TEST_CASE("cli: bench loader tells how fast a configuration's batches are made", "[cli]") {
  NEEDS_PROGRAM();
  std::vector<std::string> line = {"bench",
                                   "loader",
                                   source("configs/debug/tiny.yaml").string(),
                                   "data.synth.clips=6",
                                   "data.synth.seconds=2",
                                   "--workers",
                                   "1,2",
                                   "--epochs",
                                   "3",
                                   "--json",
                                   "-"};
  const auto alone = must(line).json()["loader"];
  REQUIRE(alone["workers"].size() == 2);
  CHECK(alone["workers"][1]["workers"] == 2);
  for (const auto& row : alone["workers"]) {
    CHECK(row["batches_per_s"].get<double>() > 0);
    CHECK(row["frames_per_s"].get<double>() > row["batches_per_s"].get<double>());
    CHECK(row["waiting"].get<double>() > 0);
    CHECK(row["waiting"].get<double>() <= 1);
  }
  CHECK(alone["padding"].get<double>() >= 0);
  CHECK(alone["padding"].get<double>() < 1);
  line.insert(line.end(), {"--step-ms", "60"});
  const auto beside = must(line).json()["loader"];
  CHECK(beside["frames"] == alone["frames"]);
  CHECK(beside["workers"][0]["batches_per_s"].get<double>() < 1 / 0.06);
  CHECK(beside["workers"][0]["waiting"].get<double>() <
        alone["workers"][0]["waiting"].get<double>());
  const auto without = call({"bench", "loader"});
  CHECK(without.code == 2);
  CHECK(without.one_sentence());
}
