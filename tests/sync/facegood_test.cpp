// Issue 9, "must show": lags and drifts put into real clips are found.
#include <chrono>
#include <cstdio>

#include "sync/pieces.h"

namespace {
using namespace kuchi;
using namespace kuchi::sync_test;
}  // namespace

TEST_CASE("sync: lags put into 20 s pieces of real clips are found within a frame",
          "[sync][slow]") {
  const auto takes = facegood();
  if (takes.empty()) return;
  const auto rig = rig_of("facegood");
  std::vector<double> own;
  for (const auto& take : takes) own.push_back(estimate(take, rig)->lag_ms);
  const double usual = median(own);
  int right = 0, close = 0, all = 0;
  double worst = 0;
  for (const double late_ms : {-120.0, -90.0, -60.0, -30.0, 0.0, 30.0, 60.0, 90.0, 120.0}) {
    for (const auto& take : takes) {
      const double seconds = static_cast<double>(take.audio.size()) / audio::kRate;
      for (double begin = 0; begin + 20 <= seconds; begin += 20) {
        const auto found = estimate(cut(take, begin, 20, late_ms / 1000), rig);
        REQUIRE(found);
        const double error = std::abs(found->lag_ms - usual - late_ms);
        right += error <= 33 ? 1 : 0;
        close += error <= 16 ? 1 : 0;
        worst = std::max(worst, error);
        ++all;
      }
    }
  }
  std::printf(
      "20 s pieces: %d, within 33 ms %.3f, within 16 ms %.3f, worst %.1f ms; usual lag %.1f ms\n",
      all, static_cast<double>(right) / all, static_cast<double>(close) / all, worst, usual);
  CHECK(right >= 0.95 * all);
}

TEST_CASE("sync: 0.16 % of drift over ten minutes of real clips is found to 5 ms", "[sync][slow]") {
  const auto takes = facegood();
  if (takes.empty()) return;
  const auto rig = rig_of("facegood");
  const Take ten = joined(takes, 600);
  const auto own = estimate(ten, rig);
  REQUIRE(own);
  REQUIRE(own->drift_ppm);
  for (const double ppm : {1600.0, -1600.0, 400.0}) {
    const auto found = estimate(drifting(ten, ppm), rig);
    REQUIRE(found);
    REQUIRE(found->drift_ppm);
    const double error_ms = (*found->drift_ppm * (1 - ppm * 1e-6) - *own->drift_ppm - ppm) * 600e-3;
    const double to_zero_ms = (*found->drift_ppm * (1 - ppm * 1e-6) - ppm) * 600e-3;
    std::printf(
        "drift %.0f ppm: found %.1f (own %.1f, error %.1f); %.2f ms off at ten minutes, "
        "%.2f ms if the clips had none of their own; confidence %.3f\n",
        ppm, *found->drift_ppm, *own->drift_ppm, found->drift_error_ppm, error_ms, to_zero_ms,
        found->confidence);
    CHECK(std::abs(error_ms) <= 5);
  }
}

TEST_CASE("sync: of answers of a confidence that share is right", "[sync][slow]") {
  const auto takes = facegood();
  if (takes.empty()) return;
  const auto rig = rig_of("facegood");
  std::vector<double> own;
  for (const auto& take : takes) own.push_back(estimate(take, rig)->lag_ms);
  const double usual = median(own);
  struct Answer {
    double confidence;
    bool right;
  };
  std::vector<Answer> answers;
  int mismatched = 0, sure_mismatched = 0;
  for (const double seconds : {2.0, 3.0, 5.0, 10.0, 20.0}) {
    for (size_t i = 0; i < takes.size(); ++i) {
      const double length = static_cast<double>(takes[i].audio.size()) / audio::kRate;
      int piece = 0;
      for (double begin = 0; begin + seconds <= length; begin += std::max(seconds, 4.0), ++piece) {
        Take one = cut(takes[i], begin, seconds, 0.01 * (piece % 7));
        if (const auto found = estimate(one, rig)) {
          const double error = found->lag_ms - usual - 10 * (piece % 7);
          answers.push_back({found->confidence, std::abs(error) <= 33});
        }
        if (piece % 4 != 0) continue;  // a fifth has another clip's sound, of which no lag is right
        const Take other = cut(takes[(i + 1) % takes.size()], length / 3 - begin / 4, seconds);
        one.audio = other.audio;
        if (const auto found = estimate(one, rig)) {
          answers.push_back({found->confidence, false});
          ++mismatched;
          sure_mismatched += found->confidence >= 0.9 ? 1 : 0;
        }
      }
    }
  }
  const double edges[] = {0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 1.01};
  double gap = 0;
  std::printf("confidence: mean, share right (pieces)\n");
  for (size_t b = 0; b + 1 < std::size(edges); ++b) {
    double mean = 0, right = 0, count = 0;
    for (const auto& answer : answers) {
      if (answer.confidence < edges[b] || answer.confidence >= edges[b + 1]) continue;
      mean += answer.confidence;
      right += answer.right ? 1 : 0;
      ++count;
    }
    if (count == 0) continue;
    std::printf("  %.2f  %.2f  (%.0f)\n", mean / count, right / count, count);
    gap += std::abs(mean - right) / static_cast<double>(answers.size());
  }
  std::printf("  %d of %d mismatched pieces with 0.9 and more; mean gap %.3f\n", sure_mismatched,
              mismatched, gap);
  CHECK(gap < 0.1);
  CHECK(sure_mismatched <= 0.1 * mismatched);
}

TEST_CASE("sync: what it costs beside the features", "[sync][slow]") {
  const auto takes = facegood();
  if (takes.empty()) return;
  const auto rig = rig_of("facegood");
  const auto now = [] { return std::chrono::steady_clock::now(); };
  double mel_s = 0, sync_s = 0;
  for (const auto& take : takes) {
    const auto begin = now();
    const auto mel = features::log_mel(take.audio);
    const auto middle = now();
    CHECK(sync::estimate(mel, take.track, rig));
    sync_s += std::chrono::duration<double>(now() - middle).count();
    mel_s += std::chrono::duration<double>(middle - begin).count();
  }
  std::printf("8:16 of sound: log-mel %.2f s, sync %.2f s\n", mel_s, sync_s);
  CHECK(sync_s < 5 * mel_s);
}
