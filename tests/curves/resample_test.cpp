#include <cmath>
#include <numbers>

#include "audio/test_files.h"
#include "curves/track.h"

namespace {
using namespace kuchi;
using namespace kuchi::curves;

/// sin(2 pi hz t) at the given times.
Track tone(double hz, std::vector<double> times) {
  Track track;
  track.names = {"a"};
  track.values = Matrix(static_cast<int64_t>(times.size()), 1);
  for (size_t i = 0; i < times.size(); ++i) {
    track.values.data[i] = static_cast<float>(std::sin(2 * std::numbers::pi * hz * times[i]));
  }
  track.fps = static_cast<double>(times.size() - 1) / times.back();
  track.times_s = std::move(times);
  return track;
}

std::vector<double> grid(double fps, int rows) {
  std::vector<double> times;
  for (int i = 0; i < rows; ++i) times.push_back(i / fps);
  return times;
}

/// Root mean square away from the ends, of the difference from the tone at hz (0: of the values).
double error_rms(const Matrix& m, double hz, double fps) {
  double sum = 0;
  int64_t count = 0;
  for (int64_t j = 20; j < m.rows - 20; ++j, ++count) {
    const double d = m(j, 0) - (hz > 0 ? std::sin(2 * std::numbers::pi * hz * j / fps) : 0);
    sum += d * d;
  }
  return std::sqrt(sum / static_cast<double>(count));
}
}  // namespace

TEST_CASE("resample curves: a track on the grid is returned untouched", "[curves]") {
  const Track track = tone(9, grid(30, 100));
  CHECK(resample(track, 30, 100).data == track.values.data);
  const Matrix longer = resample(track, 30, 105);
  CHECK(longer.rows == 105);
  for (int64_t j = 100; j < 105; ++j) CHECK(longer(j, 0) == track.values(99, 0));
  CHECK(resample(track, 30, 40).rows == 40);
}

TEST_CASE("resample curves: going up is a straight line by time, ends are held", "[curves]") {
  Track track = tone(1, {0, 0.1, 0.3});
  track.values.data = {0, 1, -1};
  const Matrix m = resample(track, 20, 9);  // every 0.05 s
  const float expected[] = {0, 0.5f, 1, 0.5f, 0, -0.5f, -1, -1, -1};
  for (int64_t j = 0; j < 9; ++j) CHECK(m(j, 0) == Approx(expected[j]).margin(1e-6));
}

TEST_CASE("resample curves: 60 to 30 leaves a slow movement as it was", "[curves]") {
  for (const double hz : {0.5, 3.0, 8.0}) {
    INFO(hz);
    CHECK(error_rms(resample(tone(hz, grid(60, 1200)), 30, 600), hz, 30) < 0.004);
  }
}

TEST_CASE("resample curves: what the new rate cannot hold is gone by 40 dB", "[curves]") {
  for (const double hz : {15.5, 17.0, 20.0, 25.0, 29.0}) {
    INFO(hz);
    const double left = error_rms(resample(tone(hz, grid(60, 1200)), 30, 600), 0, 30);
    CHECK(20 * std::log10(left / std::sqrt(0.5)) < -40);
  }
}

TEST_CASE("resample curves: uneven times are followed by time, not by count", "[curves]") {
  std::vector<double> times;  // 59.904 rows/s with jitter and gaps: a phone's capture
  for (int i = 0; i < 1800; ++i) {
    if (i % 97 == 50) continue;
    times.push_back(i / 59.904 + (i > 0 ? 0.001 * std::sin(i * 1.7) : 0));
  }
  CHECK(error_rms(resample(tone(2, times), 30, 890), 2, 30) < 0.02);
}

TEST_CASE("resample curves: a capture's 30.004 rows/s are not filtered for 30", "[curves]") {
  const Matrix m = resample(tone(5, grid(30.004, 300)), 30, 299);
  CHECK(error_rms(m, 5, 30) < 0.03);  // a straight line between rows loses at most this
}

TEST_CASE("resample curves: going down never leaves the range that was seen", "[curves]") {
  Track track = tone(1, grid(60, 240));
  for (int i = 0; i < 240; ++i) track.values.data[static_cast<size_t>(i)] = i / 60 % 2 ? 1.f : 0.f;
  const Matrix m = resample(track, 25, 110);
  for (const float v : m.data) {
    CHECK(v >= 0);
    CHECK(v <= 1);
  }
  CHECK(m(109, 0) == Approx(1).margin(1e-3));  // past the end: the last row
}

TEST_CASE("resample curves: one row is held for ever", "[curves]") {
  Track track = tone(1, {0});
  track.values.data = {0.25f};
  CHECK(resample(track, 30, 3).data == std::vector<float>{0.25f, 0.25f, 0.25f});
}
