// Which updates are made, what is said of those that are not, and what does not move.
#include "train/health.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "catch.h"
#include "train/collapse.h"
#include "train/diagnosis.h"

using namespace kuchi;
using namespace kuchi::train;

namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// An update of 10 frames of one curve: its error, then its loss and norm where they differ.
UpdateRecord update(double error, double loss = 1, double norm = 1) {
  UpdateRecord out;
  out.counts.frames = 10;
  out.divisors = {10};
  out.numbers = at::tensor({loss * 10, error * 10, norm}, at::kDouble);
  return out;
}

bool left_out(Health& health, State& state, const UpdateRecord& record) {
  const bool skip = health.skip(state, record).item<bool>();
  health.settle(state);
  return skip;
}

}  // namespace

TEST_CASE("health: what is not finite is left out and counts for nothing", "[train]") {
  const Options options;
  Health health(options, {"mse"});
  State state;
  CHECK_FALSE(left_out(health, state, update(0.5, 0.5)));
  CHECK(left_out(health, state, update(0.5, kNoNumber)));
  CHECK(left_out(health, state, update(0.5, kInfinite)));
  CHECK(left_out(health, state, update(0.5, 0.5, kNoNumber)));
  CHECK(state.skipped == 3);
  CHECK(state.skipped_in_a_row == 3);
  CHECK_FALSE(left_out(health, state, update(0.25, 0.25)));
  CHECK(state.skipped == 3);
  CHECK(state.skipped_in_a_row == 0);
  CHECK(state.loss_sum == 7.5);  // 10 × 0.5 + 10 × 0.25
  CHECK(state.loss_frames == 20);
  CHECK(state.terms.at("mse").sum == 7.5);
  CHECK(state.terms.at("mse").count == 20);
  CHECK(state.errors == std::vector<double>{0.5, 0.25});
}

TEST_CASE("health: an error runs away over the median and over all of the beginning", "[train]") {
  Options options;
  options.runaway = 4;
  Health health(options, {"mse"});
  State state;
  CHECK_FALSE(left_out(health, state, update(3)));  // too early to say
  for (int i = 1; i < 64; ++i) CHECK_FALSE(left_out(health, state, update(1)));
  CHECK(state.first_errors == 3);
  CHECK(runaway_limit(options, state) == 4);
  CHECK_FALSE(left_out(health, state, update(3.9)));
  CHECK(left_out(health, state, update(4.1)));
  CHECK(state.skipped_in_a_row == 1);
  // Learnt by heart, an odd batch is forgiven as long as it is no worse than the beginning.
  for (int i = 0; i < 64; ++i) CHECK_FALSE(left_out(health, state, update(0.001)));
  CHECK(runaway_limit(options, state) == 3);
  CHECK_FALSE(left_out(health, state, update(2.9)));
  CHECK(left_out(health, state, update(3.1)));
  options.runaway = 0;
  CHECK_FALSE(left_out(health, state, update(1e9)));
  CHECK(left_out(health, state, update(1e9, kNoNumber)));
}

TEST_CASE("health: settled later as at once", "[train]") {
  // A GPU's updates are asked after twenty at a time.
  const Options options;
  Health now(options, {"mse"}), later(options, {"mse"});
  State a, b;
  std::vector<Skipped> told;
  for (int i = 0; i < 20; ++i) {
    const auto record = update(0.1 * i, i % 5 == 0 ? kNoNumber : 0.2 * i, i);
    now.skip(a, record);
    now.settle(a);
    later.skip(b, record);
  }
  const auto settled = later.settle(b);
  CHECK(settled.updates() == 20);
  CHECK(settled.made == 16);
  CHECK(settled.norm == 19);
  CHECK(settled.loss == Approx(0.2 * (190 - 30) / 16));
  CHECK(to_json(a) == to_json(b));
  CHECK(later.settle(b).updates() == 0);
}

TEST_CASE("diagnosis: the first tensor that broke, how much of it, and where", "[train]") {
  data::StoreInfo store;
  store.clips.resize(2);
  store.clips[0].id = "a";
  store.clips[1].id = "b";
  Batch batch;
  batch.features = at::zeros({2, 5, 3});
  batch.targets = at::zeros({2, 5, 4});
  batch.valid = at::ones({2, 5}, at::kBool);
  batch.valid[0].slice(0, 3).fill_(false);
  batch.segments = {{0, 10, 13}, {1, 100, 105}};
  batch.features[0][4][1] = kNoNumber;  // in the padding
  CHECK_FALSE(broken_input(batch, store));
  batch.features[1][2][1] = kInfinite;
  batch.features[1][3][0] = kNoNumber;
  const auto fault = broken_input(batch, store);
  REQUIRE(fault);
  CHECK(fault->stage == "input");
  CHECK(fault->note == "clip b, frame 102, value 1");
  CHECK(fault->nan == 1);
  CHECK(fault->infinite == 1);
  CHECK(fault->values == 30);
  const auto text = fault->text();
  INFO(text);
  CHECK(text.find("2 of 30 values of the features [2, 5, 3] are not finite") != text.npos);
  CHECK(to_json(fault_from(to_json(*fault))) == to_json(*fault));

  const edge::NamedTensors weights = {{"whole", at::ones({2})},
                                      {"counts", at::ones({2}, at::kLong)},
                                      {"torn", at::full({1}, kNoNumber)}};
  const auto torn = broken_weights(weights);
  REQUIRE(torn);
  CHECK(torn->name == "torn");
  CHECK(torn->text() == "1 of 1 value of torn [1] is not finite");
  CHECK_FALSE(broken_weights({weights[0], weights[1]}));

  CHECK(batch_text({{{0, 0, 3}}, {{1, 4, 5}}}, store) == "a [0, 3), b [4, 5)");
  const std::vector<data::Segment> many(8, {0, 0, 1});
  CHECK(batch_text({many}, store).find("and 2 more") != std::string::npos);
}

TEST_CASE("collapse: told after three epochs in a row, and at the end", "[train]") {
  State state;
  state.step = 99;
  CHECK_FALSE(has_collapsed(state, 0.1, true));  // it has only begun
  state.step = 100;
  CHECK_FALSE(has_collapsed(state, 0.1, false));
  CHECK_FALSE(has_collapsed(state, 0.1, false));
  CHECK(has_collapsed(state, 0.1, false));
  CHECK_FALSE(has_collapsed(state, 0.1, false));  // once
  CHECK_FALSE(has_collapsed(state, std::nullopt, true));
  CHECK(has_collapsed(state, 0.1, true));
  CHECK_FALSE(has_collapsed(state, 0.2, true));
  CHECK(state.still_epochs == 0);
  CHECK(has_collapsed(state, 0.1, true));
}

TEST_CASE("constants: features by number, curves by name", "[train]") {
  const auto rig =
      curves::parse_rig("name: three\ncurves: [jawOpen, mouthClose, mouthPucker]\n", "test");
  PieceStatistics s;
  s.features.mean = std::vector<double>(6, 0);
  s.features.std = {1, 1e-3, 1e-3, 0.5, 1e-3, 2};
  s.curves.variance = {0.1, 0, 1e-6};  // of a range of 1: a deviation of 0.001 is none
  const auto still = constants(s, rig);
  CHECK(still.features == std::vector<int64_t>{1, 2, 4});
  CHECK(still.curves == std::vector<std::string>{"mouthClose", "mouthPucker"});
  const auto lines = still.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("3 of 6") == 0);
  CHECK(lines[0].find("1-2, 4") != std::string::npos);
  CHECK(lines[1].find("2 of 3") == 0);
  CHECK(lines[1].find("mouthClose, mouthPucker") != std::string::npos);
  s.features.std = std::vector<double>(6, 1e-3);
  CHECK(constants(s, rig).lines()[0].find("hears nothing") != std::string::npos);
  s.features.std = std::vector<double>(6, 1);
  s.curves.variance = {0.1, 0.1, 0.1};
  CHECK(constants(s, rig).lines().empty());
}
