#include "stats/paired_test.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/random.h"
#include "stats/permutation.h"

namespace kuchi::stats {
namespace {

// Variance of the two settings' summed errors by their seeds, and its degrees of freedom.
struct SumLuck {
  double variance = 0;
  int64_t freedom = 0;
};

SumLuck sum_luck(const SeedErrors& a, const SeedErrors& b, double total_a, double total_b) {
  const auto single = single_luck({seed_luck(a), seed_luck(b)});
  return {single[0] * total_a * total_a / static_cast<double>(a.seeds()) +
              single[1] * total_b * total_b / static_cast<double>(b.seeds()),
          a.seeds() + b.seeds() - 2};
}

double draw_student(int64_t freedom, Stream& stream) {
  const double top = stream.normal();
  double squares = 0;
  for (int64_t i = 0; i < freedom; ++i) {
    const double z = stream.normal();
    squares += z * z;
  }
  return top / std::sqrt(squares / static_cast<double>(freedom));
}

double flipped_sum(std::span<const double> differences, Stream& stream) {
  double sum = 0;
  uint64_t signs = 0;
  for (size_t i = 0; i < differences.size(); ++i) {
    if (i % 64 == 0) signs = stream.next();
    // No branch: half of all guesses at a drawn sign are wrong.
    sum += differences[i] * (1 - 2 * static_cast<double>(signs & 1));
    signs >>= 1;
  }
  return sum;
}

}  // namespace

std::optional<double> paired_p(const SeedErrors& a, const SeedErrors& b, int64_t permutations,
                               uint64_t seed) {
  assert(a.units() == b.units());
  if (a.units() < 2 || a.seeds() == 0 || b.seeds() == 0) return std::nullopt;
  auto differences = seed_average(a);
  const auto other = seed_average(b);
  double total_a = 0;
  double total_b = 0;
  double magnitude = 0;
  for (size_t u = 0; u < differences.size(); ++u) {
    total_a += differences[u];
    total_b += other[u];
    differences[u] -= other[u];
    magnitude += std::abs(differences[u]);
  }
  const SumLuck luck = sum_luck(a, b, total_a, total_b);
  if (!(luck.variance > 0)) return sign_flip_p(differences, permutations, seed);

  const double deviation = std::sqrt(luck.variance);
  // As in sign_flip_p: sums of the same numbers in another order may differ in the last bits.
  const double bar = std::abs(total_a - total_b) - 1e-12 * magnitude;
  Stream stream(seed, "sign flip and seeds");
  int64_t extreme = 0;
  for (int64_t i = 0; i < permutations; ++i) {
    const double flipped = flipped_sum(differences, stream);
    extreme += std::abs(flipped + deviation * draw_student(luck.freedom, stream)) >= bar;
  }
  return static_cast<double>(extreme + 1) / static_cast<double>(permutations + 1);
}

double smallest_paired_p(int64_t units, int64_t permutations) {
  const double drawn = 1 / static_cast<double>(permutations + 1);
  if (units < 1) return 1;
  return std::max(drawn, std::ldexp(1.0, 1 - static_cast<int>(std::min<int64_t>(units, 1000))));
}

Verdict verdict(std::optional<double> ratio, std::optional<double> corrected_p, double alpha) {
  if (!ratio || !corrected_p || !(*corrected_p <= alpha) || *ratio == 1) {
    return Verdict::kNotEnoughEvidence;
  }
  return *ratio < 1 ? Verdict::kBetter : Verdict::kWorse;
}

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBetter:
      return "better";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kNotEnoughEvidence:
      return "not enough evidence";
  }
  return "";
}

}  // namespace kuchi::stats
