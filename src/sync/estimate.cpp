#include "sync/estimate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sync/profile.h"

namespace kuchi::sync {
namespace {

constexpr double kShortest_s = 1.5;
constexpr double kRight_s = 0.0333;  // a frame of 30 fps
// Confidence, fitted on 1.5 … 20 s of real, embedded and mismatched clips: experiments/sync.
constexpr double kSamplesPer_s = 8;
constexpr double kJitter_s = 0.040;  // of a lag of one second
constexpr double kNothingPer_s = 1, kNothing = 20;
constexpr double kMostR2 = 0.98;
constexpr double kOdds0 = -0.451, kOdds1 = 1.123;
constexpr double kCoarse_s = 1 / kRate_hz;
constexpr double kFine_s = 0.0002;
constexpr double kPicture_s = 0.005;
constexpr double kAround_s = 0.12;   // a window's lag is sought so far from the line
constexpr double kBiweight = 4.685;  // of the residuals' scale: 95 % as good as least squares

/// Around what the lag in the middle of a clip lies within kLongest_s: 0, or, where a drift that
/// adds `end_s` from the middle to the end carried it out of there, what both had that begin
/// together.
double centre_of(double middle_s, double end_s) {
  return std::abs(middle_s) <= kLongest_s ? 0 : end_s;
}

/// The best line on a grid, then on finer ones around it.
Line best_line(const Profile& profile, bool drifts) {
  const double half = profile.seconds() / 2;
  double step = kCoarse_s;
  const auto reach = drifts ? std::floor(profile.drift_reach_s() / step) : 0.0;
  Line best;
  double best_r2 = -1;
  const auto consider = [&](double middle_s, double end_s) {  // end_s: what drift adds at the end
    if (std::abs(end_s) > profile.drift_reach_s() + 1e-9) return;
    if (std::abs(middle_s - centre_of(middle_s, end_s)) > kLongest_s + 1e-9) return;
    const Line line{middle_s, end_s / half};
    const double r2 = profile.r2(line);
    if (r2 > best_r2) {
      best_r2 = r2;
      best = line;
    }
  };
  const double longest = std::floor((kLongest_s + profile.drift_reach_s()) / step);
  for (double e = -reach; e <= reach; ++e) {
    for (double m = -longest; m <= longest; ++m) consider(m * step, e * step);
  }
  for (step /= 4; step > kFine_s / 2; step /= 4) {
    const double middle = best.middle_s, end = best.slope * half;
    const double ends = drifts ? 4 : 0;
    for (double e = -ends; e <= ends; ++e) {
      for (double m = -4; m <= 4; ++m) consider(middle + m * step, end + e * step);
    }
  }
  return best;
}

/// The lag of each window, within kAround_s of the line; a parabola through the peak.
std::vector<WindowLag> window_lags(const Profile& profile, const Line& line) {
  const auto map = profile.map(line);
  std::vector<WindowLag> out;
  for (int64_t w = 0; w < profile.windows(); ++w) {
    const double middle = profile.window_middle_s(w), expected = profile.lag_at(line, middle);
    const auto strength = [&](double from_line) {
      return profile.strength(w, expected + from_line, map);
    };
    double best = 0;
    for (double d = -kAround_s; d <= kAround_s + 1e-9; d += kPicture_s) {
      if (strength(d) > strength(best)) best = d;
    }
    const double before = strength(best - kPicture_s), at = strength(best),
                 after = strength(best + kPicture_s);
    const double bend = before - 2 * at + after;
    if (bend < 0) best += kPicture_s * std::clamp(0.5 * (before - after) / bend, -1.0, 1.0);
    out.push_back({middle, 1000 * (expected + best), at});
  }
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Fit {
  Line line;
  double slope_error = 0;
};

/// A straight line through the windows' lags around `from`, each weighing as its strength squared
/// and by Tukey's biweight; nothing from under three windows.
std::optional<Fit> robust_line(const std::vector<WindowLag>& windows, const Line& from,
                               double seconds) {
  std::vector<WindowLag> used;
  for (const auto& window : windows) {
    if (window.strength >= kWeak) used.push_back(window);
  }
  if (used.size() < 3) return std::nullopt;
  const double half = seconds / 2;
  Fit fit{from, 0};
  for (int round = 0; round < 20; ++round) {
    std::vector<double> away;
    for (const auto& w : used) {
      away.push_back(
          std::abs(w.lag_ms / 1000 - fit.line.middle_s - fit.line.slope * (w.middle_s - half)));
    }
    const double scale = std::max(1.4826 * median(away), 0.002);
    double sw = 0, st = 0, sl = 0, stt = 0, stl = 0, srr = 0, count = 0;
    for (size_t i = 0; i < used.size(); ++i) {
      const double far = away[i] / (kBiweight * scale);
      if (far >= 1) continue;
      const double tukey = (1 - far * far) * (1 - far * far);
      const double weight = tukey * used[i].strength * used[i].strength;
      const double t = used[i].middle_s - half, lag = used[i].lag_ms / 1000;
      sw += weight, st += weight * t, sl += weight * lag;
      stt += weight * t * t, stl += weight * t * lag;
      srr += weight * away[i] * away[i];
      count += tukey;
    }
    const double spread = stt - st * st / std::max(sw, 1e-12);
    if (!(spread > 0) || count < 2.5) return std::nullopt;
    const Line next{0, (stl - st * sl / sw) / spread};
    const double middle = (sl - next.slope * st) / sw;
    const double change =
        std::abs(middle - fit.line.middle_s) + std::abs(next.slope - fit.line.slope) * half;
    fit.line = {middle, next.slope};
    fit.slope_error = std::sqrt(srr / (count - 2) * count / sw / spread * sw / count);
    if (change < 1e-6) break;
  }
  return fit;
}

/// Share of a normal distribution around `at` that lies within kRight_s of 0.
double share_right(double at_s, double deviation_s) {
  const auto below = [&](double x) {
    return 0.5 * std::erfc(-(x - at_s) / deviation_s / std::numbers::sqrt2);
  };
  return below(kRight_s) - below(-kRight_s);
}

double confidence_of(const Profile& profile, const Line& line) {
  const double seconds = profile.seconds();
  const double jitter_s = kJitter_s / std::sqrt(seconds);
  const auto likelihood = [&](double lag_s) {
    return -kSamplesPer_s * seconds / 2 *
           std::log(1 - std::min(profile.r2({lag_s, line.slope}), kMostR2));
  };
  const double top = likelihood(line.middle_s);
  const double centre = centre_of(line.middle_s, line.slope * seconds / 2);
  double right = 0, all = 0, count = 0;
  for (double from = -kLongest_s; from <= kLongest_s + 1e-9; from += kPicture_s / 2, ++count) {
    const double lag = centre + from;
    const double mass = std::exp(likelihood(lag) - top);
    all += mass;
    right += mass * share_right(lag - line.middle_s, jitter_s);
  }
  const double nothing = count * std::exp(std::min(kNothingPer_s * seconds, kNothing) - top);
  const double share = right / (all + nothing);
  const double odds = std::clamp(std::log((share + 1e-9) / (1 - share + 1e-4)), -4.0, 7.0);
  return 1 / (1 + std::exp(-(kOdds0 + kOdds1 * odds)));
}

}  // namespace

double Estimate::lag_ms_at(double time_s) const {
  return lag_ms + drift_ppm.value_or(0) / 1000 * (time_s - seconds / 2);
}

std::optional<Estimate> estimate(const Matrix& log_mel, const curves::Track& track,
                                 const curves::Rig& rig) {
  if (rig.aperture.names().empty() || log_mel.rows < 1 || track.values.rows < 2)
    return std::nullopt;
  auto sound = heard(log_mel);
  const auto of_curves = static_cast<int64_t>(std::floor(track.times_s.back() * kRate_hz)) + 1;
  const int64_t frames = std::min(sound.rows, of_curves);
  if (static_cast<double>(frames) < kShortest_s * kRate_hz) return std::nullopt;
  sound.rows = frames;
  sound.data.resize(static_cast<size_t>(frames * kBands));
  const Profile profile(sound, seen(track, rig, frames));
  if (!profile.moves()) return std::nullopt;

  Estimate out;
  out.seconds = profile.seconds();
  const bool drifts = out.seconds >= kShortestDrift_s;
  Line line = best_line(profile, drifts);
  out.windows = window_lags(profile, line);
  if (drifts) {
    if (const auto fit = robust_line(out.windows, line, out.seconds)) {
      line = fit->line;
      out.drift_error_ppm = fit->slope_error * 1e6;
      out.drift_ppm = line.slope * 1e6;
    }
  }
  out.lag_ms = line.middle_s * 1000;
  out.confidence = confidence_of(profile, line);
  const double centre = centre_of(line.middle_s, line.slope * out.seconds / 2);
  for (double from = -kLongest_s; from <= kLongest_s + 1e-9; from += kPicture_s) {
    const double lag = centre + from;
    out.lags_ms.push_back(lag * 1000);
    out.correlation.push_back(std::sqrt(profile.r2({lag, line.slope})));
  }
  return out;
}

}  // namespace kuchi::sync
