#include <algorithm>
#include <vector>

#include "augment/augment.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

/// A change of level moves every log-mel value alike: ln(10^(dB/10)) for power.
void gain(const Options& o, Stream& stream, Matrix& x) {
  const auto shift =
      static_cast<float>(stream.uniform(-o.gain_db, o.gain_db) * 0.1 * 2.302585092994045684);
  for (auto& v : x.data) v += shift;
}

/// Stretches the mel axis and moves it by a part of bands, as another vocal tract would; the edges
/// hold.
void warp_bands(const Options& o, const Layout& layout, Stream& stream, Matrix& x) {
  const double limit = portable::log(1 + o.band_warp);
  const double stretch = portable::exp(stream.uniform(-limit, limit));
  const double shift = stream.uniform(-o.band_shift, o.band_shift);
  const auto bands = static_cast<size_t>(layout.bands);
  std::vector<size_t> below(bands), above(bands);
  std::vector<float> share(bands);
  for (size_t b = 0; b < bands; ++b) {
    const double from =
        std::clamp(stretch * static_cast<double>(b) + shift, 0.0, static_cast<double>(bands - 1));
    below[b] = static_cast<size_t>(from);
    above[b] = std::min(below[b] + 1, bands - 1);
    share[b] = static_cast<float>(from - static_cast<double>(below[b]));
  }
  std::vector<float> old(bands);
  for (int64_t t = 0; t < x.rows; ++t) {
    for (int64_t s = 0; s < layout.stack; ++s) {
      auto row = x.row(t).subspan(static_cast<size_t>(s) * bands, bands);
      std::copy(row.begin(), row.end(), old.begin());
      for (size_t b = 0; b < bands; ++b) {
        row[b] = old[below[b]] + share[b] * (old[above[b]] - old[below[b]]);
      }
    }
  }
}

void add_noise(const Options& o, const Layout& layout, Stream& stream, Matrix& x) {
  for (int64_t t = 0; t < x.rows; ++t) {
    for (int64_t c = 0; c < x.cols; ++c) {
      x(t, c) += static_cast<float>(o.noise * stream.normal()) * layout.std[static_cast<size_t>(c)];
    }
  }
}

void mask(const Layout& layout, Matrix& x, int64_t from, int64_t to, int64_t low, int64_t high) {
  for (int64_t t = from; t < to; ++t) {
    for (int64_t s = 0; s < layout.stack; ++s) {
      for (int64_t b = low; b < high; ++b) {
        const int64_t c = s * layout.bands + b;
        x(t, c) = layout.mean[static_cast<size_t>(c)];
      }
    }
  }
}

/// A run of up to `longest` places in 0 … size-1, its length drawn first (SpecAugment).
std::pair<int64_t, int64_t> draw_run(Stream& stream, int64_t longest, int64_t size) {
  const auto length =
      static_cast<int64_t>(stream.below(static_cast<uint64_t>(std::min(longest, size) + 1)));
  const auto from = static_cast<int64_t>(stream.below(static_cast<uint64_t>(size - length + 1)));
  return {from, from + length};
}

/// Each band with the same chance, in all frames and copies.
void drop_bands(const Options& o, const Layout& layout, Stream& stream, Matrix& x) {
  for (int64_t b = 0; b < layout.bands; ++b) {
    if (stream.chance(o.feature_dropout)) mask(layout, x, 0, x.rows, b, b + 1);
  }
}

}  // namespace

void describe_features(config::Section s, Options& o) {
  s.add("feature_p", o.feature_p)
      .at_least(0)
      .at_most(1)
      .help("share of segments whose features are changed by the options that follow, but rate");
  s.add("time_masks", o.time_masks)
      .at_least(0)
      .at_most(1000)
      .help("runs of frames hidden in a segment (SpecAugment)");
  s.add("time_mask_frames", o.time_mask_frames)
      .at_least(1)
      .unit("frames")
      .help("longest run hidden in time");
  s.add("band_masks", o.band_masks)
      .at_least(0)
      .at_most(80)
      .help("runs of mel bands hidden in a segment (SpecAugment)");
  s.add("band_mask_bands", o.band_mask_bands)
      .at_least(1)
      .at_most(80)
      .unit("bands")
      .help("longest run hidden in frequency");
  s.add("band_shift", o.band_shift)
      .at_least(0)
      .at_most(20)
      .unit("bands")
      .help("largest shift along the mel axis, as of another vocal tract");
  s.add("band_warp", o.band_warp)
      .at_least(0)
      .at_most(1)
      .help("largest stretch of the mel axis, as a share: 0.05 is up to 5 %");
  s.add("rate", o.rate)
      .at_least(0)
      .at_most(1)
      .help("largest change of speaking rate, as a share; curves and sound change together");
  s.add("gain_db", o.gain_db).at_least(0).at_most(60).unit("dB").help("largest change of level");
  s.add("noise", o.noise)
      .at_least(0)
      .at_most(10)
      .help("standard deviation of noise added to normalised features");
  s.add("feature_dropout", o.feature_dropout)
      .at_least(0)
      .below(1)
      .help("share of the features (bands, or an encoder's values) hidden in a whole segment");
}

double draw_rate(const Options& o, Stream stream) {
  const double limit = portable::log(1 + o.rate);
  return portable::exp(stream.uniform(-limit, limit));
}

void apply(const Options& o, const Layout& layout, Stream stream, Matrix& x) {
  if (o.feature_p < 1 && !stream.chance(o.feature_p)) return;
  if (o.band_warp > 0 || o.band_shift > 0) warp_bands(o, layout, stream, x);
  if (o.gain_db > 0) gain(o, stream, x);
  if (o.noise > 0) add_noise(o, layout, stream, x);
  for (int64_t i = 0; i < o.band_masks; ++i) {
    const auto [low, high] = draw_run(stream, o.band_mask_bands, layout.bands);
    mask(layout, x, 0, x.rows, low, high);
  }
  for (int64_t i = 0; i < o.time_masks; ++i) {
    const auto [from, to] = draw_run(stream, o.time_mask_frames, x.rows);
    mask(layout, x, from, to, 0, layout.bands);
  }
  if (o.feature_dropout > 0) drop_bands(o, layout, stream, x);
}

}  // namespace kuchi::augment
