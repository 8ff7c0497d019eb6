#include "eval/lips.h"

#include <cmath>

#include "catch.h"
#include "eval/evaluate.h"
#include "eval/golden_clips.h"
#include "eval/silence.h"

namespace kuchi::eval {
namespace {

// A mouth that opens and closes with changing depth; shifted by a fraction of a frame if asked.
std::vector<float> lips(int64_t frames, double late) {
  std::vector<float> out;
  for (int64_t t = 0; t < frames; ++t) {
    const double x = static_cast<double>(t) - late;
    out.push_back(
        static_cast<float>(0.5 + 0.3 * std::sin(x * 0.61) + 0.2 * std::sin(x * 0.37 + 1)));
  }
  return out;
}

ClipResult clip_of(const std::string& id, int64_t frames) {
  ClipResult clip{id, 30, Matrix(frames, 1), Matrix(frames, 1), {}, {}, {}, {}, 16000};
  return clip;
}

// Speech for speech_s seconds, then silence 60 dB below it.
std::vector<float> speech_then_silence(double speech_s, double seconds) {
  std::vector<float> out;
  for (int64_t i = 0; i < static_cast<int64_t>(seconds * 16000); ++i) {
    const float wave = i % 2 ? 0.1f : -0.1f;
    out.push_back(static_cast<double>(i) / 16000 < speech_s ? wave : wave * 0.001f);
  }
  return out;
}

}  // namespace

TEST_CASE("closures are runs below the threshold, each placed in its middle", "[eval]") {
  const std::vector<float> aperture = {0, 0, 1, 1, 0.05f, 1, 0, 0, 0, 0};
  CHECK(closures(aperture, 0.1) == std::vector<double>{0.5, 4, 7.5});
  CHECK(closures(aperture, 0.0).empty());
  CHECK(closures({}, 0.1).empty());
}

TEST_CASE("threshold: a tenth of the 95th percentile", "[eval]") {
  std::vector<float> aperture;
  for (int i = 0; i <= 100; ++i) aperture.push_back(static_cast<float>(i));
  CHECK(closed_threshold(aperture) == Approx(9.5));
}

TEST_CASE("closures match one to one, nearest first, up to the bound and no further", "[eval]") {
  const std::vector<double> predicted = {9.5, 10.5, 30, 51.2}, target = {10, 31.2, 50};
  const auto pairs = match_nearest(predicted, target, 1.2);
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0] == std::pair<size_t, size_t>{0, 0});  // 1 is as near, but later, and left over
  const std::vector<double> far = {51.3};
  CHECK(match_nearest(far, target, 1.2).empty());
  // Nearest first: 2 takes 2.2, although 1 came first and would have reached it too.
  const std::vector<double> a = {1.2, 2.0}, b = {2.2};
  CHECK(match_nearest(a, b, 1.2) == std::vector<std::pair<size_t, size_t>>{{1, 0}});
}

TEST_CASE("av_lag finds a delay to a tenth of a frame, positive where late", "[eval]") {
  const auto target = lips(400, 0);
  for (double late : {-4.0, -0.5, 0.0, 0.3, 2.0, 6.4}) {
    INFO(late);
    CHECK(*velocity_lag(lips(400, late), target, 7) == Approx(late).margin(0.1));
  }
  CHECK(!velocity_lag(std::vector<float>(400, 0.5f), target, 7));
  CHECK(!velocity_lag({}, {}, 7));
}

TEST_CASE("closure and av_lag reach the suite; the median is over clips", "[eval]") {
  std::vector<ClipResult> clips;
  for (double late : {1.0, 2.0, 5.0}) {
    auto clip = clip_of("late" + std::to_string(late), 400);
    clip.target_aperture = lips(400, 0);
    clip.prediction_aperture = lips(400, late);
    clips.push_back(clip);
  }
  Options options;
  options.closed_below = 0.2;
  const auto suite = evaluate(clips, {{"x", 1, 0}}, std::nullopt, options);
  CHECK(*suite.metrics.value("av_lag") == Approx(2000 / 30.0).epsilon(0.05));
  CHECK(!suite.metrics.find("av_lag")->low);  // three clips do not make an interval
  // 40 ms are 1.2 frames: a closure one frame late is met, two or five frames late is not.
  CHECK(*suite.per_clip[0].second.value("closure_recall") > 0.9);
  CHECK(*suite.per_clip[2].second.value("closure_recall") == 0);
  CHECK(suite.metrics.find("closure_f1")->low);
}

TEST_CASE("closure scores by hand", "[eval]") {
  auto clip = clip_of("a", 12);
  clip.target_aperture = {0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0};
  clip.prediction_aperture = {0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1};  // 0 met, 4 met by 5, 8 wrong
  const auto suite = evaluate({{clip}}, {{"x", 1, 0}}, std::nullopt);
  CHECK(*suite.metrics.value("closure_precision") == Approx(2.0 / 3));
  CHECK(*suite.metrics.value("closure_recall") == Approx(2.0 / 3));
  CHECK(*suite.metrics.value("closure_f1") == Approx(2.0 / 3));
}

TEST_CASE("without aperture and audio their metrics are absent", "[eval]") {
  const auto suite = evaluate(golden::few(), golden::curves(), std::nullopt);
  CHECK(!suite.metrics.find("av_lag"));
  CHECK(!suite.metrics.find("closure_f1"));
  CHECK(!suite.metrics.find("rest"));
  CHECK(!suite.metrics.find("still"));
}

TEST_CASE("silence: 40 dB down for 200 ms, a shorter gap is none", "[eval]") {
  auto clip = clip_of("a", 60);
  clip.audio = speech_then_silence(1.0, 2.0);
  const auto silent = silent_frames(clip);
  REQUIRE(silent.size() == 60);
  CHECK(!silent[30]);  // its window still reaches 12.5 ms back into speech
  CHECK(silent[31]);
  CHECK(silent[59]);
  clip.audio = speech_then_silence(2.0, 2.0);
  for (size_t i = 8000; i < 8000 + 2400; ++i) clip.audio[i] = 0;  // 150 ms
  for (bool s : silent_frames(clip)) CHECK(!s);
  clip.audio.clear();
  CHECK(silent_frames(clip).empty());
}

TEST_CASE("rest: from 500 ms after speech on every curve is near its rest", "[eval]") {
  auto clip = clip_of("a", 60);  // speech to frame 30, so rest counts from frame 45
  clip.audio = speech_then_silence(1.0, 2.0);
  const auto rest = [&] {
    return evaluate({{clip}}, {{"x", 2, 0.5}}, std::nullopt).metrics.value("rest");
  };
  for (float& p : clip.prediction.data) p = 0.6f;  // 0.05 of a range of 2 away: just near enough
  CHECK(*rest() == 100);
  clip.prediction(44, 0) = 1;
  CHECK(*rest() == 100);
  clip.prediction(45, 0) = 0.61f;
  CHECK(*rest() == 0);
  clip.audio = speech_then_silence(1.6, 2.0);  // ends before a rest could show
  CHECK(!rest());
}

TEST_CASE("still: mean speed in silence, beside the target's", "[eval]") {
  auto clip = clip_of("a", 60);
  clip.audio = speech_then_silence(1.0, 2.0);
  for (int64_t t = 0; t < 60; ++t) {
    clip.prediction(t, 0) = t % 2 ? 0.1f : 0.0f;
    clip.target(t, 0) = t % 2 ? 0.05f : 0.0f;
  }
  const auto suite = evaluate({{clip}}, {{"x", 1, 0}}, std::nullopt);
  CHECK(*suite.metrics.value("still") == Approx(3));  // 0.1 a frame at 30 fps
  CHECK(*suite.metrics.value("still_ratio") == Approx(2));
}

}  // namespace kuchi::eval
