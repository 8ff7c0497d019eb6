#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "eval/golden_clips.h"
#include "stats/crossing.h"
#include "stats/hierarchical.h"
#include "stats/need.h"
#include "stats/paired_test.h"
#include "stats/seed_errors.h"
#include "stats/simulated_study.h"
#include "stats/student.h"

namespace kuchi::stats {
namespace {

const nlohmann::json& study_golden() {
  static const auto all = [] {
    std::ifstream in(KUCHI_SOURCE_DIR "/tests/golden/study_stats.json");
    REQUIRE(in);
    return nlohmann::json::parse(in);
  }();
  return all;
}

// The table of tests/golden/make_study_stats.py.
SeedErrors golden_table(uint64_t setting, int64_t seeds, int64_t units, double seed_spread = 0.5,
                        double factor = 1) {
  SeedErrors out{Matrix64(seeds, units), {}};
  for (int64_t i = 0; i < units; ++i) {
    const auto u = static_cast<uint64_t>(i);
    out.counts.push_back(100 + static_cast<double>(golden::mix(u) % 400));
    for (int64_t s = 0; s < seeds; ++s) {
      const auto number = static_cast<uint64_t>(s);
      const double seed = 1 + seed_spread * (golden::uniform(setting, 1, number) - 0.5);
      const double unit = 0.2 + golden::uniform(0, 2, u);
      const double rest = 0.7 + 0.6 * golden::uniform(setting, 1000 + number, u);
      out.errors(s, i) = out.counts.back() * unit * seed * rest * factor;
    }
  }
  return out;
}

SeedErrors table_of(std::vector<std::vector<double>> rows) {
  SeedErrors out{Matrix64(static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size())),
                 std::vector<double>(rows[0].size(), 1.0)};
  out.errors.data.clear();
  for (const auto& row : rows)
    out.errors.data.insert(out.errors.data.end(), row.begin(), row.end());
  return out;
}

std::vector<CurvePoint> golden_curve(uint64_t setting, std::vector<double> slope) {
  const double x[] = {0.1, 0.3, 1.0};
  std::vector<CurvePoint> out;
  for (uint64_t k = 0; k < 3; ++k) {
    out.push_back({x[k], golden_table(10 * setting + k, 3, 30, 0.05, slope[k])});
  }
  return out;
}

// A line that every seed and unit agrees on.
std::vector<CurvePoint> sure_curve(std::vector<double> x, std::vector<double> errors) {
  std::vector<CurvePoint> out;
  for (size_t k = 0; k < x.size(); ++k) {
    const double e = errors[k];
    out.push_back({x[k], table_of({{e, 2 * e, e, e, 3 * e}, {e, 2 * e, e, e, 3 * e}})});
  }
  return out;
}

void check_interval(std::optional<double> low, std::optional<double> high,
                    const nlohmann::json& expected) {
  REQUIRE(low);
  REQUIRE(high);
  const double expected_low = expected["low"];
  const double expected_high = expected["high"];
  const double width = expected_high - expected_low;
  // Both sides draw: the 95 % point of 20000 values is known to 1 % or better.
  CHECK(std::abs(*low - expected_low) < 0.02 * width);
  CHECK(std::abs(*high - expected_high) < 0.02 * width);
}

}  // namespace

TEST_CASE("student: SciPy's quantiles, and back", "[stats]") {
  for (const auto& row : study_golden()["t"]) {
    const double p = row[0], df = row[1], t = row[2];
    CHECK(student_quantile(p, df) == Approx(t).epsilon(1e-7));
    CHECK(student_quantile(1 - p, df) == Approx(-t).epsilon(1e-7));
    CHECK(student_below(t, df) == Approx(p).epsilon(1e-8));
  }
  CHECK(student_tails(1, 1) == Approx(0.5).epsilon(1e-12));  // Cauchy's quartiles
  CHECK(student_tails(0, 3) == 1);
  CHECK(student_tails(INFINITY, 3) == 0);
}

TEST_CASE("seed luck: by hand, and NumPy's", "[stats]") {
  // Seeds of 9 and 11 on every unit: a variance of 2 x 0.1^2, and nothing left.
  const auto luck = seed_luck(table_of({{9, 18, 27}, {11, 22, 33}}));
  CHECK(luck.single == Approx(0.02));
  CHECK(luck.residual == Approx(0).margin(1e-15));
  CHECK(luck.seeds == 2);
  // Seeds with the same sums: all is left over, and no variance is below 0.
  const auto equal = seed_luck(table_of({{1, 2, 3}, {3, 2, 1}}));
  CHECK(equal.single == 0);
  CHECK(equal.residual > 0);
  CHECK(seed_luck(table_of({{1, 2, 3}})).single == 0);

  const auto expected = study_golden()["luck"];
  const SeedLuck numbers[] = {seed_luck(golden_table(4, 3, 25)), seed_luck(golden_table(2, 4, 25))};
  for (size_t i = 0; i < 2; ++i) {
    CHECK(numbers[i].single == Approx(expected[i][0].get<double>()).epsilon(1e-10));
    CHECK(numbers[i].residual == Approx(expected[i][1].get<double>()).epsilon(1e-10));
  }
}

TEST_CASE("hierarchical mean and ratio: NumPy's, drawn one by one", "[stats]") {
  const auto& expected = study_golden();
  const BootstrapOptions options{20000, 1, 0.95};
  const auto a = golden_table(4, 3, 25), b = golden_table(2, 4, 25);
  const auto one = golden_table(4, 1, 25), other = golden_table(2, 1, 25);
  for (const auto& [setting, name] : {std::pair{&a, "mean"}, std::pair{&one, "mean_one_seed"}}) {
    INFO(name);
    const auto mean = hierarchical_mean(*setting, options);
    CHECK(*mean.mean == Approx(expected[name]["value"].get<double>()).epsilon(1e-12));
    check_interval(mean.low, mean.high, expected[name]);
  }
  const auto ratio = hierarchical_ratio(a, b, options);
  CHECK(*ratio.ratio == Approx(expected["ratio"]["value"].get<double>()).epsilon(1e-12));
  check_interval(ratio.low, ratio.high, expected["ratio"]);
  const auto weights = hierarchical_ratio(one, other, options);
  CHECK(*weights.ratio == Approx(expected["ratio_one_seed"]["value"].get<double>()).epsilon(1e-12));
  check_interval(weights.low, weights.high, expected["ratio_one_seed"]);
}

TEST_CASE("hierarchical mean: of many units it is SciPy's t interval of the logarithm", "[stats]") {
  const auto mean = hierarchical_mean(golden_table(3, 1, 400), {4000, 0, 0.95});
  const double half = std::log(*mean.high / *mean.low) / 2;
  CHECK(half == Approx(study_golden()["many_half_width"].get<double>()).epsilon(0.05));
}

TEST_CASE("hierarchical ratio: exact where nothing varies, the same both ways round", "[stats]") {
  const auto a = golden_table(4, 3, 12), b = golden_table(2, 3, 12);
  auto twice = a;
  for (double& e : twice.errors.data) e *= 2;
  const auto one = golden_table(4, 1, 12);
  auto double_one = one;
  for (double& e : double_one.errors.data) e *= 2;
  const auto sure = hierarchical_ratio(double_one, one);
  CHECK(*sure.low == Approx(2).epsilon(1e-6));
  CHECK(*sure.high == Approx(2).epsilon(1e-6));
  // a's seeds are not twice's: their luck is in the interval although the units agree.
  CHECK(*hierarchical_ratio(twice, a).high > 2.1);

  const auto there = hierarchical_ratio(a, b, {500, 3, 0.95});
  const auto again = hierarchical_ratio(a, b, {500, 3, 0.95});
  const auto back = hierarchical_ratio(b, a, {500, 3, 0.95});
  CHECK(*there.low == *again.low);
  CHECK(*there.ratio * *back.ratio == Approx(1));
  CHECK(*there.high / *there.ratio == Approx(*there.ratio / *there.low));
}

TEST_CASE("hierarchical ratio: a setting with one seed is given the other's luck", "[stats]") {
  const auto a = golden_table(4, 3, 12), b = golden_table(2, 1, 12);
  const auto ratio = hierarchical_ratio(a, b);
  CHECK(ratio.parts.seed == Approx(2 * seed_luck(a).single));
  CHECK(ratio.parts.seeds == 1);
  CHECK(*hierarchical_ratio(a, b).high > *hierarchical_ratio(golden_table(4, 1, 12), b).high);
}

TEST_CASE("hierarchical mean and ratio: nothing where nothing can be said", "[stats]") {
  CHECK(!hierarchical_mean(SeedErrors{}).mean);
  const auto three = table_of({{1, 2, 3}});
  CHECK(*hierarchical_mean(three).mean == 2);
  CHECK(!hierarchical_mean(three).low);
  const auto zero = table_of({{0, 0, 0, 0, 0}}), some = table_of({{1, 2, 1, 2, 1}});
  CHECK(*hierarchical_mean(zero).mean == 0);
  CHECK(!hierarchical_mean(zero).low);
  CHECK(!hierarchical_ratio(some, zero).ratio);
  CHECK(!hierarchical_ratio(zero, some).ratio);
  const auto alike = hierarchical_mean(table_of({{3, 3, 3, 3, 3}, {3, 3, 3, 3, 3}}));
  CHECK(*alike.low == 3);
  CHECK(*alike.high == 3);
}

TEST_CASE("variance parts: add up to the variance, and its degrees of freedom", "[stats]") {
  const VarianceParts parts{0.4, 0.2, 0.03, 10, 3};
  CHECK(parts.variance(10, 3) == Approx(0.04 + 0.2 / 30 + 0.01));
  CHECK(VarianceParts{0.4, 0, 0, 10, 1}.freedom(10, 1) == Approx(9));
  CHECK(VarianceParts{0, 0, 0.1, 10, 3}.freedom(10, 3) == Approx(4));  // both settings' seeds
  CHECK(parts.freedom(10, 3) > 4);
  CHECK(parts.freedom(10, 3) < 13);
}

TEST_CASE("need: units of the t-test's power, by SciPy's noncentral t", "[stats]") {
  for (const auto& row : study_golden()["need"]) {
    const VarianceParts parts{row[1], 0, 0, 4, 1};
    const NeedOptions options{row[2], 0.8, 10000, 100};
    const auto found = need(parts, std::log(row[0].get<double>()), options);
    REQUIRE(found.units);
    CHECK(std::abs(static_cast<double>(*found.units) - row[3].get<double>()) <= 1);
    CHECK(!found.seeds);  // one seed: its luck is unknown
  }
}

TEST_CASE("need: no number of units outweighs the luck of three seeds, and the other way round",
          "[stats]") {
  const double difference = std::log(0.97);
  const VarianceParts seeds_matter{0.01, 0, 0.0018, 200, 3};
  const auto by_seeds = need(seeds_matter, difference);
  CHECK(!by_seeds.units);
  REQUIRE(by_seeds.seeds);
  CHECK(*by_seeds.seeds > 10);
  CHECK(*by_seeds.seeds < 40);
  const VarianceParts units_matter{0.1, 0, 0.000018, 20, 3};
  const auto by_units = need(units_matter, difference);
  CHECK(!by_units.seeds);
  REQUIRE(by_units.units);
  CHECK(*by_units.units > 500);
  const auto too_near = need(units_matter, std::log(0.9999));
  CHECK(!too_near.units);
  CHECK(!too_near.seeds);
  CHECK(!need(units_matter, 0).units);
}

TEST_CASE("paired p: SciPy's exact p for one seed, NumPy's with the seeds' luck integrated",
          "[stats]") {
  const auto& expected = study_golden();
  CHECK(*paired_p(golden_table(4, 1, 12), golden_table(2, 1, 12)) ==
        Approx(expected["p_exact"].get<double>()).epsilon(1e-12));
  const auto near = [](double p, double truth) {
    return std::abs(p - truth) < 4 * std::sqrt(2 * truth * (1 - truth) / 20000);
  };
  const auto a = golden_table(4, 3, 25);
  CHECK(near(*paired_p(a, golden_table(2, 4, 25), 20000), expected["p"]));
  CHECK(near(*paired_p(golden_table(5, 3, 25), a, 20000), expected["p_near"]));
}

TEST_CASE("paired p: nothing for one unit, never 0, 1 for the same; and by seed", "[stats]") {
  const auto a = golden_table(4, 3, 25), b = golden_table(4, 3, 25, 0.5, 100);
  CHECK(!paired_p(table_of({{1}}), table_of({{2}})));
  CHECK(!paired_p(SeedErrors{Matrix64(0, 5), {}}, SeedErrors{Matrix64(0, 5), {}}));
  CHECK(*paired_p(a, a) == 1);
  CHECK(*paired_p(table_of({std::vector<double>(40, 1)}), table_of({std::vector<double>(40, 2)}),
                  999) == Approx(0.001));
  CHECK(*paired_p(a, b, 999) < 0.01);
  CHECK(*paired_p(a, b, 999, 5) == *paired_p(a, b, 999, 5));
}

TEST_CASE("paired p: three seeds, each luckier on all units, are little evidence", "[stats]") {
  std::vector<std::vector<double>> lucky, other;
  for (double seed : {0.96, 1.0, 1.01}) {
    lucky.push_back({});
    other.push_back({});
    for (int u = 0; u < 40; ++u) {
      lucky.back().push_back(seed * (1 + u % 7));
      other.back().push_back((seed + 0.01) * (1 + u % 7));
    }
  }
  CHECK(*paired_p(table_of(lucky), table_of(other)) > 0.4);
  CHECK(*paired_p(table_of({lucky[0]}), table_of({other[0]})) < 0.001);  // these weights differ
}

TEST_CASE("smallest p: all signs alike, of those that are tried", "[stats]") {
  CHECK(smallest_paired_p(4) == 0.125);
  CHECK(smallest_paired_p(40, 999) == 0.001);
  CHECK(smallest_paired_p(0) == 1);
  const auto one = table_of({{1, 1, 1, 1}}), two = table_of({{2, 2, 2, 2}});
  CHECK(*paired_p(one, two) == smallest_paired_p(4));
}

TEST_CASE("verdict: less error is better, and only with evidence", "[stats]") {
  CHECK(verdict(0.9, 0.05) == Verdict::kBetter);
  CHECK(verdict(1.1, 0.01) == Verdict::kWorse);
  CHECK(verdict(0.5, 0.051) == Verdict::kNotEnoughEvidence);
  CHECK(verdict({}, 0.01) == Verdict::kNotEnoughEvidence);
  CHECK(verdict(0.5, {}) == Verdict::kNotEnoughEvidence);
  CHECK(verdict(1.0, 0.01) == Verdict::kNotEnoughEvidence);
  CHECK(std::string(verdict_name(Verdict::kNotEnoughEvidence)) == "not enough evidence");
}

TEST_CASE("last zero: lines by hand", "[stats]") {
  const std::vector<double> x = {0, 1, 2, 3};
  const auto at = [&](std::vector<double> f, Sense sense = Sense::kAny) {
    return last_zero(x, f, sense);
  };
  CHECK(*at({1, 1, 1, -3}) == Approx(2.25));
  CHECK(*at({-1, 1, -1, -1}) == Approx(1.5));
  CHECK(*at({-1, 1, -1, -1}, Sense::kRising) == Approx(0.5));
  CHECK(*at({-1, 0, 0, 1}) == 1);
  CHECK(!at({1, 0, 1, 2}));  // touches
  CHECK(!at({1, 2, 3, 0}));
  CHECK(!at({-1, 1, 2, 3}, Sense::kFalling));
  CHECK(!at({0, 0, 0, 0}));
}

TEST_CASE("crossing: straight in the logarithms", "[stats]") {
  // log a = -log x and log b = -log x / 2 + log 0.5 cross at x = 4, b being better left of it.
  const auto a = sure_curve({1, 2, 8}, {1, 0.5, 0.125});
  const auto b = sure_curve({1, 2, 8}, {0.5, 0.5 / std::sqrt(2), 0.5 / std::sqrt(8)});
  const auto found = crossing(a, b, {200, 0, 0.95});
  REQUIRE(found);
  CHECK(*found->x == Approx(4));
  CHECK(*found->low == Approx(4));
  CHECK(*found->high == Approx(4));
  CHECK(found->share == 1);
  CHECK(found->a_beyond);
  CHECK(!crossing(b, a)->a_beyond);
}

TEST_CASE("crossing: lines that do not cross have none", "[stats]") {
  const auto a = sure_curve({1, 2}, {1, 0.5}), b = sure_curve({1, 2}, {2, 1});
  const auto found = crossing(a, b, {50, 0, 0.95});
  REQUIRE(found);
  CHECK(!found->x);
  CHECK(!found->low);
  CHECK(found->share == 0);
  CHECK(found->a_beyond);
  CHECK(!crossing(a, sure_curve({1, 2}, {1, 0})));  // no logarithm
}

TEST_CASE("crossing: NumPy's interval; open to the side where the lines may not cross at all",
          "[stats]") {
  const BootstrapOptions options{20000, 2, 0.95};
  const auto sharp =
      crossing(golden_curve(5, {1.5, 1.0, 0.5}), golden_curve(6, {1.0, 0.8, 0.7}), options);
  const auto expected = study_golden()["crossing"];
  CHECK(*sharp->x == Approx(expected["x"].get<double>()).epsilon(1e-4));
  const double width = expected["high"].get<double>() - expected["low"].get<double>();
  CHECK(std::abs(*sharp->low - expected["low"].get<double>()) < 0.04 * width);
  CHECK(std::abs(*sharp->high - expected["high"].get<double>()) < 0.04 * width);
  CHECK(sharp->share == Approx(expected["share"].get<double>()).margin(0.002));

  const auto wide =
      crossing(golden_curve(7, {1.1, 0.8, 0.68}), golden_curve(8, {1.0, 0.8, 0.7}), options);
  const auto wide_expected = study_golden()["crossing_wide"];
  CHECK(*wide->x == Approx(wide_expected["x"].get<double>()).epsilon(1e-4));
  CHECK(wide->low.has_value() == !wide_expected["low"].is_null());
  CHECK(wide->high.has_value() == !wide_expected["high"].is_null());
  const double share = wide_expected["share"];
  CHECK(std::abs(wide->share - share) < 4 * std::sqrt(share * (1 - share) / 5000));
}

TEST_CASE("study statistics: a hundred comparisons of 3 seeds and 500 units take seconds",
          "[stats][slow]") {
  const simulated::Study study(1, 500, {});
  const auto a = study.setting(0, 3).table, b = study.setting(1, 3).table;
  const auto start = std::chrono::steady_clock::now();
  double sum = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    sum += *hierarchical_ratio(a, b, {1000, i, 0.95}).low + *paired_p(a, b, 10000, i);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(sum > 0);
  WARN("100 comparisons: " << seconds << " s");
  CHECK(seconds < 100);  // without optimisation, beside others; 10 at -O2
}

}  // namespace kuchi::stats
