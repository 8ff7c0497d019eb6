#include "data/lag.h"

#include "catch.h"
#include "data/fixture.h"
#include "data/store.h"

using namespace kuchi;
using namespace kuchi::data;

namespace {

/// A clip of 90 frames and its 3 s of audio at 30 frames a second.
void write_one_clip(const std::filesystem::path& file) {
  StoreInfo info;
  info.provenance = {"set", "CC0", "signed", "", kSyntheticMark};
  info.rig = curves::parse_rig("name: one\ncurves:\n  - {name: open, range: [0, 1]}\n", "test");
  info.fps = 30;
  info.features.stack = 1;
  write_store(file, info, [](StoreWriter& writer) {
    StoreClip clip;
    clip.id = "a";
    writer.add(clip, test::waves(90, 80, 1), test::waves(90, 1, 2), test::tone(48000, 3));
  });
}

bool same_row(const Matrix& a, int64_t i, const Matrix& b, int64_t j) {
  const auto x = a.row(i), y = b.row(j);
  return std::equal(x.begin(), x.end(), y.begin());
}

}  // namespace

TEST_CASE("lag: audio is moved by samples, and silence is heard where none was recorded",
          "[data]") {
  const std::vector<float> audio = {1, 2, 3, 4, 5};
  // At 16000 frames a second a frame is a sample.
  CHECK(on_curve_time(audio, 0, 16000) == audio);
  CHECK(on_curve_time(audio, 2, 16000) == std::vector<float>{3, 4, 5, 0, 0});
  CHECK(on_curve_time(audio, -2, 16000) == std::vector<float>{0, 0, 1, 2, 3});
  CHECK(on_curve_time(audio, 5, 16000) == std::vector<float>(5, 0));
  CHECK(on_curve_time(audio, 30, 16000) == std::vector<float>(5, 0));
  CHECK(on_curve_time(audio, -30, 16000) == std::vector<float>(5, 0));
  CHECK(on_curve_time({}, 3, 30).empty());
}

TEST_CASE("lag: a store's curves stay, what is heard moves to them, and the ends hold", "[data]") {
  const test::TempDir dir;
  write_one_clip(dir / "s.h5");
  const Store recorded = Store::open(dir / "s.h5");
  const auto features = recorded.read_features(0);
  for (const int64_t lag : {4, -4, 30, -30}) {
    INFO("lag " << lag);
    Store store = Store::open(dir / "s.h5");
    store.set_lag(lag);
    CHECK(store.info().lag_frames == lag);
    CHECK(store.read_curves(0).data == recorded.read_curves(0).data);
    const auto heard = store.read_features(0);
    REQUIRE(heard.rows == 90);
    for (int64_t t = 0; t < 90; ++t) {
      CHECK(same_row(heard, t, features, std::clamp<int64_t>(t + lag, 0, 89)));
    }
    for (const auto& [begin, end] : {std::pair{0, 5}, {40, 50}, {85, 90}, {0, 90}, {17, 17}}) {
      const auto part = store.read_features(0, begin, end);
      REQUIRE(part.rows == end - begin);
      for (int64_t t = begin; t < end; ++t) CHECK(same_row(part, t - begin, heard, t));
    }
    CHECK(store.read_audio(0) == on_curve_time(recorded.read_audio(0), lag, 30));
    CHECK(store.read_recording(0) == recorded.read_audio(0));
  }
}
