#include "features/normalise.h"

#include "catch.h"
#include "features/golden_signal.h"

using namespace kuchi;
using namespace kuchi::features;

namespace {
Matrix numbered(int64_t rows) {  // column 0: 1000, 1001, …; column 1: always 3
  Matrix m(rows, 2);
  for (int64_t r = 0; r < rows; ++r) {
    m(r, 0) = 1000.0F + static_cast<float>(r);
    m(r, 1) = 3;
  }
  return m;
}
}  // namespace

TEST_CASE("normalise: mean and deviation of chosen rows only", "[features]") {
  const auto m = moments(numbered(100), {{0, 10}, {50, 60}});
  CHECK(m.mean[0] == Approx(1029.5));
  CHECK(m.std[0] == Approx(std::sqrt(633.25)));  // variance within a run 8.25, between them 25^2
  CHECK(m.mean[1] == 3);
  CHECK(m.std[1] == 1e-3);  // the floor
}

TEST_CASE("normalise: a large mean does not eat a small variance", "[features]") {
  Matrix rows(4, 1);
  for (int64_t r = 0; r < 4; ++r) rows(r, 0) = 1e6F + static_cast<float>(r % 2);
  CHECK(moments(rows, {{0, 4}}).std[0] == Approx(0.5).epsilon(1e-12));
}

TEST_CASE("normalise: cutting the rows into pieces changes no bit", "[features]") {
  Matrix rows(1000, 3);
  const auto x = test::formula_signal(3000);
  std::copy(x.begin(), x.end(), rows.data.begin());
  MomentSum whole(3), pieces(3);
  whole.add(rows);
  for (int64_t r = 0; r < 1000; r += 37) pieces.add(rows, {r, std::min<int64_t>(r + 37, 1000)});
  CHECK(whole.finish().mean == pieces.finish().mean);
  CHECK(whole.finish().std == pieces.finish().std);
  CHECK(pieces.count() == 1000);
}

TEST_CASE("normalise: afterwards the mean is 0 and the deviation 1", "[features]") {
  auto rows = numbered(100);
  normalise(rows, moments(rows, {{0, 100}}));
  const auto after = moments(rows, {{0, 100}});
  CHECK(after.mean[0] == Approx(0).margin(1e-6));
  CHECK(after.std[0] == Approx(1).epsilon(1e-6));
  CHECK(after.mean[1] == Approx(0).margin(1e-6));
}

TEST_CASE("normalise: without rows nothing is scaled", "[features]") {
  const auto m = MomentSum(2).finish();
  CHECK(m.mean == std::vector<double>{0, 0});
  CHECK(m.std == std::vector<double>{1, 1});
}
