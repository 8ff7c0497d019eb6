#include "post/snap.h"

#include <algorithm>
#include <cmath>

namespace kuchi::post {
namespace {

constexpr int kMostSteps = 50;
constexpr double kShut = 1e-6;   // aperture
constexpr double kProbe = 1e-4;  // of a curve, for the slope

/// x after a step, kept within the curve's range, or no further outside than it was.
double moved(double x, double step, const curves::Curve& curve) {
  return std::clamp(x + step, std::min(curve.low, x), std::max(curve.high, x));
}

}  // namespace

Snap::Snap(const curves::Rig& rig, double below, double above)
    : rig_(rig), below_(below), above_(above > 0 ? above : 1.25 * below) {
  for (const auto& name : rig.aperture.names()) curves_.push_back(rig.index(name));
}

double Snap::aperture(std::span<const float> frame) const {
  std::vector<double> x;
  for (const auto c : curves_) x.push_back(frame[static_cast<size_t>(c)]);
  return rig_.aperture.evaluate(x);
}

void Snap::filter(std::span<float> frame) {
  const double open = aperture(frame);
  shut_ = shut_ ? open <= above_ : open < below_;
  if (shut_ && open > 0) shut(frame);
}

void Snap::shut(std::span<float> frame) const {
  std::vector<double> x;
  for (const auto c : curves_) x.push_back(frame[static_cast<size_t>(c)]);
  const auto curve = [&](size_t i) -> const curves::Curve& {
    return rig_.curves[static_cast<size_t>(curves_[i])];
  };
  for (int step = 0; step < kMostSteps; ++step) {
    const double open = rig_.aperture.evaluate(x);
    if (!(open > kShut)) break;
    std::vector<double> slope(x.size());
    double squared = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      auto probe = x;
      probe[i] += kProbe;
      slope[i] = (rig_.aperture.evaluate(probe) - open) / kProbe;
      // What stands at its bound and would have to go beyond it does not take part.
      if (moved(x[i], -slope[i], curve(i)) == x[i]) slope[i] = 0;
      squared += slope[i] * slope[i];
    }
    if (!(squared > 0)) break;  // nothing that could shut them
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = moved(x[i], -open * slope[i] / squared, curve(i));
    }
  }
  for (size_t i = 0; i < x.size(); ++i) {
    frame[static_cast<size_t>(curves_[i])] = static_cast<float>(x[i]);
  }
}

}  // namespace kuchi::post
