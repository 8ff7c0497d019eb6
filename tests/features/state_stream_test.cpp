// An encoder's states under features.window, of whole clips and of sound that is still coming.
#include "features/state_stream.h"

#include <cmath>
#include <limits>

#include "catch.h"
#include "core/append_rows.h"
#include "data/store_layout.h"
#include "features/feature_stream.h"
#include "features/golden_signal.h"

using namespace kuchi;
using namespace kuchi::features;

namespace {

/// States that tell what their encoding heard: the sum of the state's own samples, the encoding's
/// first sample, its last, and how many there were.
class Witness : public Source {
 public:
  Matrix states(std::span<const float> samples) const override {
    longest = std::max(longest, samples.size());
    std::vector<float> heard(samples.begin(), samples.end());
    heard.resize(std::max<size_t>(heard.size(), 400), 0);  // continued with silence
    Matrix out((static_cast<int64_t>(heard.size()) - 400) / 320 + 1, 4);
    for (int64_t k = 0; k < out.rows; ++k) {
      double sum = 0;
      for (int64_t i = 0; i < 400; ++i) sum += heard[static_cast<size_t>(320 * k + i)];
      out(k, 0) = static_cast<float>(sum);
      out(k, 1) = samples.empty() ? 0 : samples.front();
      out(k, 2) = samples.empty() ? 0 : samples.back();
      out(k, 3) = static_cast<float>(samples.size());
    }
    return out;
  }
  mutable size_t longest = 0;
};

Options windowed(double seconds, double ahead, double step, int64_t stack = 1) {
  Options o;
  o.kind = "encoder";
  o.stack = stack;
  o.window = {seconds, ahead, step};
  o.facts = {"wavlm", "0123456789abcdef", 4, 12, 0.02, 0.0125};
  o.source = std::make_shared<Witness>();
  return o;
}

/// Sample i is i: what was heard can be read off.
std::vector<float> counting(int64_t samples) {
  std::vector<float> out;
  for (int64_t i = 0; i < samples; ++i) out.push_back(static_cast<float>(i));
  return out;
}

Matrix streamed(const Options& options, double fps, const std::vector<float>& samples,
                size_t piece) {
  FeatureStream stream(options, fps);
  Matrix all(0, dim(options));
  for (size_t i = 0; i < samples.size(); i += piece) {
    append_rows(all,
                stream.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i))));
  }
  append_rows(all, stream.finish());
  return all;
}

}  // namespace

TEST_CASE("windows: which sound a state hears follows from its number", "[features]") {
  // 10 states are encoded at a time, of which the last 2 come after the 3 that are taken.
  const auto rows = base_frames(windowed(0.2, 0.04, 0.06), counting(16000));  // 49 states
  REQUIRE(rows.rows == 49);
  // State 20 is in block 6, 18 to 20: its encoding ends with state 22 and begins with state 13.
  CHECK(rows(20, 1) == 13 * 320);
  CHECK(rows(20, 2) == 22 * 320 + 399);
  CHECK(rows(20, 3) == 9 * 320 + 400);
  CHECK(rows(18, 1) == rows(20, 1));
  CHECK(rows(21, 1) == 16 * 320);
  // The first blocks begin with the clip, the last ends with it.
  CHECK(rows(0, 1) == 0);
  CHECK(rows(0, 2) == 4 * 320 + 399);
  CHECK(rows(48, 2) == 15999);
  // Each state's own samples, wherever its encoding began.
  for (const int64_t k : {0, 7, 20, 33, 48}) {
    const double sum = 400.0 * 320 * static_cast<double>(k) + 400.0 * 399 / 2;
    CHECK(rows(k, 0) == Approx(sum).epsilon(1e-6));
  }
}

TEST_CASE("windows: a stream gives compute() of the whole, however it is cut", "[features]") {
  for (const auto& options : {windowed(0.2, 0.04, 0.06), windowed(1, 0.2, 0.1, 3),
                              windowed(0.02, 0, 0.02), windowed(0.5, 0.1, 0.3, 5)}) {
    for (const double fps : {30.0, 59.94, 7.0}) {
      for (const int64_t samples : {0, 1, 399, 400, 720, 2134, 8123, 24011}) {
        const auto signal = test::formula_signal(samples);
        const auto whole = compute(options, signal, fps, frame_count(samples, fps));
        for (const size_t piece : {1, 7, 160, 1000, 16000}) {
          if (piece == 1 && samples > 3000) continue;
          INFO(options.window.seconds << " s, " << fps << " fps, " << samples
                                      << " samples in pieces of " << piece);
          const auto got = streamed(options, fps, signal, piece);
          REQUIRE(got.rows == whole.rows);
          CHECK(got.data == whole.data);  // the same encodings: bit for bit
        }
      }
    }
  }
}

TEST_CASE("windows: a frame comes within its stated reach, and what comes later changes nothing",
          "[features]") {
  const auto options = windowed(0.4, 0.06, 0.1);
  const auto signal = test::formula_signal(32000);
  for (const double fps : {30.0, 100.0, 59.94}) {
    INFO(fps);
    const double reach = reach_s(options, fps).value();
    // A block's first state waits for the block's end and what is heard after it; frames lie at
    // most a state before the state that they wait for.
    CHECK(reach > 0.06 + 0.08);
    CHECK(reach <= 0.06 + 0.1 + 0.0125 + 0.02 + 1e-9);
    FeatureStream stream(options, fps);
    int64_t given = 0;
    double latest = 0;
    for (size_t i = 0; i < signal.size(); ++i) {
      const auto rows = stream.push(std::span(signal).subspan(i, 1)).rows;
      const double now_s = static_cast<double>(i + 1) / 16000;
      if (rows > 0) latest = std::max(latest, now_s - static_cast<double>(given) / fps);
      given += rows;
    }
    CHECK(latest <= std::max(reach, 1 / fps) + 1.0 / 16000);
    CHECK(latest > reach - 0.01);  // and the reach is no more than it must be
    auto changed = signal;
    const int64_t j = 20;
    const double end_s = static_cast<double>(j) / fps + reach;
    for (auto i = static_cast<size_t>(std::ceil(end_s * 16000)); i < changed.size(); ++i) {
      changed[i] = 0.7F;
    }
    const auto before = compute(options, signal, fps, frame_count(32000, fps));
    const auto after = compute(options, changed, fps, frame_count(32000, fps));
    for (int64_t k = 0; k <= j; ++k) {
      for (int64_t d = 0; d < before.cols; ++d) REQUIRE(before(k, d) == after(k, d));
    }
  }
}

TEST_CASE("windows: no encoding is longer than the window, whatever the clip's length",
          "[features]") {
  for (const int64_t samples : {16000, 160000}) {
    const auto options = windowed(0.5, 0.1, 0.2);
    const auto rows = streamed(options, 30, test::formula_signal(samples), 1600).rows;
    CHECK(rows == frame_count(samples, 30));
    // 25 states, and at the end of a clip what gives no state of its own.
    CHECK(dynamic_cast<const Witness&>(*options.source).longest <= 24 * 320 + 400 + 319);
  }
}

TEST_CASE("windows: they are in the features' name and in a store, and only where there are any",
          "[features]") {
  auto whole = windowed(0, 0.2, 0.1);
  CHECK_FALSE(whole.is_windowed());
  CHECK_FALSE(can_stream(whole));
  CHECK(signature(whole) == "wavlm-0123456789abcdef-last-stack1");
  CHECK(data::layout::features_to_yaml(whole).find("window") == std::string::npos);
  const auto some = windowed(2, 0.2, 0.1);
  CHECK(can_stream(some));
  CHECK(signature(some) == "wavlm-0123456789abcdef-last-stack1-window100-ahead10-step5");
  const auto back = data::layout::parse_features(data::layout::features_to_yaml(some), "store");
  CHECK(signature(back) == signature(some));
  CHECK(trouble({0, 5, 5}).empty());
  CHECK(trouble({2, 1, 1}).empty());
  CHECK(
      trouble({0.25, 0.2, 0.1}).find("a window of 0.25 s cannot hold states of 0.1 s and 0.2 s") !=
      std::string::npos);
}
