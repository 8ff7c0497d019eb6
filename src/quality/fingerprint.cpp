#include "quality/fingerprint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>
#include <unordered_map>

#include "audio/audio.h"
#include "core/interrupt.h"

namespace kuchi::quality {
namespace {

constexpr int kDecimated_hz = 5000;  // the paper's rate: bands end at 2000 Hz
constexpr size_t kWindow = 2048;     // samples at that rate: 0.41 s
constexpr size_t kHop = 58;          // 11.6 ms
constexpr size_t kBands = 33;
constexpr double kLowest_hz = 300, kHighest_hz = 2000;
constexpr double kWordStep_s = static_cast<double>(kHop) / kDecimated_hz;
constexpr double kQuiet = 1e-3;  // of the loudest window's energy: its words say nothing
constexpr uint32_t kSaysNothing = 0;
constexpr size_t kMostClipsOfWord = 40;  // a word in more clips than that tells none apart
constexpr double kShortestPart_s = 3;
constexpr double kLeastEqual = 0.72;
constexpr int64_t kLeastVotes = 3;

void fft(std::vector<std::complex<float>>& x) {
  const size_t n = x.size();
  for (size_t i = 1, j = 0; i < n; ++i) {
    size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (size_t length = 2; length <= n; length <<= 1) {
    const double angle = -2 * std::numbers::pi / static_cast<double>(length);
    const std::complex<float> step(static_cast<float>(std::cos(angle)),
                                   static_cast<float>(std::sin(angle)));
    for (size_t i = 0; i < n; i += length) {
      std::complex<float> w(1, 0);
      for (size_t k = 0; k < length / 2; ++k) {
        const auto a = x[i + k], b = x[i + k + length / 2] * w;
        x[i + k] = a + b;
        x[i + k + length / 2] = a - b;
        w *= step;
      }
    }
  }
}

std::vector<size_t> band_edges() {
  std::vector<size_t> edges;
  for (size_t b = 0; b <= kBands; ++b) {
    const double hz =
        kLowest_hz * std::pow(kHighest_hz / kLowest_hz, static_cast<double>(b) / kBands);
    edges.push_back(static_cast<size_t>(std::lround(hz * kWindow / kDecimated_hz)));
  }
  return edges;
}

/// Windows' band energies; empty where the window is quiet is told by energy[0] of the pair.
using Bands = std::array<double, kBands>;

std::vector<Bands> bands_of(std::span<const float> sound) {
  static const auto edges = band_edges();
  std::vector<float> hann(kWindow);
  for (size_t i = 0; i < kWindow; ++i) {
    hann[i] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / kWindow));
  }
  std::vector<Bands> out;
  std::vector<std::complex<float>> x(kWindow);
  // Two windows a transform: one in the real, one in the imaginary part.
  for (size_t at = 0; at + kWindow <= sound.size(); at += 2 * kHop) {
    const bool two = at + kHop + kWindow <= sound.size();
    for (size_t i = 0; i < kWindow; ++i) {
      x[i] = {sound[at + i] * hann[i], two ? sound[at + kHop + i] * hann[i] : 0};
    }
    fft(x);
    Bands first{}, second{};
    for (size_t b = 0; b < kBands; ++b) {
      for (size_t k = edges[b]; k < std::max(edges[b + 1], edges[b] + 1); ++k) {
        const auto up = x[k], down = std::conj(x[kWindow - k]);
        first[b] += std::norm((up + down) * 0.5F);
        second[b] += std::norm((up - down) * 0.5F);
      }
    }
    out.push_back(first);
    if (two) out.push_back(second);
  }
  return out;
}

/// Share of equal bits where b begins `shift` words after a, over words that say something.
double equal_bits(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, int64_t shift,
                  int64_t& compared) {
  int64_t equal = 0;
  compared = 0;
  const auto n = static_cast<int64_t>(a.size()), m = static_cast<int64_t>(b.size());
  for (int64_t i = std::max<int64_t>(0, shift); i < std::min(n, m + shift); ++i) {
    const auto x = a[static_cast<size_t>(i)], y = b[static_cast<size_t>(i - shift)];
    if (x == kSaysNothing || y == kSaysNothing) continue;
    equal += 32 - std::popcount(x ^ y);
    ++compared;
  }
  return compared > 0 ? static_cast<double>(equal) / (32.0 * static_cast<double>(compared)) : 0;
}

int64_t telling(const std::vector<uint32_t>& words) {
  return std::count_if(words.begin(), words.end(), [](uint32_t w) { return w != kSaysNothing; });
}

}  // namespace

std::vector<uint32_t> sound_words(std::span<const float> audio) {
  const auto sound = audio::resample(audio, audio::kRate, kDecimated_hz);
  const auto bands = bands_of(sound);
  std::vector<double> energy;
  for (const auto& window : bands) {
    double sum = 0;
    for (const double e : window) sum += e;
    energy.push_back(sum);
  }
  const double loudest = energy.empty() ? 0 : *std::max_element(energy.begin(), energy.end());
  std::vector<uint32_t> words;
  for (size_t t = 1; t < bands.size(); ++t) {
    uint32_t word = 0;
    for (size_t b = 0; b + 1 < kBands; ++b) {
      const double now = bands[t][b] - bands[t][b + 1];
      const double before = bands[t - 1][b] - bands[t - 1][b + 1];
      word |= now - before > 0 ? uint32_t{1} << b : 0;
    }
    const bool quiet = !(energy[t] > kQuiet * loudest);
    words.push_back(quiet ? kSaysNothing : word);
  }
  return words;
}

std::vector<Same> same_sounds(const std::vector<std::vector<uint32_t>>& clips) {
  // Where each word stands. Neighbouring windows overlap, so that every word is found near its
  // place.
  std::unordered_map<uint32_t, std::vector<std::pair<uint32_t, uint32_t>>> places;
  for (size_t c = 0; c < clips.size(); ++c) {
    for (size_t t = 0; t < clips[c].size(); ++t) {
      if (clips[c][t] == kSaysNothing) continue;
      places[clips[c][t]].emplace_back(static_cast<uint32_t>(c), static_cast<uint32_t>(t));
    }
  }
  std::vector<Same> out;
  for (size_t b = 1; b < clips.size(); ++b) {
    if (b % 64 == 0) check_interrupt();
    std::map<std::pair<uint32_t, int64_t>, int64_t> votes;  // (clip, shift in words)
    for (size_t t = 0; t < clips[b].size(); ++t) {
      const auto found = places.find(clips[b][t]);
      if (found == places.end() || found->second.size() > kMostClipsOfWord) continue;
      for (const auto& [a, at] : found->second) {
        if (a < b) ++votes[{a, static_cast<int64_t>(at) - static_cast<int64_t>(t)}];
      }
    }
    std::map<uint32_t, std::pair<int64_t, int64_t>> best;  // clip: votes, shift
    for (const auto& [key, count] : votes) {
      auto& now = best[key.first];
      if (count > now.first) now = {count, key.second};
    }
    for (const auto& [a, vote] : best) {
      if (vote.first < kLeastVotes) continue;
      Same same{a, b, 0, 0, 0};
      int64_t most = 0;
      for (int64_t shift = vote.second - 2; shift <= vote.second + 2; ++shift) {
        int64_t compared = 0;
        const double equal = equal_bits(clips[a], clips[b], shift, compared);
        if (equal <= same.agreement) continue;
        same.agreement = equal;
        same.shift_s = static_cast<double>(shift) * kWordStep_s;
        most = compared;
      }
      const auto shorter = std::min(telling(clips[a]), telling(clips[b]));
      const double part_s = static_cast<double>(most) * kWordStep_s;
      same.share = shorter > 0 ? static_cast<double>(most) / static_cast<double>(shorter) : 0;
      const bool long_enough = part_s >= kShortestPart_s || same.share > 0.8;
      if (same.agreement >= kLeastEqual && long_enough) out.push_back(same);
    }
  }
  return out;
}

Matrix curve_shape(const Matrix& values, std::span<const double> times_s, double fps) {
  constexpr double kShape_fps = 10;
  const double last_s = values.rows == 0  ? 0
                        : times_s.empty() ? static_cast<double>(values.rows - 1) / fps
                                          : times_s.back();
  const auto frames = static_cast<int64_t>(std::floor(last_s * kShape_fps)) + 1;
  Matrix shape(frames, values.cols);
  std::vector<int64_t> count(static_cast<size_t>(frames), 0);
  std::vector<double> sums(shape.data.size(), 0);
  for (int64_t t = 0; t < values.rows; ++t) {
    const double at_s =
        times_s.empty() ? static_cast<double>(t) / fps : times_s[static_cast<size_t>(t)];
    const auto frame = std::min(frames - 1, static_cast<int64_t>(at_s * kShape_fps + 1e-9));
    ++count[static_cast<size_t>(frame)];
    for (int64_t c = 0; c < values.cols; ++c) {
      sums[static_cast<size_t>(frame * values.cols + c)] += values(t, c);
    }
  }
  for (int64_t c = 0; c < values.cols; ++c) {
    double mean = 0, squares = 0, held = 0;
    for (int64_t f = 0; f < frames; ++f) {
      const auto n = count[static_cast<size_t>(f)];
      if (n > 0) held = sums[static_cast<size_t>(f * values.cols + c)] / static_cast<double>(n);
      shape(f, c) = static_cast<float>(held);
      mean += held;
      squares += held * held;
    }
    mean /= static_cast<double>(frames);
    const double deviation =
        std::sqrt(std::max(0.0, squares / static_cast<double>(frames) - mean * mean));
    for (int64_t f = 0; f < frames; ++f) {
      const bool moves = deviation > 1e-4;  // false for NaN too
      shape(f, c) = moves ? static_cast<float>((shape(f, c) - mean) / deviation) : 0;
    }
  }
  return shape;
}

std::vector<Same> same_curves(const std::vector<Matrix>& shapes, double least) {
  std::vector<Same> out;
  const auto correlation = [](const Matrix& a, const Matrix& b, int64_t shift) {
    double product = 0, first = 0, second = 0;
    for (int64_t f = std::max<int64_t>(0, shift); f < std::min(a.rows, b.rows + shift); ++f) {
      const auto x = a.row(f), y = b.row(f - shift);
      for (size_t c = 0; c < x.size(); ++c) {
        product += static_cast<double>(x[c]) * y[c];
        first += static_cast<double>(x[c]) * x[c];
        second += static_cast<double>(y[c]) * y[c];
      }
    }
    const double scale = std::sqrt(first * second);
    return scale > 0 ? product / scale : 0;
  };
  for (size_t b = 1; b < shapes.size(); ++b) {
    if (b % 64 == 0) check_interrupt();
    for (size_t a = 0; a < b; ++a) {
      const auto n = static_cast<double>(shapes[a].rows), m = static_cast<double>(shapes[b].rows);
      if (std::abs(n - m) > std::max(3.0, 0.05 * std::max(n, m)) || std::min(n, m) < 10) continue;
      // A glance at every eighth frame saves most of the work: unlike clips show there.
      double glance = 0, own = 0;
      for (int64_t f = 0; f < std::min(shapes[a].rows, shapes[b].rows); f += 8) {
        const auto x = shapes[a].row(f), y = shapes[b].row(f);
        for (size_t c = 0; c < x.size(); ++c) {
          glance += static_cast<double>(x[c]) * y[c];
          own += 0.5 * (static_cast<double>(x[c]) * x[c] + static_cast<double>(y[c]) * y[c]);
        }
      }
      if (!(glance > 0.3 * own)) continue;
      Same same{a, b, 0, std::min(n, m) / std::max(n, m), -1};
      for (int64_t shift = -3; shift <= 3; ++shift) {
        const double r = correlation(shapes[a], shapes[b], shift);
        if (r <= same.agreement) continue;
        same.agreement = r;
        same.shift_s = static_cast<double>(shift) / 10;
      }
      if (same.agreement >= least) out.push_back(same);
    }
  }
  return out;
}

}  // namespace kuchi::quality
