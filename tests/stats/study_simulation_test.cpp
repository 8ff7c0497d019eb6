// What the statistics of studies promise, counted in studies that are made up.
#include <algorithm>
#include <vector>

#include "catch.h"
#include "stats/hierarchical.h"
#include "stats/paired_test.h"
#include "stats/permutation.h"
#include "stats/simulated_study.h"

namespace kuchi::stats {
namespace {

struct Cell {
  int64_t units, seeds;
  double seed_effect;
};

struct Coverage {
  double mean = 0, ratio = 0;  // shares of the studies
};

Coverage coverage(const Cell& cell, int studies) {
  Coverage out;
  simulated::Spread spread;
  spread.seed = cell.seed_effect;
  for (int i = 0; i < studies; ++i) {
    const auto number = static_cast<uint64_t>(i);
    const simulated::Study study(number, cell.units, spread);
    const auto a = study.setting(0, cell.seeds);
    const auto b = study.setting(1, cell.seeds);
    // 300 x 0.95 is whole, so that so few resamples widen nothing and narrow nothing.
    const BootstrapOptions options{299, number, 0.95};
    const auto mean = hierarchical_mean(a.table, options);
    const auto ratio = hierarchical_ratio(a.table, b.table, options);
    const double true_mean = study.expected_unit() * a.factor;
    const double true_ratio = a.factor / b.factor;
    out.mean += mean.low && *mean.low <= true_mean && true_mean <= *mean.high;
    out.ratio += ratio.low && *ratio.low <= true_ratio && true_ratio <= *ratio.high;
  }
  out.mean /= studies;
  out.ratio /= studies;
  return out;
}

// Share of the studies of which at least one of five questions, all truly without a difference, is
// answered with better or worse.
double false_alarms(const Cell& cell, int studies, int64_t permutations) {
  int alarms = 0;
  simulated::Spread spread;
  spread.seed = cell.seed_effect;
  for (int i = 0; i < studies; ++i) {
    const auto number = static_cast<uint64_t>(i);
    const simulated::Study study(number, cell.units, spread);
    const auto baseline = study.setting(0, cell.seeds).table;
    std::vector<double> p;
    for (uint64_t k = 1; k <= 5; ++k) {
      p.push_back(*paired_p(study.setting(k, cell.seeds).table, baseline, permutations, number));
    }
    const auto corrected = holm(p);
    alarms += *std::min_element(corrected.begin(), corrected.end()) <= 0.05;
  }
  return static_cast<double>(alarms) / studies;
}

std::string words(const Cell& cell) {
  return std::to_string(cell.units) + " units, " + std::to_string(cell.seeds) + " seeds, effect " +
         std::to_string(cell.seed_effect);
}

void promise_coverage(int64_t units) {
  for (const Cell& cell :
       {Cell{units, 1, 0}, Cell{units, 3, 0}, Cell{units, 3, 0.02}, Cell{units, 3, 0.04},
        Cell{units, 5, 0}, Cell{units, 5, 0.02}, Cell{units, 5, 0.04}}) {
    const auto share = coverage(cell, 2000);
    INFO(words(cell));
    WARN(words(cell) << ": mean " << 100 * share.mean << " %, ratio " << 100 * share.ratio << " %");
    CHECK(share.mean >= 0.93);
    CHECK(share.mean <= 0.97);
    CHECK(share.ratio >= 0.93);
    CHECK(share.ratio <= 0.97);
  }
}

void promise_few_false_alarms(int64_t units) {
  for (const Cell& cell : {Cell{units, 1, 0}, Cell{units, 3, 0.02}, Cell{units, 3, 0.04},
                           Cell{units, 5, 0.02}, Cell{units, 5, 0.04}}) {
    const double share = false_alarms(cell, 2000, 599);
    INFO(words(cell));
    WARN(words(cell) << ": false alarms " << 100 * share << " %");
    CHECK(share <= 0.06);
  }
}

}  // namespace

TEST_CASE("study simulation: what an error is expected to be is known", "[stats]") {
  double sum = 0;
  const int draws = 20000;
  Stream stream(1, "expected");
  for (int i = 0; i < draws; ++i) sum += portable::exp(0.5 * stream.normal());
  const double deviation = 0.604;  // of exp(0.5 z): sqrt(e^0.5 - e^0.25) = 0.6039
  CHECK(std::abs(sum / draws - simulated::expected_exp(0.5)) < 4 * deviation / std::sqrt(draws));
  CHECK(simulated::expected_exp(0.5) == Approx(std::exp(0.125)).epsilon(1e-3));
}

TEST_CASE("study simulation: intervals of 20 units and 3 seeds hold the truth", "[stats]") {
  // 0.93, less four standard errors of 300 studies.
  const auto share = coverage({20, 3, 0.02}, 300);
  CHECK(share.mean > 0.93 - 4 * 0.0148);
  CHECK(share.ratio > 0.93 - 4 * 0.0148);
}

TEST_CASE("study simulation: a seed's luck is no evidence, as flips alone would have it",
          "[stats]") {
  const Cell cell{50, 3, 0.04};
  CHECK(false_alarms(cell, 150, 599) < 0.06 + 4 * 0.0194);
  int alarms = 0;  // of flips alone, one question
  for (uint64_t i = 0; i < 150; ++i) {
    const simulated::Study study(i, cell.units, {0.5, 0.1, cell.seed_effect, 0.1});
    auto differences = seed_average(study.setting(0, cell.seeds).table);
    const auto other = seed_average(study.setting(1, cell.seeds).table);
    for (size_t u = 0; u < other.size(); ++u) differences[u] -= other[u];
    alarms += *sign_flip_p(differences, 599, i) <= 0.05;
  }
  CHECK(alarms > 0.1 * 150);  // 19 % where it was counted with NumPy
}

TEST_CASE("study simulation: a true difference is found", "[stats]") {
  int found = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    const simulated::Study study(i, 50, {});
    const auto a = study.setting(0, 3, 0.8);
    const auto b = study.setting(1, 3);
    const auto ratio = hierarchical_ratio(a.table, b.table, {199, i, 0.95});
    found += verdict(ratio.ratio, paired_p(a.table, b.table, 599, i)) == Verdict::kBetter;
  }
  CHECK(found >= 48);
}

TEST_CASE("study simulation: 93 to 97 of a hundred intervals hold the truth, 20 units",
          "[stats][slow]") {
  promise_coverage(20);
}

TEST_CASE("study simulation: 93 to 97 of a hundred intervals hold the truth, 50 units",
          "[stats][slow]") {
  promise_coverage(50);
}

TEST_CASE("study simulation: 93 to 97 of a hundred intervals hold the truth, 200 units",
          "[stats][slow]") {
  promise_coverage(200);
}

TEST_CASE("study simulation: at most 6 of a hundred families raise a false alarm, 20 units",
          "[stats][slow]") {
  promise_few_false_alarms(20);
}

TEST_CASE("study simulation: at most 6 of a hundred families raise a false alarm, 50 units",
          "[stats][slow]") {
  promise_few_false_alarms(50);
}

}  // namespace kuchi::stats
