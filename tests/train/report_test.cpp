#include "../data/fixture.h"
#include "catch.h"
#include "train/report_choice.h"

namespace kuchi::train {
namespace {

/// Clips of one curve whose errors are the given ones in every frame.
std::vector<eval::ClipResult> clips(const std::vector<float>& errors) {
  std::vector<eval::ClipResult> out;
  for (const float e : errors) {
    eval::ClipResult clip;
    clip.id = cat("clip_", out.size());
    clip.target = Matrix(10, 1);
    clip.prediction = Matrix(10, 1, e);
    out.push_back(std::move(clip));
  }
  return out;
}

std::vector<report::Second> seconds(const std::vector<double>& errors) {
  std::vector<report::Second> out;
  for (size_t i = 0; i < errors.size(); ++i) out.push_back({i, 0, errors[i], {}});
  return out;
}

using Choice = std::vector<size_t>;

}  // namespace

TEST_CASE("report: the worst seconds' clips, then the median and the best one", "[train]") {
  const auto all = clips({0.5f, 0.1f, 0.4f, 0.2f, 0.3f});
  const auto worst = seconds({0.5, 0.6, 0.4, 0.2, 0.9});  // clip 4 has the worst second
  CHECK(choose_clips(all, worst, 1) == Choice{4});
  CHECK(choose_clips(all, worst, 2) == Choice{4, 1});
  CHECK(choose_clips(all, worst, 4) == Choice{4, 0, 2, 1});  // 4 is the median, 1 the best
  CHECK(choose_clips(all, worst, 99).size() == 5);
}

TEST_CASE("report: no clip twice, whatever is asked", "[train]") {
  const auto all = clips({0.5f, 0.1f, 0.4f});
  for (size_t count = 1; count < 5; ++count) {
    auto chosen = choose_clips(all, seconds({0.1, 0.2, 0.3}), count);
    CHECK(chosen.size() == std::min<size_t>(count, 3));
    std::sort(chosen.begin(), chosen.end());
    CHECK(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end());
  }
}

TEST_CASE("report: clips by id, each once, in the order asked", "[train]") {
  const auto all = clips({0.1f, 0.2f, 0.3f});
  CHECK(find_clips(all, {"clip_2", "clip_0", "clip_2"}, "test") == Choice{2, 0});
  const auto wrong = test::caught([&] { find_clips(all, {"clip_9"}, "test"); });
  CHECK(wrong.code == 2);
  CHECK(wrong.has("clip_9"));
  CHECK(wrong.has("did you mean"));
}

}  // namespace kuchi::train
