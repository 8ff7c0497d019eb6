#include "augment/biquad.h"

#include <cmath>

#include "audio/audio.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

struct Corner {
  double amplitude, cos, alpha;  // A, cos w0 and alpha of the cookbook
  Corner(double hz, double q, double gain_db) {
    const double turn = 2 * portable::kPi * hz / audio::kRate;
    amplitude = portable::pow(10, gain_db / 40);
    cos = portable::cos(turn);
    alpha = portable::sin(turn) / (2 * q);
  }
};

constexpr double kSlopeOne = 0.70710678118654752;  // the Q of a shelf of slope 1

Biquad shelf(double hz, double gain_db, double side) {  // side 1: low, -1: high
  const Corner c(hz, kSlopeOne, gain_db);
  const double a = c.amplitude, root = 2 * std::sqrt(a) * c.alpha, cosine = side * c.cos;
  const double a0 = (a + 1) + (a - 1) * cosine + root;
  Biquad out;
  out.b0 = a * ((a + 1) - (a - 1) * cosine + root) / a0;
  out.b1 = side * 2 * a * ((a - 1) - (a + 1) * cosine) / a0;
  out.b2 = a * ((a + 1) - (a - 1) * cosine - root) / a0;
  out.a1 = side * -2 * ((a - 1) + (a + 1) * cosine) / a0;
  out.a2 = ((a + 1) + (a - 1) * cosine - root) / a0;
  return out;
}

}  // namespace

Biquad Biquad::peak(double hz, double q, double gain_db) {
  const Corner c(hz, q, gain_db);
  const double a0 = 1 + c.alpha / c.amplitude;
  Biquad out;
  out.b0 = (1 + c.alpha * c.amplitude) / a0;
  out.b1 = out.a1 = -2 * c.cos / a0;
  out.b2 = (1 - c.alpha * c.amplitude) / a0;
  out.a2 = (1 - c.alpha / c.amplitude) / a0;
  return out;
}

Biquad Biquad::low_shelf(double hz, double gain_db) { return shelf(hz, gain_db, 1); }
Biquad Biquad::high_shelf(double hz, double gain_db) { return shelf(hz, gain_db, -1); }

void Biquad::run(std::span<float> audio) const {
  double s1 = 0, s2 = 0;  // transposed direct form II
  for (auto& v : audio) {
    const double x = v, y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b2 * x - a2 * y;
    v = static_cast<float>(y);
  }
}

}  // namespace kuchi::augment
