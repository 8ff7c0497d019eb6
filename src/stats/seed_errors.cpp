#include "stats/seed_errors.h"

#include <algorithm>

namespace kuchi::stats {

std::vector<double> seed_average(const SeedErrors& setting) {
  std::vector<double> mean(static_cast<size_t>(setting.units()), 0.0);
  for (int64_t s = 0; s < setting.seeds(); ++s) {
    const auto row = setting.errors.row(s);
    for (size_t u = 0; u < mean.size(); ++u) mean[u] += row[u];
  }
  for (double& m : mean) m /= static_cast<double>(setting.seeds());
  return mean;
}

SeedLuck seed_luck(const SeedErrors& setting) {
  SeedLuck out;
  out.seeds = setting.seeds();
  if (setting.seeds() < 2 || setting.units() < 2) return out;
  const auto mean = seed_average(setting);
  double total = 0;
  for (double m : mean) total += m;
  if (!(total > 0)) return out;
  double between = 0;
  double left = 0;
  for (int64_t s = 0; s < setting.seeds(); ++s) {
    const auto row = setting.errors.row(s);
    double sum = 0;
    for (double e : row) sum += e;
    const double relative = sum / total;
    between += (relative - 1) * (relative - 1);
    for (size_t u = 0; u < mean.size(); ++u) {
      const double r = (row[u] - relative * mean[u]) / total;
      left += r * r;
    }
  }
  const double freedom = static_cast<double>(setting.seeds() - 1);
  const double units = static_cast<double>(setting.units());
  out.residual = left * units / (units - 1) / freedom;
  out.single = std::max(0.0, between / freedom - out.residual);
  return out;
}

std::array<double, 2> single_luck(const std::array<SeedLuck, 2>& settings) {
  std::array<double, 2> out = {settings[0].single, settings[1].single};
  for (size_t i = 0; i < 2; ++i) {
    if (settings[i].seeds == 1 && settings[1 - i].seeds > 1) out[i] = settings[1 - i].single;
  }
  return out;
}

}  // namespace kuchi::stats
