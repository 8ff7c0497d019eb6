#include "stats/student.h"

#include <cassert>
#include <cmath>

#include "core/portable_math.h"

namespace kuchi::stats {
namespace {

// Stirling's series, after a shift to where its first terms are enough.
double log_gamma(double x) {
  double shift = 0;
  for (; x < 12; ++x) shift -= portable::log(x);
  const double y = 1 / (x * x);
  const double series = (1 / 12.0 + y * (-1 / 360.0 + y * (1 / 1260.0 - y / 1680.0))) / x;
  return shift + (x - 0.5) * portable::log(x) - x + 0.5 * portable::log(2 * portable::kPi) + series;
}

// Lentz's way through the continued fraction of the incomplete beta function.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto safe = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / safe(1 - (a + b) * x / (a + 1));
  double value = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    const double step = d * c;
    value *= step;
    if (std::abs(step - 1) < 1e-14) break;
  }
  return value;
}

// x^a y^b / (a B(a, b)) times the fraction, y = 1 - x told apart so that no digits are lost.
double incomplete_beta(double a, double b, double x, double y) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double front = portable::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) +
                                     a * portable::log(x) + b * portable::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, y) / b;
}

}  // namespace

double student_tails(double t, double df) {
  assert(df > 0);
  if (std::isnan(t)) return t;
  if (std::isinf(t)) return 0;
  const double square = t * t;
  return incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square));
}

double student_below(double t, double df) {
  const double tail = student_tails(t, df) / 2;
  return t < 0 ? tail : 1 - tail;
}

double student_quantile(double p, double df) {
  assert(p > 0 && p < 1);
  const double tails = 2 * (p < 0.5 ? p : 1 - p);
  double low = 0;
  double high = 1;
  while (student_tails(high, df) > tails && high < 1e150) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * high; ++i) {
    const double middle = low + (high - low) / 2;
    (student_tails(middle, df) > tails ? low : high) = middle;
  }
  const double t = low + (high - low) / 2;
  return p < 0.5 ? -t : t;
}

}  // namespace kuchi::stats
