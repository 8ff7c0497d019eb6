// Against NumPy and SciPy: tests/golden/make_sync.py.
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "sync/pieces.h"
#include "sync/profile.h"
#include "sync/signals.h"

namespace {
using namespace kuchi;
using namespace kuchi::sync_test;

double opening(double t) {
  return 0.5 +
         0.3 * std::sin(2 * std::numbers::pi * 2.1 * t + 3 * std::sin(0.7 * t)) * std::sin(0.9 * t);
}

Matrix spectrogram(int seconds) {
  Matrix out(seconds * 100 + 1, 80);
  for (int64_t r = 0; r < out.rows; ++r) {
    const double t = static_cast<double>(r) / 100;
    for (int64_t m = 0; m < 80; ++m) {
      const auto band = static_cast<double>(m);
      out(r, m) = static_cast<float>(
          2 * opening(t) * std::cos(band / 25) +
          std::sin(11 * t + band) * std::sin(0.37 * t * (1 + band / 80)) - 3 + 0.02 * band);
    }
  }
  return out;
}
}  // namespace

TEST_CASE("sync: bands, lips and their agreement by lag are NumPy's", "[sync]") {
  const auto expected = nlohmann::json::parse(test_files::slurp(test_files::golden("sync.json")));
  constexpr int kSeconds = 25;
  const auto heard = sync::heard(spectrogram(kSeconds));
  REQUIRE(heard.rows == kSeconds * 50 + 1);
  for (int64_t b = 0; b < sync::kBands; ++b) {
    CHECK(heard(100, b) ==
          Approx(expected["heard"][static_cast<size_t>(b)].get<double>()).margin(1e-5));
  }
  Matrix values(kSeconds * 30 + 1, 1);
  for (int64_t j = 0; j < values.rows; ++j)
    values(j, 0) = static_cast<float>(opening(static_cast<double>(j) / 30 + 0.06));
  const auto rig = curves::parse_rig("name: one\ncurves: [open]\naperture: open\n", "one");
  const auto seen = sync::seen(track_of(std::move(values), 30), rig, heard.rows);
  for (size_t i = 0; i < 10; ++i)
    CHECK(seen[100 + i] == Approx(expected["seen"][i].get<double>()).margin(1e-6));
  const sync::Profile profile(heard, seen);
  CHECK(profile.windows() == 3);
  for (const auto& line : expected["lines"]) {
    INFO(line.dump());
    CHECK(profile.r2({line["middle_s"], line["slope"]}) ==
          Approx(line["r2"].get<double>()).margin(1e-6));
  }
}
