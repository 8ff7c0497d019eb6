// data.fraction: learning from a share of the training part.
#include "child.h"
#include "data/store.h"
#include "eval/suite.h"
#include "train/evaluate_run.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// The pieces of a run's training part, as its data.json has them.
std::vector<nlohmann::json> learnt_from(const fs::path& run, const std::string& split = "train") {
  std::vector<nlohmann::json> out;
  const auto json = nlohmann::json::parse(file_bytes(run / "data.json"));
  for (const auto& piece : json.at("pieces")) {
    if (piece.at("split") == split) out.push_back(piece);
  }
  return out;
}

int64_t frames_of(const std::vector<nlohmann::json>& pieces) {
  int64_t frames = 0;
  for (const auto& p : pieces) {
    frames += p.at("end").get<int64_t>() - p.at("begin").get<int64_t>();
  }
  return frames;
}

}  // namespace

TEST_CASE("fraction: half is trained on, what is held out stays, statistics are of the half",
          "[train]") {
  const auto whole = new_run(), half = new_run(), again = new_run();
  run_training(whole, small({"model.head=linear"}));
  run_training(half, small({"model.head=linear", "data.fraction=0.5"}));
  run_training(again, small({"model.head=linear", "data.fraction=0.5"}));
  CHECK(frames_of(learnt_from(half)) ==
        std::llround(0.5 * static_cast<double>(frames_of(learnt_from(whole)))));
  CHECK(learnt_from(half, "valid") == learnt_from(whole, "valid"));
  CHECK(learnt_from(half, "test") == learnt_from(whole, "test"));
  const auto of_whole = saved(whole), of_half = saved(half);
  CHECK_FALSE(at::equal(of_half.at("feature_mean"), of_whole.at("feature_mean")));
  CHECK_FALSE(at::equal(of_half.at("curve_mean"), of_whole.at("curve_mean")));
  const bool same = left(half).model == left(again).model;
  CHECK(same);
  // The mean that r2 is measured against is that of what was trained on, and nothing else.
  train::EvaluateOptions options;
  options.split = "train";
  const auto judging = train::open_judging({half}, options);
  int64_t judged = 0;
  for (const auto& p : judging.pieces) judged += p.end - p.begin;
  CHECK(judged == frames_of(learnt_from(half)));
  const auto mean = of_half.at("curve_mean").to(at::kDouble);
  std::vector<double> sums(static_cast<size_t>(mean.numel()), 0);
  for (const auto& p : judging.pieces) {
    const auto curves = judging.store.read_curves(p.clip, p.begin, p.end);
    for (int64_t t = 0; t < curves.rows; ++t) {
      for (int64_t c = 0; c < curves.cols; ++c) sums[static_cast<size_t>(c)] += curves(t, c);
    }
  }
  for (size_t c = 0; c < sums.size(); ++c) {
    CHECK(mean[static_cast<int64_t>(c)].item<double>() ==
          Approx(sums[c] / static_cast<double>(judged)).margin(1e-6));
  }
}

TEST_CASE("fraction: k epochs and a resume are N epochs, augmented too", "[train][slow]") {
  const Settings some = {"data.fraction=0.4", "train.schedule=constant", "train.warmup=0",
                         "augment.rate=0.2", "augment.noise=0.1"};
  const auto whole = new_run(), parts = new_run();
  run_training(whole, small(joined(some, {"train.max_epochs=4"})));
  run_training(parts, small(joined(some, {"train.max_epochs=2"})));
  train::resume(parts, {"train.max_epochs=4"});
  CHECK_SAME(left(whole), left(parts));
}

TEST_CASE("fraction: two processes learn from the same share as one", "[train][slow]") {
  workshop();
  const auto one = new_run(), two = new_run();
  const Settings some = {"data.fraction=0.6", "train.max_epochs=2"};
  auto alone = training(one, some), together = training(two, some);
  alone.push_back("train.grad_accumulation=2");
  together.insert(together.end(), {"train.grad_accumulation=1", "--nproc", "2"});
  REQUIRE(program(alone) == 0);
  REQUIRE(program(together) == 0);
  CHECK(learnt_from(one) == learnt_from(two));
  const auto a = saved(one), b = saved(two);
  for (const auto& [name, tensor] : a) {
    INFO(name);
    CHECK((tensor - b.at(name)).abs().max().item<double>() <= 1e-5);
  }
}
