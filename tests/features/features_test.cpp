#include "features/features.h"

#include <array>
#include <cstdlib>
#include <filesystem>

#include "audio/audio.h"
#include "catch.h"
#include "core/log.h"
#include "features/at_times.h"
#include "features/fft512.h"
#include "features/golden_signal.h"
#include "features/log_mel.h"

using namespace kuchi;
using namespace kuchi::features;

TEST_CASE("fft512: power equals the Fourier sum", "[features]") {
  std::array<double, 512> in;
  const auto signal = test::formula_signal(512);
  for (size_t i = 0; i < 512; ++i) in[i] = signal[i];
  std::array<double, 257> power;
  Fft512().power(in, power);
  for (int k = 0; k <= 256; ++k) {
    double re = 0, im = 0;
    for (int i = 0; i < 512; ++i) {
      const double angle = 2 * 3.14159265358979323846 * ((k * i) % 512) / 512;
      re += in[i] * std::cos(angle);
      im -= in[i] * std::sin(angle);
    }
    CHECK(power[k] == Approx(re * re + im * im).margin(1e-9));
  }
}

TEST_CASE("log-mel: NumPy's frames of the formula signal, within 1e-4", "[features]") {
  CHECK(test::distance(log_mel(test::formula_signal()),
                       test::read_golden("logmel_formula.f32", 80)) < 1e-4);
}

TEST_CASE("log-mel: NumPy's frames of a real clip, within 1e-4", "[features]") {
  const char* set = std::getenv("KUCHI_SHARED");
  const std::string shared = set != nullptr ? set : KUCHI_SOURCE_DIR "/../shared/data";
  const std::filesystem::path wav = shared + "/facegood/wav/1114_2_01.wav";
  if (!std::filesystem::exists(wav)) {
    WARN("skipped: no shared data (" << wav.string() << ")");
    return;
  }
  const Matrix all = log_mel(audio::read(wav));
  Matrix some(40, 80);
  std::copy_n(all.row(1000).begin(), some.data.size(), some.data.begin());
  CHECK(test::distance(some, test::read_golden("logmel_real.f32", 80)) < 1e-4);
}

TEST_CASE("log-mel: nothing and silence are ln(1e-6)", "[features]") {
  const Matrix none = log_mel({});
  REQUIRE(none.rows == 1);
  const Matrix zeros = log_mel(std::vector<float>(1599, 0.0F));
  REQUIRE(zeros.rows == 10);
  for (const float v : none.data) CHECK(v == Approx(std::log(1e-6)));
  for (const float v : zeros.data) CHECK(v == Approx(std::log(1e-6)));
}

TEST_CASE("log-mel: filters have peaks up to one and reach from 20 to 8000 Hz", "[features]") {
  const auto& filters = mel_filters();
  REQUIRE(filters.rows == 80);
  REQUIRE(filters.cols == 257);
  double top = 0;
  for (const double v : filters.data) {
    CHECK(v >= 0);
    top = std::max(top, v);
  }
  CHECK(top <= 1);
  CHECK(top > 0.98);
  CHECK(filters(0, 0) == 0);       // 0 Hz lies below the first corner
  CHECK(filters(79, 256) < 1e-9);  // 8000 Hz is the last corner
  CHECK(filters(79, 255) > 0);
}

TEST_CASE("features: frames by time equal NumPy's, stacked and at 59.94", "[features]") {
  const auto x = test::formula_signal();
  const Matrix at30 = compute({"logmel", 3}, x, 30, frame_count(8123, 30));
  CHECK(test::distance(at30, test::read_golden("logmel_formula_30.f32", 240)) < 1e-4);
  const Matrix at5994 = compute({"logmel", 1}, x, 59.94, frame_count(8123, 59.94));
  CHECK(test::distance(at5994, test::read_golden("logmel_formula_5994.f32", 80)) < 1e-4);
}

TEST_CASE("features: a piece of a clip hears what the whole clip hears", "[features]") {
  const auto x = test::formula_signal(48000);
  const Options options;
  const Matrix whole = compute(options, x, 25, frame_count(48000, 25));
  const int64_t first = 25;  // frame 25 is at 1 s: a whole number of hops
  const Matrix piece = compute(options, std::span(x).subspan(16000, 16000), 25, 25);
  for (int64_t j = 2; j < 23; ++j) {  // 2 frames = 80 ms, more than the 22.5 ms a frame reaches
    for (int64_t d = 0; d < whole.cols; ++d) CHECK(piece(j, d) == Approx(whole(first + j, d)));
  }
}

TEST_CASE("features: neighbours beyond the clip take its edge", "[features]") {
  Matrix rows(3, 1);
  rows(0, 0) = 1;
  rows(1, 0) = 2;
  rows(2, 0) = 5;
  const Matrix out = at_times(rows, 0.01, 100, 4, 3, 0.01);
  const std::vector<float> want = {1, 1, 2, 1, 2, 5, 2, 5, 5, 5, 5, 5};
  REQUIRE(out.data.size() == want.size());
  for (size_t i = 0; i < want.size(); ++i) CHECK(out.data[i] == Approx(want[i]));
  const Matrix between = at_times(rows, 0.01, 400, 2, 1, 0.01);  // frame 1 is at 2.5 ms
  CHECK(between(1, 0) == Approx(1.25));
}

TEST_CASE("features: frame counts are exact", "[features]") {
  CHECK(frame_count(0, 30) == 0);
  CHECK(frame_count(533, 30) == 0);
  CHECK(frame_count(534, 30) == 1);
  for (int64_t fps : {1, 24, 25, 30, 50, 60, 90, 120}) {
    for (int64_t n = 0; n < 40000; n += 7) CHECK(frame_count(n, fps) == n * fps / 16000);
  }
  CHECK(frame_count(16000, 29.97) == 29);
  CHECK(frame_count(1600000, 29.97) == 2997);  // 2997.0 in exact arithmetic
  CHECK(frame_count(int64_t{16000} * 86400 * 365, 60) == int64_t{60} * 86400 * 365);
  CHECK_THROWS_AS(frame_count(-1, 30), std::logic_error);
  CHECK_THROWS_AS(frame_count(16000, 0), std::logic_error);
  CHECK_THROWS_AS(frame_count(16000, std::nan("")), std::logic_error);
}

TEST_CASE("features: options are checked and named in the signature", "[features]") {
  config::Schema schema;
  Options options;
  auto section = schema.section("features");
  describe(section, options);
  schema.apply({config::parse_override("features.stack=5")});
  CHECK(options.stack == 5);
  CHECK(dim(options) == 400);
  CHECK(signature(options) == "logmel80-htk-hann400-hop160-stack5");
  CHECK_THROWS_AS(schema.apply({config::parse_override("features.stack=4")}), UserError);
  CHECK_THROWS_AS(schema.apply({config::parse_override("features.kind=mfcc")}), UserError);
}

TEST_CASE("features: log-mel is 500 times faster than speech", "[features][slow]") {
  const auto x = test::formula_signal(16000 * 120);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const double start = monotonic_s();
    log_mel(x);
    best = std::min(best, monotonic_s() - start);
  }
  WARN("log-mel runs at " << 120 / best << " times real time");
#ifdef NDEBUG  // a debug or sanitizer build says nothing about speed
  CHECK(120 / best > 500);
#endif
}
