#include "augment/augment.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "catch.h"

using namespace kuchi;
using namespace kuchi::augment;

namespace {

constexpr int64_t kBands = 20, kStack = 3, kFrames = 40;

/// Features whose every value differs from the mean.
struct Fixture {
  std::vector<float> mean, std;
  Matrix x{kFrames, kBands* kStack};
  Layout layout;
  Fixture() {
    for (int64_t c = 0; c < x.cols; ++c) {
      mean.push_back(-5.0F - static_cast<float>(c) * 0.01F);
      std.push_back(1.0F + static_cast<float>(c) * 0.1F);
    }
    Stream draw(3, "test.augment");
    for (auto& v : x.data) v = static_cast<float>(draw.uniform(0, 3));
    layout = {kBands, kStack, mean, std};
  }
  Matrix changed(const Options& o, uint64_t key) const {
    Matrix out = x;
    apply(o, layout, Stream(1, "augment", key, 0), out);
    return out;
  }
  /// What a spectrum whose value is its band's number becomes.
  std::vector<double> on_a_ramp(const Options& o, uint64_t key) const {
    Matrix m(1, kBands * kStack);
    for (int64_t c = 0; c < m.cols; ++c) m(0, c) = static_cast<float>(c % kBands);
    apply(o, layout, Stream(1, "augment", key, 0), m);
    return {m.data.begin(), m.data.begin() + kBands};
  }
  bool hidden(const Matrix& m, int64_t t, int64_t c) const {
    return m(t, c) == mean[static_cast<size_t>(c)];
  }
};

Options everything() {
  Options o;
  o.time_masks = 2;
  o.band_masks = 2;
  o.band_mask_bands = 5;
  o.band_shift = 2;
  o.band_warp = 0.1;
  o.gain_db = 6;
  o.noise = 0.1;
  return o;
}

}  // namespace

TEST_CASE("augment: nothing asked for changes nothing", "[augment]") {
  const Fixture f;
  CHECK(f.changed({}, 1).data == f.x.data);
}

TEST_CASE("augment: the stream decides, all of it", "[augment]") {
  const Fixture f;
  CHECK(f.changed(everything(), 1).data == f.changed(everything(), 1).data);
  CHECK(f.changed(everything(), 1).data != f.changed(everything(), 2).data);
}

TEST_CASE("augment: lengths stay, values stay finite, one frame and none included", "[augment]") {
  const Fixture f;
  for (const int64_t frames : {0, 1, 2, 40}) {
    Matrix m(frames, kBands * kStack);
    for (uint64_t key = 0; key < 20; ++key) {
      apply(everything(), f.layout, Stream(1, "augment", key, 0), m);
      CHECK(m.rows == frames);
      CHECK(m.cols == kBands * kStack);
      for (const float v : m.data) REQUIRE(std::isfinite(v));
    }
  }
}

TEST_CASE("augment: a masked band is the training mean in every copy, at every frame",
          "[augment]") {
  const Fixture f;
  Options o;
  o.band_masks = 1;
  o.band_mask_bands = 5;
  std::set<int64_t> widths;
  for (uint64_t key = 0; key < 200; ++key) {
    const auto m = f.changed(o, key);
    std::vector<int64_t> bands;
    for (int64_t b = 0; b < kBands; ++b) {
      if (f.hidden(m, 0, b)) bands.push_back(b);
    }
    widths.insert(static_cast<int64_t>(bands.size()));
    if (!bands.empty()) {  // one run
      CHECK(bands.back() - bands.front() + 1 == static_cast<int64_t>(bands.size()));
    }
    for (int64_t t = 0; t < kFrames; ++t) {
      for (int64_t c = 0; c < m.cols; ++c) {
        REQUIRE(f.hidden(m, t, c) == f.hidden(m, 0, c % kBands));
        if (!f.hidden(m, t, c)) REQUIRE(m(t, c) == f.x(t, c));
      }
    }
  }
  CHECK(widths == std::set<int64_t>{0, 1, 2, 3, 4, 5});  // SpecAugment: 0 up to the longest
}

TEST_CASE("augment: a masked frame is hidden whole, a run of up to the longest", "[augment]") {
  const Fixture f;
  Options o;
  o.time_masks = 1;
  o.time_mask_frames = 4;
  std::set<size_t> lengths;
  bool first = false, last = false;
  for (uint64_t key = 0; key < 300; ++key) {
    const auto m = f.changed(o, key);
    std::vector<int64_t> frames;
    for (int64_t t = 0; t < kFrames; ++t) {
      const bool hidden = f.hidden(m, t, 0);
      for (int64_t c = 0; c < m.cols; ++c) REQUIRE(f.hidden(m, t, c) == hidden);
      if (hidden) frames.push_back(t);
    }
    lengths.insert(frames.size());
    if (!frames.empty()) {
      CHECK(frames.back() - frames.front() + 1 == static_cast<int64_t>(frames.size()));
      first = first || frames.front() == 0;
      last = last || frames.back() == kFrames - 1;
    }
  }
  CHECK(lengths == std::set<size_t>{0, 1, 2, 3, 4});
  CHECK(first);
  CHECK(last);
}

TEST_CASE("augment: a gain moves all log powers by ln(10^(dB/10)), within its bound", "[augment]") {
  const Fixture f;
  Options o;
  o.gain_db = 6;
  const double bound = std::log(std::pow(10.0, 0.6));
  double low = 0, high = 0;
  for (uint64_t key = 0; key < 300; ++key) {
    const auto m = f.changed(o, key);
    const double shift = static_cast<double>(m(0, 0)) - static_cast<double>(f.x(0, 0));
    CHECK(std::abs(shift) <= bound + 1e-6);
    for (size_t i = 0; i < m.data.size(); ++i) {
      REQUIRE(static_cast<double>(m.data[i] - f.x.data[i]) == Approx(shift).margin(1e-5));
    }
    low = std::min(low, shift);
    high = std::max(high, shift);
  }
  CHECK(high > 0.95 * bound);  // the bound is reached, on both sides
  CHECK(low < -0.95 * bound);
}

TEST_CASE("augment: a shift of exactly one band moves every band by one, the edge holds",
          "[augment]") {
  const Fixture f;
  bool up = false, down = false;
  for (uint64_t key = 0; key < 20; ++key) {
    Options o;
    o.band_shift = 1;
    const double drawn = f.on_a_ramp(o, key)[kBands / 2] - kBands / 2;  // in ±1, by the stream
    CHECK(std::abs(drawn) <= 1);
    if (std::abs(drawn) < 0.1) continue;
    o.band_shift = 1 / std::abs(drawn);  // the same draw is now one band, up or down
    const auto m = f.changed(o, key);
    (drawn > 0 ? up : down) = true;
    for (int64_t t = 0; t < kFrames; ++t) {
      for (int64_t c = 0; c < m.cols; ++c) {
        const int64_t band = c % kBands;
        const int64_t from = std::clamp<int64_t>(band + (drawn > 0 ? 1 : -1), 0, kBands - 1);
        REQUIRE(m(t, c) == Approx(f.x(t, c - band + from)).margin(1e-4));
      }
    }
  }
  CHECK(up);
  CHECK(down);
}

TEST_CASE("augment: a warp stretches the mel axis by its share at most, the edge holds",
          "[augment]") {
  const Fixture f;
  Options o;
  o.band_warp = 0.25;
  double low = 10, high = 0;
  for (uint64_t key = 0; key < 100; ++key) {
    const auto ramp = f.on_a_ramp(o, key);
    const double stretch = ramp[10] / 10;
    CHECK(stretch <= 1.25 + 1e-5);
    CHECK(stretch >= 1 / 1.25 - 1e-5);
    for (size_t b = 0; b < ramp.size(); ++b) {
      REQUIRE(ramp[b] ==
              Approx(std::min(stretch * static_cast<double>(b), static_cast<double>(kBands - 1)))
                  .margin(1e-4));
    }
    low = std::min(low, stretch);
    high = std::max(high, stretch);
  }
  CHECK(low < 0.85);
  CHECK(high > 1.18);
}

TEST_CASE("augment: a rate is as often faster as slower, within its share", "[augment]") {
  Options o;
  CHECK(draw_rate(o, Stream(1, "rate")) == 1);
  o.rate = 0.2;
  int faster = 0;
  for (uint64_t key = 0; key < 1000; ++key) {
    const double rate = draw_rate(o, Stream(1, "rate", key, 0));
    CHECK(rate <= 1.2 + 1e-9);
    CHECK(rate >= 1 / 1.2 - 1e-9);
    CHECK(rate == draw_rate(o, Stream(1, "rate", key, 0)));
    if (rate > 1) ++faster;
  }
  CHECK(faster > 400);
  CHECK(faster < 600);
}

TEST_CASE("augment: noise has the deviation asked for, in each feature's own unit", "[augment]") {
  const Fixture f;
  Options o;
  o.noise = 0.5;
  double square = 0, sum = 0;
  int64_t count = 0;
  for (uint64_t key = 0; key < 20; ++key) {
    const auto m = f.changed(o, key);
    for (int64_t t = 0; t < kFrames; ++t) {
      for (int64_t c = 0; c < m.cols; ++c) {
        const double d = static_cast<double>(m(t, c) - f.x(t, c)) /
                         static_cast<double>(f.std[static_cast<size_t>(c)]);
        sum += d;
        square += d * d;
        ++count;
      }
    }
  }
  const auto n = static_cast<double>(count);
  CHECK(std::sqrt(square / n) == Approx(0.5).epsilon(0.02));
  CHECK(std::abs(sum / n) < 0.01);
}
