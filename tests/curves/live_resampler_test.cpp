#include "curves/live_resampler.h"

#include <cmath>

#include "catch.h"
#include "core/append_rows.h"
#include "core/random.h"
#include "curves/track.h"

using namespace kuchi;

namespace {

Matrix noise(int64_t rows) {
  Stream random(1, "live resampler");
  Matrix m(rows, 3);
  for (auto& x : m.data) x = static_cast<float>(random.uniform(-1, 1));
  return m;
}

Matrix piece_of(const Matrix& m, int64_t begin, int64_t end) {
  Matrix out(end - begin, m.cols);
  std::copy(m.data.begin() + begin * m.cols, m.data.begin() + end * m.cols, out.data.begin());
  return out;
}

}  // namespace

TEST_CASE("live resampler: to a higher rate it is resample(), however the rows come", "[curves]") {
  for (const double to : {60.0, 59.94, 100.0, 31.0, 240.0}) {
    for (const int64_t rows : {1, 2, 30, 301}) {
      curves::Track track;
      track.names = {"a", "b", "c"};
      track.fps = 30;
      track.values = noise(rows);
      for (int64_t j = 0; j < rows; ++j) track.times_s.push_back(static_cast<double>(j) / 30);
      const auto frames = static_cast<int64_t>(std::floor(static_cast<double>(rows) / 30 * to));
      const auto want = curves::resample(track, to, frames);
      for (const int64_t piece : {1, 4, 1000}) {
        curves::LiveResampler live(30, to, 3);
        Matrix got(0, 3);
        const auto take = [&](const Matrix& more) { append_rows(got, more); };
        for (int64_t j = 0; j < rows; j += piece) {
          take(live.push(piece_of(track.values, j, std::min(j + piece, rows)), frames));
        }
        take(live.finish(frames));
        INFO("to " << to << ", " << rows << " rows, pieces of " << piece);
        REQUIRE(got.rows == want.rows);
        for (size_t i = 0; i < got.data.size(); ++i) {
          REQUIRE(got.data[i] == Approx(want.data[i]).margin(1e-6));
        }
      }
    }
  }
}

TEST_CASE("live resampler: without a row there is nothing to hold", "[curves]") {
  curves::LiveResampler live(30, 60, 3);
  CHECK(live.push(Matrix(0, 3), 1).rows == 0);
  CHECK(live.finish(1).rows == 0);
}
