#include "core/portable_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace kuchi::portable {
namespace {

constexpr double kLog2e = 1.44269504088896338700;
// ln 2 and pi/2 in two and three parts, the first ones short enough that k * part is exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kHalfPi1 = 1.57079632673412561417e+00;
constexpr double kHalfPi2 = 6.07710050630396597660e-11;
constexpr double kHalfPi3 = 2.02226624879595063154e-21;

double power_of_two(int k) {  // k in the range of normal numbers
  return std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52);
}

/// Taylor series on |r| <= pi/4: the first term left out is under 1e-17.
double sin_near_zero(double r) {
  const double s = r * r;
  static constexpr double kInverse[] = {1.0 / (16 * 17), 1.0 / (14 * 15), 1.0 / (12 * 13),
                                        1.0 / (10 * 11), 1.0 / (8 * 9),   1.0 / (6 * 7),
                                        1.0 / (4 * 5),   1.0 / (2 * 3)};
  double p = 1.0;
  for (const double inverse : kInverse) p = 1.0 - p * (s * inverse);
  return r * p;
}

double cos_near_zero(double r) {
  const double s = r * r;
  static constexpr double kInverse[] = {1.0 / (17 * 18), 1.0 / (15 * 16), 1.0 / (13 * 14),
                                        1.0 / (11 * 12), 1.0 / (9 * 10),  1.0 / (7 * 8),
                                        1.0 / (5 * 6),   1.0 / (3 * 4),   1.0 / (1 * 2)};
  double p = 1.0;
  for (const double inverse : kInverse) p = 1.0 - p * (s * inverse);
  return p;
}

/// sin(x + quarter · pi/2).
double sine_of_quarter(double x, int64_t quarter) {
  const double k = std::floor(x * (2.0 / kPi) + 0.5);
  const double r = ((x - k * kHalfPi1) - k * kHalfPi2) - k * kHalfPi3;
  switch ((static_cast<int64_t>(k) + quarter) & 3) {
    case 0:
      return sin_near_zero(r);
    case 1:
      return cos_near_zero(r);
    case 2:
      return -sin_near_zero(r);
    default:
      return -cos_near_zero(r);
  }
}

}  // namespace

double exp(double x) {
  if (x < -708.0) return 0.0;
  if (x > 709.0) return std::numeric_limits<double>::infinity();
  const double k = std::floor(x * kLog2e + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  static constexpr double kInverse[] = {1.0 / 13, 1.0 / 12, 1.0 / 11, 1.0 / 10, 1.0 / 9,
                                        1.0 / 8,  1.0 / 7,  1.0 / 6,  1.0 / 5,  1.0 / 4,
                                        1.0 / 3,  1.0 / 2,  1.0};
  double p = 1.0;
  for (const double inverse : kInverse) p = 1.0 + p * (r * inverse);
  return p * power_of_two(static_cast<int>(k));
}

double log(double x) {
  if (x == 0.0) return -std::numeric_limits<double>::infinity();
  if (!(x > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  int k = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xfffffffffffffULL) | (uint64_t{1023} << 52));
  if (m > 1.41421356237309504880) {
    m *= 0.5;
    ++k;
  }
  // log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172
  const double s = (m - 1.0) / (m + 1.0);
  const double s2 = s * s;
  double p = 0.0;
  for (int n = 25; n >= 1; n -= 2) p = p * s2 + 1.0 / static_cast<double>(n);
  return k * kLn2High + (k * kLn2Low + 2.0 * s * p);
}

double sin(double x) { return sine_of_quarter(x, 0); }
double cos(double x) { return sine_of_quarter(x, 1); }

double tanh(double x) {
  if (x < 0.0) return -tanh(-x);
  if (x < 0.05) {
    const double s = x * x;
    const double p = 62.0 / 2835.0 - s * (1382.0 / 155925.0);
    return x * (1.0 - s * (1.0 / 3.0 - s * (2.0 / 15.0 - s * (17.0 / 315.0 - s * p))));
  }
  if (x > 20.0) return 1.0;
  const double e = exp(2.0 * x);
  return (e - 1.0) / (e + 1.0);
}

double pow(double x, double y) {
  if (x == 0.0) return 0.0;
  return exp(y * log(x));
}

double smooth_step(double x) {
  if (!(x > 0.0)) return 0.0;
  if (x >= 1.0) return 1.0;
  return x * x * (3.0 - 2.0 * x);
}

}  // namespace kuchi::portable
