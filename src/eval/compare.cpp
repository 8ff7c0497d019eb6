#include "eval/compare.h"

#include "core/error.h"
#include "stats/permutation.h"

namespace kuchi::eval {

Comparison compare_mse(const Suite& a, const Suite& b, const stats::BootstrapOptions& options,
                       int64_t permutations) {
  if (a.units.clip.empty() || a.units.clip != b.units.clip || a.units.count != b.units.count ||
      a.units.squared_error.size() != a.units.clip.size() ||
      b.units.squared_error.size() != b.units.clip.size()) {
    fail_data(a.model + " and " + b.model,
              "measured over different clips; evaluate both on the same split of the same store");
  }
  Comparison out;
  out.ratio = stats::paired_ratio(a.units.squared_error, b.units.squared_error, options);
  std::vector<double> differences(a.units.squared_error);
  for (size_t u = 0; u < differences.size(); ++u) differences[u] -= b.units.squared_error[u];
  // One unit can only say 1: nothing rather than a number that looks like evidence.
  if (differences.size() > 1) {
    out.p = stats::sign_flip_p(differences, permutations, options.seed);
  }
  return out;
}

std::vector<PairComparison> compare_all(std::span<const Suite> systems,
                                        const stats::BootstrapOptions& options,
                                        int64_t permutations) {
  std::vector<PairComparison> out;
  std::vector<std::optional<double>> p;
  for (size_t a = 0; a < systems.size(); ++a) {
    for (size_t b = a + 1; b < systems.size(); ++b) {
      out.push_back({a, b, compare_mse(systems[a], systems[b], options, permutations), {}});
      p.push_back(out.back().found.p);
    }
  }
  const auto corrected = stats::holm(p);
  for (size_t i = 0; i < out.size(); ++i) out[i].p_corrected = corrected[i];
  return out;
}

}  // namespace kuchi::eval
