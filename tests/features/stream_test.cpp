// Features of sound that is still coming.
#include <cmath>

#include "catch.h"
#include "core/append_rows.h"
#include "features/at_times.h"
#include "features/feature_stream.h"
#include "features/golden_signal.h"

using namespace kuchi;
using namespace kuchi::features;

namespace {

/// Everything a stream gives for the samples in pieces of one size.
template <class S>
Matrix in_pieces(S&& stream, const std::vector<float>& samples, size_t piece, int64_t cols) {
  Matrix all(0, cols);
  for (size_t i = 0; i < samples.size(); i += piece) {
    append_rows(all,
                stream.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i))));
  }
  append_rows(all, stream.finish());
  return all;
}

const std::vector<size_t> kPieces = {1, 7, 160, 1000, 16000};

}  // namespace

TEST_CASE("log-mel stream: NumPy's frames, and log_mel()'s bit for bit, however it is cut",
          "[features]") {
  const auto golden = test::read_golden("logmel_formula.f32", 80);
  for (const int64_t samples : {0, 1, 159, 160, 199, 200, 201, 360, 399, 400, 8123, 20000}) {
    const auto signal = test::formula_signal(samples);
    for (const auto piece : kPieces) {
      const auto got = in_pieces(LogMelStream(), signal, piece, kMels);
      INFO(samples << " samples in pieces of " << piece);
      CHECK(test::distance(got, log_mel(signal)) == 0);
      if (samples == 8123) CHECK(test::distance(got, golden) < 1e-4);
    }
  }
}

TEST_CASE("feature stream: compute() of the whole, however it is cut", "[features]") {
  for (const double fps : {30.0, 25.0, 59.94, 120.0, 7.0}) {
    for (const int64_t stack : {1, 3, 9}) {
      Options options;
      options.stack = stack;
      for (const int64_t samples : {0, 1, 533, 534, 700, 2134, 8123, 24011}) {
        const auto signal = test::formula_signal(samples);
        const auto whole = compute(options, signal, fps, frame_count(samples, fps));
        for (const auto piece : kPieces) {
          if (piece == 1 && samples > 10000) continue;
          const auto got = in_pieces(FeatureStream(options, fps), signal, piece, dim(options));
          INFO(fps << " fps, stack " << stack << ", " << samples << " samples, pieces of "
                   << piece);
          CHECK(test::distance(got, whole) <= 1e-6);
        }
      }
    }
  }
}

TEST_CASE("feature stream: a frame comes with the sample that decides it", "[features]") {
  Options options;
  const double reach = reach_s(options, 30).value();
  CHECK(reach == Approx(0.01 + 0.02 / 3 + 0.0125));  // a neighbour, the next row, half a window
  CHECK(reach_s(options, 100).value() == Approx(0.01 + 0.0125));  // every frame is on a row
  const auto signal = test::formula_signal(20000);
  FeatureStream stream(options, 30);
  int64_t given = 0;
  for (size_t i = 0; i < signal.size(); ++i) {
    given += stream.push(std::span(signal).subspan(i, 1)).rows;
    // At 30 fps the next frame is later than the reach: a frame waits until the clip must have it.
    REQUIRE(given == frame_count(static_cast<int64_t>(i) + 1, 30));
  }
  FeatureStream quick(options, 120);  // there it waits for its audio
  given = 0;
  const double quick_reach = reach_s(options, 120).value();
  for (size_t i = 0; i < signal.size(); ++i) {
    given += quick.push(std::span(signal).subspan(i, 1)).rows;
    REQUIRE(static_cast<double>(given) / 120 + quick_reach > static_cast<double>(i + 1) / 16000);
  }
  CHECK(given > 120);
}

TEST_CASE("feature stream: what comes after the reach changes nothing of a frame", "[features]") {
  const Options options;
  for (const double fps : {30.0, 59.94}) {
    auto signal = test::formula_signal(16000);
    const auto before = compute(options, signal, fps, frame_count(16000, fps));
    const int64_t j = 13;
    const double end_s = static_cast<double>(j) / fps + reach_s(options, fps).value();
    for (auto i = static_cast<size_t>(std::ceil(end_s * 16000)); i < signal.size(); ++i) {
      signal[i] = 0.7F;
    }
    const auto after = compute(options, signal, fps, frame_count(16000, fps));
    for (int64_t d = 0; d < before.cols; ++d) {
      for (int64_t k = 0; k <= j; ++k) REQUIRE(before(k, d) == Approx(after(k, d)).margin(1e-6));
    }
    CHECK(before(j + 4, 200) != after(j + 4, 200));
  }
}

TEST_CASE("features of an encoder have no stream", "[features]") {
  Options options;
  options.kind = "encoder";
  CHECK_FALSE(can_stream(options));
  CHECK_FALSE(reach_s(options, 30).has_value());
  CHECK_THROWS_AS(FeatureStream(options, 30), std::logic_error);
}
