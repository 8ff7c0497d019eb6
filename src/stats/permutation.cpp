#include "stats/permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/random.h"

namespace kuchi::stats {
namespace {

double signed_sum(std::span<const double> differences, std::span<const uint64_t> signs) {
  double sum = 0;
  for (size_t i = 0; i < differences.size(); ++i) {
    const bool minus = (signs[i / 64] >> (i % 64)) & 1;
    sum += minus ? -differences[i] : differences[i];
  }
  return sum;
}

}  // namespace

std::optional<double> sign_flip_p(std::span<const double> differences, int64_t permutations,
                                  uint64_t seed) {
  const size_t units = differences.size();
  if (units == 0) return std::nullopt;
  double magnitude = 0;
  for (double d : differences) magnitude += std::abs(d);
  const double observed = std::abs(std::accumulate(differences.begin(), differences.end(), 0.0));
  // Sums of the same numbers in another order of signs may differ in the last bits: a tie counts.
  const double bar = observed - 1e-12 * magnitude;

  std::vector<uint64_t> signs((units + 63) / 64);
  const bool exact = units < 62 && (int64_t{1} << units) <= permutations;
  const int64_t tries = exact ? int64_t{1} << units : permutations;
  Stream stream(seed, "sign flip");
  int64_t extreme = 0;
  for (int64_t i = 0; i < tries; ++i) {
    for (auto& word : signs) word = exact ? static_cast<uint64_t>(i) : stream.next();
    extreme += std::abs(signed_sum(differences, signs)) >= bar;
  }
  const int64_t added = exact ? 0 : 1;
  return static_cast<double>(extreme + added) / static_cast<double>(tries + added);
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] < p[j]; });
  std::vector<double> corrected(p.size());
  double largest = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    const double raised = static_cast<double>(p.size() - k) * p[order[k]];
    largest = std::max(largest, std::min(1.0, raised));
    corrected[order[k]] = largest;
  }
  return corrected;
}

std::vector<std::optional<double>> holm(std::span<const std::optional<double>> p) {
  std::vector<double> family;
  for (const auto& one : p) {
    if (one) family.push_back(*one);
  }
  const auto corrected = holm(family);
  std::vector<std::optional<double>> out(p.size());
  size_t next = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i]) out[i] = corrected[next++];
  }
  return out;
}

}  // namespace kuchi::stats
