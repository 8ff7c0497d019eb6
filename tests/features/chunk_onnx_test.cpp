#include "catch.h"
#include "features/onnx.h"

using namespace kuchi::features;

TEST_CASE("features: chunks of sound are whole frames and whole hops, where there are such",
          "[features]") {
  const auto unit = [](double fps, int64_t stack = 3, const char* kind = "logmel") {
    Options options;
    options.stack = stack;
    options.kind = kind;
    const auto found = sound_unit(options, fps).value_or(SoundUnit{});
    return std::pair(found.samples, found.frames);
  };
  const std::pair<int64_t, int64_t> none{0, 0};
  CHECK(unit(30) == std::pair<int64_t, int64_t>{1600, 3});
  CHECK(unit(25) == std::pair<int64_t, int64_t>{640, 1});
  CHECK(unit(24) == std::pair<int64_t, int64_t>{4000, 6});
  CHECK(unit(30, 1) == std::pair<int64_t, int64_t>{1600, 3});
  CHECK(unit(60) == none);     // the next frame is nearer than what a frame hears
  CHECK(unit(29.97) == none);  // frames between samples
  CHECK(unit(30, 5) == none);
  CHECK(unit(30, 3, "encoder") == none);
}
