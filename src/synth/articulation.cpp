#include "synth/articulation.h"

#include <algorithm>
#include <cmath>

#include "core/portable_math.h"

namespace kuchi::synth {
namespace {

constexpr double kReach_s = 0.6;  // farther than this a phone is not felt
constexpr double kMouthSigma_s = 0.012;

/// Distance from the phone's core (its middle half; all but the edges of a silence), signed:
/// below 0 before it.
double distance_from_core(const Segment& s, double t_s) {
  const bool still = s.kind().manner == Manner::silence;
  const double half = 0.5 * (s.end_s - s.begin_s);
  const double core = still ? std::max(0.0, half - 0.03) : 0.25 * half;
  const double d = t_s - s.middle_s();
  if (d > core) return d - core;
  if (d < -core) return d + core;
  return 0;
}

bool is_of_mouth(size_t a) { return a == kJaw || a == kClose || a == kRound || a == kSpread; }

/// Anticipation that dies `steeper` times as fast for lips and jaw.
Articulation blend(const Utterance& u, size_t first, size_t last, double t_s, double steeper) {
  Articulation weight{}, sum{};
  for (size_t i = first; i < last; ++i) {
    const Segment& s = u.segments[i];
    const double d = distance_from_core(s, t_s);
    for (size_t a = 0; a < kArticulators; ++a) {
      const Pull& p = s.kind().pulls[a];
      const double before = is_of_mouth(a) ? steeper * p.before : p.before;
      const double dominance = p.strength * portable::exp(d < 0 ? d * before : -d * p.after);
      weight[a] += dominance;
      sum[a] += dominance * p.target;
    }
  }
  for (size_t a = 0; a < kArticulators; ++a) sum[a] = weight[a] > 0 ? sum[a] / weight[a] : 0;
  return sum;
}

/// 1 while `margin` inside [begin, end], falling to 0 over `flank` on both sides.
double plateau(double t, double begin, double end, double margin, double flank) {
  const double rise = (t - (begin + margin)) / flank + 1;
  const double fall = ((end - margin) - t) / flank + 1;
  return portable::smooth_step(std::min(rise, fall));
}

/// Raises one articulator to contact during each phone whose target is contact.
void force_contact(const Utterance& u, size_t articulator, double margin_s,
                   std::vector<Articulation>& frames) {
  constexpr double kFlank_s = 0.045;
  for (const Segment& s : u.segments) {
    if (s.kind().pulls[articulator].target < 0.95) continue;
    const auto k0 =
        std::max<int64_t>(0, static_cast<int64_t>((s.begin_s - 2 * kFlank_s) * kControlRate));
    const auto k1 =
        std::min<int64_t>(static_cast<int64_t>(frames.size()),
                          static_cast<int64_t>((s.end_s + 2 * kFlank_s) * kControlRate));
    for (int64_t k = k0; k < k1; ++k) {
      const double t = static_cast<double>(k) / kControlRate;
      double& value = frames[static_cast<size_t>(k)][articulator];
      const double force = plateau(t, s.begin_s, s.end_s, margin_s, kFlank_s);
      // Past 1, so that the smoothing afterwards cannot open the lips again.
      value += force * (1.12 - value);
    }
  }
}

void smooth_articulator(std::vector<Articulation>& frames, size_t a, double sigma_s) {
  std::vector<double> values(frames.size());
  for (size_t k = 0; k < frames.size(); ++k) values[k] = frames[k][a];
  smooth(values, sigma_s);
  for (size_t k = 0; k < frames.size(); ++k) frames[k][a] = std::clamp(values[k], 0.0, 1.0);
}

std::vector<double> awake_window(const Utterance& u, size_t frames) {
  std::vector<double> awake(frames);
  const double begin = u.speech_begin_s() - 0.06, end = u.speech_end_s() + 0.12;
  for (size_t k = 0; k < frames; ++k) {
    const double t = static_cast<double>(k) / kControlRate;
    awake[k] =
        portable::smooth_step((t - begin) / 0.16 + 1) * portable::smooth_step((end - t) / 0.20 + 1);
  }
  return awake;
}

}  // namespace

void smooth(std::vector<double>& values, double sigma_s) {
  const double sigma = sigma_s * kControlRate;
  const int reach = static_cast<int>(3 * sigma + 0.5);
  std::vector<double> kernel(static_cast<size_t>(2 * reach + 1));
  double total = 0;
  for (int i = -reach; i <= reach; ++i) {
    const double z = i / sigma;
    total += kernel[static_cast<size_t>(i + reach)] = portable::exp(-0.5 * z * z);
  }
  const std::vector<double> in = values;
  const int64_t n = static_cast<int64_t>(in.size());
  for (int64_t k = 0; k < n; ++k) {
    double sum = 0;
    for (int i = -reach; i <= reach; ++i) {
      const int64_t at = std::clamp<int64_t>(k + i, 0, n - 1);
      sum += kernel[static_cast<size_t>(i + reach)] * in[static_cast<size_t>(at)];
    }
    values[static_cast<size_t>(k)] = sum / total;
  }
}

ArticulationTrack articulate(const Utterance& u, Anticipation anticipation) {
  const double steeper = anticipation == Anticipation::heard ? 3.0 : 1.0;
  ArticulationTrack track;
  const auto n = static_cast<size_t>(std::floor(u.seconds() * kControlRate)) + 1;
  track.frames.resize(n);
  size_t first = 0, last = 0;
  for (size_t k = 0; k < n; ++k) {
    const double t = static_cast<double>(k) / kControlRate;
    while (first + 1 < u.segments.size() && u.segments[first].end_s < t - kReach_s) ++first;
    while (last < u.segments.size() && u.segments[last].begin_s < t + kReach_s) ++last;
    track.frames[k] = blend(u, first, last, t, steeper);
  }
  force_contact(u, kClose, 0.004, track.frames);
  force_contact(u, kLipToTeeth, 0.020, track.frames);
  for (size_t a : {kJaw, kClose, kRound, kSpread, kLipToTeeth, kTeeth}) {
    smooth_articulator(track.frames, a, kMouthSigma_s);
  }
  for (size_t a : {kHeight, kFront, kRhotic, kVelum}) smooth_articulator(track.frames, a, 0.006);
  track.awake = awake_window(u, n);
  return track;
}

namespace {
/// The entry before t and how far t is on the way to the next.
std::pair<size_t, double> locate(double t_s, size_t n) {
  const double x = std::clamp(t_s * kControlRate, 0.0, static_cast<double>(n - 1));
  const auto k = std::min(static_cast<size_t>(x), n - 2);
  return {k, x - static_cast<double>(k)};
}
}  // namespace

Articulation ArticulationTrack::at(double t_s) const {
  const auto [k, part] = locate(t_s, frames.size());
  Articulation out;
  for (size_t a = 0; a < kArticulators; ++a) {
    out[a] = frames[k][a] + part * (frames[k + 1][a] - frames[k][a]);
  }
  return out;
}

double ArticulationTrack::awake_at(double t_s) const {
  const auto [k, part] = locate(t_s, awake.size());
  return awake[k] + part * (awake[k + 1] - awake[k]);
}

}  // namespace kuchi::synth
