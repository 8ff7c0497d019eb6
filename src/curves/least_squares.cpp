#include "curves/least_squares.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace kuchi::curves {
namespace {

constexpr double kSingular = 1e-10;  // of a pivot beside its diagonal
constexpr double kNothing = 1e-12;   // of a gradient beside the largest right side

/// The column that would help most; -1: none does.
int64_t best_column(const MatrixOf<double>& gram, std::span<const double> right,
                    const std::vector<double>& w, const std::vector<bool>& barred) {
  double best = 0;
  for (const double r : right) best = std::max(best, kNothing * std::abs(r));
  int64_t found = -1;
  for (int64_t j = 0; j < gram.rows; ++j) {
    if (barred[static_cast<size_t>(j)]) continue;
    double gradient = right[static_cast<size_t>(j)];
    for (int64_t i = 0; i < gram.rows; ++i) gradient -= gram(j, i) * w[static_cast<size_t>(i)];
    if (gradient > best) {
      best = gradient;
      found = j;
    }
  }
  return found;
}

/// How far w can go towards x, in (0, 1], before one of `of` falls below 0.
double share_of_way(const std::vector<double>& w, const std::vector<double>& x,
                    const std::vector<int64_t>& of) {
  double share = 1;
  for (size_t i = 0; i < of.size(); ++i) {
    const double from = w[static_cast<size_t>(of[i])];
    if (x[i] <= 0) share = std::min(share, from > x[i] ? from / (from - x[i]) : 0.0);
  }
  return share;
}

}  // namespace

std::optional<std::vector<double>> solved(const MatrixOf<double>& gram,
                                          std::span<const double> right,
                                          const std::vector<int64_t>& of) {
  const auto n = static_cast<int64_t>(of.size());
  MatrixOf<double> lower(n, n);
  std::vector<double> x(of.size());
  const auto at = [&](int64_t i) { return of[static_cast<size_t>(i)]; };
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      double sum = gram(at(i), at(j));
      for (int64_t k = 0; k < j; ++k) sum -= lower(i, k) * lower(j, k);
      if (i == j && !(sum > kSingular * gram(at(i), at(i)))) return std::nullopt;
      lower(i, j) = i == j ? std::sqrt(sum) : sum / lower(j, j);
    }
    double sum = right[static_cast<size_t>(at(i))];
    for (int64_t k = 0; k < i; ++k) sum -= lower(i, k) * x[static_cast<size_t>(k)];
    x[static_cast<size_t>(i)] = sum / lower(i, i);
  }
  for (int64_t i = n - 1; i >= 0; --i) {
    double sum = x[static_cast<size_t>(i)];
    for (int64_t k = i + 1; k < n; ++k) sum -= lower(k, i) * x[static_cast<size_t>(k)];
    x[static_cast<size_t>(i)] = sum / lower(i, i);
  }
  return x;
}

std::optional<std::vector<double>> solved(const MatrixOf<double>& gram,
                                          std::span<const double> right) {
  std::vector<int64_t> all(right.size());
  std::iota(all.begin(), all.end(), int64_t{0});
  return solved(gram, right, all);
}

std::vector<double> non_negative_least_squares(const MatrixOf<double>& gram,
                                               std::span<const double> right) {
  assert(gram.rows == gram.cols && static_cast<size_t>(gram.rows) == right.size());
  std::vector<double> w(right.size(), 0.0);
  std::vector<int64_t> used;
  std::vector<bool> barred(right.size(), false);  // used, or found to be of no help
  for (size_t round = 0; round < 3 * right.size() + 3; ++round) {
    const int64_t added = best_column(gram, right, w, barred);
    if (added < 0) break;
    barred[static_cast<size_t>(added)] = true;
    used.push_back(added);
    while (!used.empty()) {
      const auto x = solved(gram, right, used);
      const bool fresh = used.back() == added && w[static_cast<size_t>(added)] == 0;
      if (!x || (fresh && x->back() <= 0)) {
        used.pop_back();  // of no help beside the others: it stays barred
        break;
      }
      const double share = share_of_way(w, *x, used);
      std::vector<int64_t> kept;
      for (size_t i = 0; i < used.size(); ++i) {
        auto& weight = w[static_cast<size_t>(used[i])];
        weight += share * ((*x)[i] - weight);
        const bool stays = (*x)[i] > 0 || weight > 1e-15;
        if (stays) kept.push_back(used[i]);
        if (!stays) {
          weight = 0;
          barred[static_cast<size_t>(used[i])] = false;
        }
      }
      const bool all = kept.size() == used.size();
      used = std::move(kept);
      if (all && share >= 1) break;
    }
  }
  return w;
}

}  // namespace kuchi::curves
