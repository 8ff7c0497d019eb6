#include <cmath>
#include <cstdio>

#include "io/png.h"
#include "sync/correction.h"
#include "sync/picture.h"
#include "sync/pieces.h"
#include "sync/profile.h"

namespace {
using namespace kuchi;
using namespace kuchi::sync_test;
}  // namespace

TEST_CASE("sync: lips and a voice that follows them: the lag is exact, late is positive",
          "[sync]") {
  const auto rig = one_curve();
  for (const double late : {-0.4, -0.12, -0.015, 0.0, 0.05, 0.12, 0.45}) {
    INFO(late);
    const auto found = estimate(babble(12, late), rig);
    REQUIRE(found);
    CHECK(found->lag_ms == Approx(1000 * late).margin(5));
    CHECK(found->confidence > 0.9);
    CHECK_FALSE(found->drift_ppm);  // of twelve seconds nothing is said
    CHECK(found->windows.size() == 1);
  }
}

TEST_CASE("sync: a drift is found with its sign and stays apart from the lag", "[sync]") {
  const auto rig = one_curve();
  const Take take = babble(90, 0.06);
  for (const double ppm : {-1000.0, 0.0, 1600.0}) {
    INFO(ppm);
    const auto found = estimate(drifting(take, ppm), rig);
    REQUIRE(found);
    REQUIRE(found->drift_ppm);
    // Per second of the curves' own clock, which is the one that is wrong.
    CHECK(*found->drift_ppm == Approx(ppm / (1 - ppm * 1e-6)).margin(60));
    CHECK(found->lag_ms_at(0) == Approx(60).margin(6));
    CHECK(found->drift_error_ppm < 60);
  }
}

TEST_CASE("sync: where nothing can be said nothing is", "[sync]") {
  const auto rig = one_curve();
  Take take = babble(5, 0);
  Take still = take, silent = take, brief = babble(1, 0);
  for (float& v : still.track.values.data) v = 0.5F;
  std::fill(silent.audio.begin(), silent.audio.end(), 0.0F);
  CHECK_FALSE(estimate(still, rig));
  CHECK_FALSE(estimate(silent, rig));
  CHECK_FALSE(estimate(brief, rig));
  auto blind = curves::parse_rig("name: one\ncurves: [open]\n", "one");
  CHECK_FALSE(estimate(take, blind));
  CHECK(estimate(take, rig));
}

TEST_CASE("sync: another clip's lips are no match", "[sync]") {
  const auto rig = one_curve();
  Take wrong = babble(20, 0, 1);
  wrong.track = babble(20, 0, 2).track;
  const auto found = estimate(wrong, rig);
  REQUIRE(found);
  CHECK(found->confidence < 0.3);
}

TEST_CASE("sync: the usual lag is the sure clips' median, and clips are compared with it",
          "[sync]") {
  std::vector<std::optional<sync::Estimate>> clips(6);
  const double lags[] = {40, 44, 48, 300, -400};
  for (size_t i = 0; i < 5; ++i) {
    clips[i].emplace();
    clips[i]->lag_ms = lags[i];
    clips[i]->confidence = i < 4 ? 0.95 : 0.2;
    clips[i]->seconds = 100;
  }
  CHECK(*sync::usual_lag_ms(clips) == Approx(46));
  CHECK_FALSE(sync::usual_lag_ms(std::vector<std::optional<sync::Estimate>>(2)));

  sync::Options none, deviation, drift;
  deviation.correct = "deviation";
  drift.drift = true;
  CHECK(sync::correction_of(*clips[3], 46, none).none());
  CHECK(sync::correction_of(*clips[0], 46, deviation).none());  // within what is noise
  CHECK(sync::correction_of(*clips[4], 46, deviation).none());  // not sure
  CHECK(sync::correction_of(*clips[3], 46, deviation).shift_ms == Approx(254));

  auto slow = *clips[3];
  slow.drift_ppm = 1600;
  slow.drift_error_ppm = 100;
  CHECK(sync::correction_of(slow, 46, deviation).slope_ppm == 0);
  const auto only = sync::correction_of(slow, 46, drift);
  CHECK(only.slope_ppm == 1600);
  CHECK(only.shift_ms == 0);
  deviation.drift = true;
  const auto both = sync::correction_of(slow, 46, deviation);
  curves::Track track = track_of(Matrix(3001, 1), 30);
  sync::apply(both, track);
  CHECK(track.times_s[1500] == Approx(50 + 0.254));  // its middle moves by the deviation
  CHECK(track.times_s[3000] - track.times_s[0] == Approx(100 * 1.0016));
  slow.drift_error_ppm = 700;
  CHECK(sync::correction_of(slow, 46, drift).none());  // could be chance
}

TEST_CASE("sync: what was estimated can be looked at", "[sync]") {
  const auto found = estimate(babble(70, 0.08), one_curve());
  REQUIRE(found);
  const auto best = std::max_element(found->correlation.begin(), found->correlation.end());
  const auto at = static_cast<size_t>(best - found->correlation.begin());
  CHECK(found->lags_ms[at] == Approx(found->lag_ms).margin(5));
  CHECK(found->lags_ms.front() == Approx(-500));
  CHECK(found->windows.size() == 7);
  const auto png = sync::picture(*found, 20.0);
  CHECK(png.substr(1, 3) == "PNG");
  CHECK(png.size() > 1000);
  CHECK(png == sync::picture(*found, 20.0));
}

TEST_CASE("sync: the embedded set's leads are found, clip by clip", "[sync][slow]") {
  synth::Options options;
  options.clips = 36;
  options.seconds = 12;
  const auto rig = rig_of("arkit-mouth");
  int right = 0;
  std::vector<double> errors;
  for (int64_t i = 0; i < options.clips; ++i) {
    const auto clip = synth::make_clip(options, i);
    const auto found = estimate(synthetic(options, i), rig);
    REQUIRE(found);
    errors.push_back(found->lag_ms - 1000 * clip.lead_s);  // the mouth ahead: the audio is late
    if (std::abs(errors.back()) <= 33) ++right;
  }
  std::printf("embedded set: %d of 36 within 33 ms of the truth, median error %.1f ms\n", right,
              median(errors));
  CHECK(right >= 35);
}

TEST_CASE("sync: 0.16 % of drift over ten minutes of one embedded speaker is found to 5 ms",
          "[sync][slow]") {
  synth::Options options;
  options.clips = 200;
  options.seconds = 60;
  std::vector<Take> takes;
  for (int64_t i = 0; i < 120; i += 12) takes.push_back(synthetic(options, i));  // 12 speakers
  const double lead_ms = 1000 * synth::make_clip(options, 0).lead_s;
  const auto rig = rig_of("arkit-mouth");
  const Take ten = joined(takes, 600);
  for (const double ppm : {0.0, 1600.0, -1600.0}) {
    const auto found = estimate(drifting(ten, ppm), rig);
    REQUIRE(found);
    REQUIRE(found->drift_ppm);
    const double error_ms = (*found->drift_ppm * (1 - ppm * 1e-6) - ppm) * 600e-3;
    std::printf(
        "embedded, %.0f ppm: found %.1f (error %.1f), %.2f ms off at ten minutes; at the begin "
        "%.1f ms, put in %.1f\n",
        ppm, *found->drift_ppm, found->drift_error_ppm, error_ms, found->lag_ms_at(0), lead_ms);
    CHECK(std::abs(error_ms) <= 5);
    CHECK(found->lag_ms_at(0) == Approx(lead_ms).margin(20));
  }
}
