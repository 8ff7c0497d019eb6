#include "core/portable_math.h"

#include <cmath>

#include "catch.h"
#include "core/random.h"

namespace portable = kuchi::portable;

namespace {

/// Largest relative difference from std:: over drawn arguments; floor_ is added to the size
/// compared with, for functions that cross zero.
template <typename F, typename G>
double worst(F ours, G theirs, double low, double high, double floor_ = 0) {
  kuchi::Stream draw(7, "portable");
  double most = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = draw.uniform(low, high);
    const double want = theirs(x);
    most = std::max(most, std::fabs(ours(x) - want) / std::max(std::fabs(want), floor_));
  }
  return most;
}

}  // namespace

TEST_CASE("portable math: within 1e-12 of the standard library", "[core]") {
  const auto std_exp = [](double x) { return std::exp(x); };
  const auto std_log = [](double x) { return std::log(x); };
  const auto std_sin = [](double x) { return std::sin(x); };
  const auto std_cos = [](double x) { return std::cos(x); };
  const auto std_tanh = [](double x) { return std::tanh(x); };

  CHECK(worst(portable::exp, std_exp, -700, 700) < 1e-12);
  CHECK(worst(portable::exp, std_exp, -1, 1) < 1e-14);
  CHECK(worst(portable::log, std_log, 1e-9, 0.99) < 1e-12);
  CHECK(worst(portable::log, std_log, 1.01, 1e9) < 1e-12);
  CHECK(worst(portable::log, std_log, 0.999, 1.001) < 1e-12);
  CHECK(worst(portable::sin, std_sin, -7, 7, 1) < 1e-14);
  CHECK(worst(portable::cos, std_cos, -7, 7, 1) < 1e-14);
  CHECK(worst(portable::sin, std_sin, -1e5, 1e5, 1) < 1e-12);
  CHECK(worst(portable::cos, std_cos, -1e5, 1e5, 1) < 1e-12);
  CHECK(worst(portable::tanh, std_tanh, -25, 25) < 1e-12);
  CHECK(worst(portable::tanh, std_tanh, -0.06, 0.06) < 1e-12);
  const auto ours = [](double x) { return portable::pow(x, 1.7); };
  const auto theirs = [](double x) { return std::pow(x, 1.7); };
  CHECK(worst(ours, theirs, 0, 1e6) < 1e-12);
}

TEST_CASE("portable math: ends of the ranges", "[core]") {
  CHECK(portable::exp(0) == 1);
  CHECK(portable::exp(-1000) == 0);
  CHECK(std::isinf(portable::exp(1000)));
  CHECK(portable::log(1) == 0);
  CHECK(std::isinf(portable::log(0)));
  CHECK(std::isnan(portable::log(-1)));
  CHECK(portable::tanh(0) == 0);
  CHECK(portable::tanh(-50) == -1);
  CHECK(portable::pow(0, 2) == 0);
  CHECK(portable::smooth_step(-1) == 0);
  CHECK(portable::smooth_step(0.5) == 0.5);
  CHECK(portable::smooth_step(2) == 1);
}
