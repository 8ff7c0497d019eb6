#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "catch.h"
#include "core/random.h"
#include "eval/golden_clips.h"
#include "stats/bootstrap.h"
#include "stats/moments.h"
#include "stats/permutation.h"

namespace kuchi::stats {
namespace {

nlohmann::json golden() {
  std::ifstream in(KUCHI_SOURCE_DIR "/tests/golden/metrics.json");
  REQUIRE(in);
  return nlohmann::json::parse(in)["paired"];
}

Matrix64 column_and_ones(const std::vector<double>& values) {
  Matrix64 units(static_cast<int64_t>(values.size()), 2, 1.0);
  for (size_t i = 0; i < values.size(); ++i) units(static_cast<int64_t>(i), 0) = values[i];
  return units;
}

const SumStatistic kMean = [](std::span<const double> sums) -> std::optional<double> {
  return sums[0] / sums[1];
};

}  // namespace

TEST_CASE("quantile: straight line between order statistics", "[stats]") {
  const std::vector<double> sorted = {1, 2, 4, 8};
  CHECK(quantile(sorted, 0) == 1);
  CHECK(quantile(sorted, 1) == 8);
  CHECK(quantile(sorted, 0.5) == 3);
  CHECK(quantile(sorted, 0.9) == Approx(6.8));  // numpy.quantile([1, 2, 4, 8], .9)
  CHECK(!percentile_interval({}));
}

TEST_CASE("moments: far from zero and in pieces they lose nothing", "[stats]") {
  Moments whole, left, right;
  for (int i = 0; i < 1000; ++i) {
    const double x = 1e6 + (i % 10);  // variance of 0 … 9 is 8.25
    whole.add(x);
    (i < 300 ? left : right).add(x);
  }
  left.merge(right);
  CHECK(whole.variance() == Approx(8.25).epsilon(1e-9));
  CHECK(left.variance() == Approx(8.25).epsilon(1e-9));
  CHECK(left.mean() == Approx(1e6 + 4.5).epsilon(1e-15));
  CHECK(left.count() == 1000);
}

TEST_CASE("pearson: by hand, and nothing for a constant", "[stats]") {
  const std::vector<double> a = {1, 2, 3, 4}, b = {2, 1, 4, 3}, flat(4, 0.1);
  CHECK(*pearson(a, b) == Approx(0.6));
  CHECK(*pearson(a, a) == Approx(1));
  CHECK(!pearson(a, flat));
  CHECK(!pearson(std::vector<double>{1}, std::vector<double>{2}));
}

TEST_CASE("weights: each resample draws as many units as there are, by seed and number alone",
          "[stats]") {
  std::vector<double> a(50), b(50);
  draw_weights({1000, 3, 0.95}, 12, a);
  draw_weights({77, 3, 0.95}, 12, b);
  CHECK(a == b);
  double sum = 0;
  for (double w : a) sum += w;
  CHECK(sum == 50);
  draw_weights({1000, 3, 0.95}, 13, b);
  CHECK(a != b);
}

TEST_CASE("resampled sums are those of the drawn weights, also past a tile's end", "[stats]") {
  const auto units = column_and_ones({1, 10, 100, 1000, 10000});
  const BootstrapOptions options{13, 5, 0.95};
  int64_t seen = 0;
  resample_sums(units, options, [&](int64_t r, std::span<const double> totals) {
    CHECK(r == seen++);
    std::vector<double> weights(5);
    draw_weights(options, r, weights);
    double expected = 0;
    for (int64_t u = 0; u < 5; ++u) expected += weights[static_cast<size_t>(u)] * units(u, 0);
    CHECK(totals[0] == expected);
    CHECK(totals[1] == 5);
  });
  CHECK(seen == 13);
}

TEST_CASE("bootstrap: degenerate samples", "[stats]") {
  CHECK(!bootstrap(column_and_ones({3}), kMean));
  CHECK(!bootstrap(Matrix64(0, 2), kMean));
  const auto same = bootstrap(column_and_ones(std::vector<double>(9, 0.5)), kMean);
  REQUIRE(same);
  CHECK(same->low == 0.5);
  CHECK(same->high == 0.5);
  const SumStatistic never = [](std::span<const double>) { return std::optional<double>(); };
  CHECK(!bootstrap(column_and_ones({1, 2, 3}), never));
}

TEST_CASE("bootstrap: undefined resamples are left out up to one in twenty", "[stats]") {
  std::vector<double> values(100, 1.0);
  for (size_t i = 0; i < 5; ++i) values[i] = std::nan("");
  CHECK(resampled_interval(values, 0.95));
  values[5] = std::nan("");
  CHECK(!resampled_interval(values, 0.95));
}

TEST_CASE("bootstrap: 95 % intervals of a normal mean hold it 95 times in a hundred",
          "[stats][slow]") {
  const int trials = 1500, units = 100;
  int held = 0;
  for (int i = 0; i < trials; ++i) {
    Stream stream(11, "coverage", static_cast<uint64_t>(i));
    std::vector<double> values(units);
    for (double& v : values) v = 2 + stream.normal();
    const auto interval =
        bootstrap(column_and_ones(values), kMean, {1000, static_cast<uint64_t>(i), 0.95});
    held += interval->low <= 2 && 2 <= interval->high;
  }
  // The percentile interval of n = 100 falls short by about half a percent; the standard error
  // of 1500 trials is 0.6 %.
  const double share = static_cast<double>(held) / trials;
  CHECK(share > 0.925);
  CHECK(share < 0.97);
}

TEST_CASE("paired ratio: SciPy's interval, to within what draws allow", "[stats]") {
  const auto expected = golden();
  std::vector<double> a, b;
  for (uint64_t i = 0; i < 30; ++i) {
    a.push_back(0.5 + golden::uniform(i, 1, 1));
    b.push_back(0.55 + 0.6 * golden::uniform(i, 1, 1) + 0.5 * golden::uniform(i, 2, 2));
  }
  const auto ratio = paired_ratio(a, b, {20000, 1, 0.95});
  const double low = expected["low"], high = expected["high"];
  CHECK(*ratio.ratio == Approx(expected["ratio"].get<double>()).epsilon(1e-12));
  CHECK(std::abs(*ratio.low - low) < 0.03 * (high - low));
  CHECK(std::abs(*ratio.high - high) < 0.03 * (high - low));

  std::vector<double> differences;
  for (size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  const double p = expected["p"];
  const double error = std::sqrt(p * (1 - p) / 20000);
  CHECK(std::abs(*sign_flip_p(differences, 20000) - p) < 4 * error);
}

TEST_CASE("paired ratio: undefined without error below or with one unit", "[stats]") {
  const std::vector<double> one = {1}, zero = {0, 0}, two = {1, 2};
  CHECK(paired_ratio(one, one).ratio);
  CHECK(!paired_ratio(one, one).low);
  CHECK(!paired_ratio(two, zero).ratio);
  CHECK(!paired_ratio({}, {}).ratio);
}

TEST_CASE("sign flips: few units are enumerated and equal SciPy's exact p", "[stats]") {
  const auto expected = golden();
  const auto differences = expected["small"].get<std::vector<double>>();
  CHECK(*sign_flip_p(differences) == Approx(expected["small_p"].get<double>()).epsilon(1e-12));
  const std::vector<double> three = {1, 2, 3};
  CHECK(*sign_flip_p(three) == 0.25);  // 2 of 8: all plus, all minus
}

TEST_CASE("sign flips: no difference is no evidence, and p is never 0", "[stats]") {
  CHECK(!sign_flip_p({}));
  CHECK(*sign_flip_p(std::vector<double>(100, 0.0)) == 1);
  CHECK(*sign_flip_p(std::vector<double>(100, 1.0), 999) == Approx(0.001));
  CHECK(*sign_flip_p(std::vector<double>(100, 1.0), 999, 1) ==
        *sign_flip_p(std::vector<double>(100, 1.0), 999, 1));
}

TEST_CASE("holm: worked by hand", "[stats]") {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const auto corrected = holm(p);
  CHECK(corrected[0] == Approx(0.03));
  CHECK(corrected[1] == Approx(0.06));  // 0.04, but not under the one before it
  CHECK(corrected[2] == Approx(0.06));
  CHECK(corrected[3] == Approx(0.02));
}

TEST_CASE("holm: what has no p-value is not of the family", "[stats]") {
  const std::vector<std::optional<double>> p = {{}, 0.01, {}, 0.04, 0.03, 0.005};
  const auto corrected = holm(p);
  const auto of_family = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  CHECK(corrected == std::vector<std::optional<double>>{
                         {}, of_family[0], {}, of_family[1], of_family[2], of_family[3]});
  CHECK(holm(std::vector<std::optional<double>>(2)) == std::vector<std::optional<double>>(2));
}

}  // namespace kuchi::stats
