#include "eval/extrema.h"

#include <algorithm>
#include <cmath>

namespace kuchi::eval {
namespace {

constexpr double kCutOff = 4;  // sigmas

size_t mirrored(int64_t place, int64_t n) {
  int64_t at = place % (2 * n);
  if (at < 0) at += 2 * n;
  return static_cast<size_t>(at < n ? at : 2 * n - 1 - at);
}

double prominence_of(std::span<const double> x, int64_t peak) {
  const double top = x[static_cast<size_t>(peak)];
  const auto lowest = [&](int64_t step) {
    double low = top;
    for (int64_t i = peak; i >= 0 && i < static_cast<int64_t>(x.size()); i += step) {
      const double value = x[static_cast<size_t>(i)];
      if (value > top) break;
      low = std::min(low, value);
    }
    return low;
  };
  return top - std::max(lowest(-1), lowest(1));
}

}  // namespace

std::vector<double> gaussian(std::span<const double> x, double sigma) {
  const auto radius = static_cast<int64_t>(kCutOff * sigma + 0.5);
  std::vector<double> weights;
  double sum = 0;
  for (int64_t k = -radius; k <= radius; ++k) {
    const double z = static_cast<double>(k) / sigma;
    weights.push_back(std::exp(-0.5 * z * z));
    sum += weights.back();
  }
  const auto n = static_cast<int64_t>(x.size());
  std::vector<double> out(x.size());
  for (int64_t t = 0; t < n; ++t) {
    double value = 0;
    for (int64_t k = -radius; k <= radius; ++k) {
      value += weights[static_cast<size_t>(k + radius)] * x[mirrored(t + k, n)];
    }
    out[static_cast<size_t>(t)] = value / sum;
  }
  return out;
}

std::vector<double> derivative(std::span<const double> x) {
  std::vector<double> out(x.size(), 0);
  if (x.size() < 2) return out;
  out.front() = x[1] - x[0];
  out.back() = x[x.size() - 1] - x[x.size() - 2];
  for (size_t t = 1; t + 1 < x.size(); ++t) out[t] = (x[t + 1] - x[t - 1]) / 2;
  return out;
}

std::vector<int64_t> peaks(std::span<const double> x, double prominence) {
  std::vector<int64_t> out;
  const auto n = static_cast<int64_t>(x.size());
  const auto at = [&](int64_t i) { return x[static_cast<size_t>(i)]; };
  for (int64_t begin = 1; begin + 1 < n; ++begin) {
    if (!(at(begin - 1) < at(begin))) continue;
    int64_t end = begin + 1;
    while (end + 1 < n && at(end) == at(begin)) ++end;
    if (!(at(end) < at(begin))) continue;
    const int64_t middle = (begin + end - 1) / 2;
    if (prominence_of(x, middle) >= prominence) out.push_back(middle);
    begin = end - 1;  // what follows falls
  }
  return out;
}

}  // namespace kuchi::eval
