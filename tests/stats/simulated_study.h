// tests/stats/simulated_study.h
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/portable_math.h"
#include "core/random.h"
#include "stats/seed_errors.h"

namespace kuchi::stats::simulated {

/// Invented studies whose truth is known. A setting's error of seed s on unit u is
///   count[u] exp(unit[u] + own[u] + seed[s] + rest[s, u])
/// all normal with the deviations below but rest, of which one in ten is three times as large.
/// unit is shared by all settings of a study; own, seed and rest are each setting's alone.
struct Spread {
  double unit = 0.5;  // as the blocks of an evaluation of the embedded set vary
  double own = 0.1;
  double seed = 0.02;
  double rest = 0.1;
};
inline constexpr double kHeavyShare = 0.1;
inline constexpr double kHeavy = 3;

/// E exp(d z) for z of Stream::normal, the sum of twelve uniforms less 6.
inline double expected_exp(double d) {
  if (d == 0) return 1;
  const double one = (portable::exp(d / 2) - portable::exp(-d / 2)) / d;
  return std::pow(one, 12);
}

struct Study {
  std::vector<double> counts, unit;  // [units]
  Spread spread;
  uint64_t number = 0;

  Study(uint64_t number_, int64_t units, const Spread& spread_) : spread(spread_), number(number_) {
    Stream stream(number, "simulated study");
    for (int64_t u = 0; u < units; ++u) {
      counts.push_back(100 + static_cast<double>(stream.below(400)));
      unit.push_back(spread.unit * stream.normal());
    }
  }

  struct Setting {
    SeedErrors table;
    double factor = 1;  // what the error is expected to be, of its units' exp(unit)
  };

  /// Setting k of this study; effect multiplies its errors.
  Setting setting(uint64_t k, int64_t seeds, double effect = 1) const {
    Stream stream(number, "simulated setting", k);
    Setting out;
    out.table.counts = counts;
    out.table.errors = Matrix64(seeds, static_cast<int64_t>(counts.size()));
    std::vector<double> seed;
    for (int64_t s = 0; s < seeds; ++s) seed.push_back(spread.seed * stream.normal());
    for (int64_t u = 0; u < out.table.units(); ++u) {
      const auto i = static_cast<size_t>(u);
      const double own = spread.own * stream.normal();
      for (int64_t s = 0; s < seeds; ++s) {
        const double rest =
            spread.rest * stream.normal() * (stream.chance(kHeavyShare) ? kHeavy : 1.0);
        const double logarithm = unit[i] + own + seed[static_cast<size_t>(s)] + rest;
        out.table.errors(s, u) = effect * counts[i] * portable::exp(logarithm);
      }
    }
    out.factor = effect * expected_exp(spread.own) *
                 ((1 - kHeavyShare) * expected_exp(spread.rest) +
                  kHeavyShare * expected_exp(kHeavy * spread.rest));
    // Of one seed only these weights are meant.
    out.factor *= seeds > 1 ? expected_exp(spread.seed) : portable::exp(seed[0]);
    return out;
  }

  double expected_unit() const { return expected_exp(spread.unit); }
};

}  // namespace kuchi::stats::simulated
