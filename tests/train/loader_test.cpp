#include "train/loader.h"

#include <ATen/ATen.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "catch.h"
#include "core/random.h"

using namespace kuchi;
using namespace kuchi::train;

namespace {

/// A batch that says which it is; some take longer, so that workers overtake one another.
Batch numbered(int64_t index) {
  Stream draw(1, "test.loader", static_cast<uint64_t>(index));
  std::this_thread::sleep_for(std::chrono::microseconds(draw.below(800)));
  Batch b;
  b.frames = index;
  b.features = at::full({2, 3}, static_cast<double>(draw.uniform()));
  return b;
}

}  // namespace

TEST_CASE("loader: in order, each once, the same with 1, 2 and 8 workers", "[train]") {
  std::vector<std::vector<float>> seen;
  for (const int64_t workers : {1, 2, 8}) {
    Loader loader(3, 60, workers, 4, numbered);
    std::vector<float> values;
    Batch b;
    for (int64_t i = 3; i < 60; ++i) {
      REQUIRE(loader.next(b));
      CHECK(b.frames == i);
      values.push_back(b.features[0][0].item<float>());
    }
    CHECK_FALSE(loader.next(b));
    CHECK_FALSE(loader.next(b));
    seen.push_back(values);
  }
  CHECK(seen[0] == seen[1]);
  CHECK(seen[0] == seen[2]);
}

TEST_CASE("loader: nothing to do is at once over", "[train]") {
  Batch b;
  Loader none(0, 0, 4, 2, numbered);
  CHECK_FALSE(none.next(b));
  Loader beyond(5, 5, 4, 2, numbered);
  CHECK_FALSE(beyond.next(b));
}

TEST_CASE("loader: an exception arrives at its place in the order", "[train]") {
  for (const int64_t workers : {1, 8}) {
    Loader loader(0, 20, workers, 6, [](int64_t i) {
      if (i == 5) throw std::runtime_error("clip 5 is bad");
      return numbered(i);
    });
    Batch b;
    for (int64_t i = 0; i < 5; ++i) {
      REQUIRE(loader.next(b));
      CHECK(b.frames == i);
    }
    CHECK_THROWS_WITH(loader.next(b), "clip 5 is bad");
    CHECK_THROWS_WITH(loader.next(b), "clip 5 is bad");  // no hang when asked again
  }
}

TEST_CASE("loader: no more than `ahead` batches wait", "[train]") {
  std::atomic<int64_t> made{0};
  Loader loader(0, 100, 8, 5, [&](int64_t i) {
    ++made;
    Batch b;
    b.frames = i;
    return b;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(made.load() <= 5);
  Batch b;
  REQUIRE(loader.next(b));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(made.load() <= 6);
}

TEST_CASE("loader: given up while full or while at work, it ends", "[train]") {
  for (int i = 0; i < 20; ++i) {
    Loader loader(0, 1000, 1 + i % 8, 3, numbered);
    Batch b;
    if (i % 2 == 0) loader.next(b);
    if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  SUCCEED("no hang");
}
