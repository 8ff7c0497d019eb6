// kuchi.h as an engine calls it, against what a model says of the whole clip.
#include <cmath>
#include <cstddef>
#include <limits>
#include <thread>

#include "../train/small_training.h"
#include "capi/kuchi.h"
#include "catch.h"
#include "features/features.h"
#include "train/ensemble.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// A little run with a head that looks ahead by two frames, for all tests here.
const std::string& capi_run() {
  static const std::string run = [] {
    const auto dir = new_run();
    run_training(dir,
                 small({"model.head=lstm", "model.lstm.projection=[8]", "model.lstm.hidden=6",
                        "model.lstm.layers=1", "model.lstm.output=[8]", "train.max_epochs=1"}));
    return dir.string();
  }();
  return run;
}

/// A glide with a pause in it.
std::vector<float> capi_sound(double seconds) {
  std::vector<float> out(static_cast<size_t>(seconds * KUCHI_RATE));
  for (size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / KUCHI_RATE;
    const double loud = t > 0.4 && t < 0.6 ? 0 : 0.5;
    out[i] = static_cast<float>(loud * std::sin(6.283185307179586 * (200 + 400 * t) * t));
  }
  return out;
}

/// Closes at the end of a test.
struct Handle {
  kuchi_live* live = nullptr;
  explicit Handle(const kuchi_options* options = nullptr) {
    const auto status = kuchi_open(capi_run().c_str(), options, &live);
    INFO(kuchi_last_error(nullptr));
    REQUIRE(status == KUCHI_OK);
  }
  ~Handle() { kuchi_close(live); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

/// All frames from now to the end of a clip that is, or will be, finished.
std::vector<float> pull_all(kuchi_live* live, size_t at_once) {
  const auto curves = kuchi_curve_count(live);
  std::vector<float> out, some(at_once * curves);
  while (kuchi_done(live) == 0) {
    double first_s = -1;
    const auto frames = kuchi_pull(live, some.data(), at_once, &first_s);
    if (frames < 0) throw std::runtime_error(kuchi_last_error(live));
    const auto before = static_cast<double>(out.size() / curves) / kuchi_fps(live);
    if (std::abs(first_s - before) > 1e-9) throw std::runtime_error("frames are not in time");
    out.insert(out.end(), some.begin(), some.begin() + frames * static_cast<int64_t>(curves));
    if (frames == 0) std::this_thread::yield();
  }
  return out;
}

std::vector<float> in_one_thread(kuchi_live* live, const std::vector<float>& sound) {
  REQUIRE(kuchi_push(live, sound.data(), sound.size()) == KUCHI_OK);
  REQUIRE(kuchi_finish(live) == KUCHI_OK);
  return pull_all(live, 7);
}

Matrix of_the_whole(const std::vector<float>& sound, double fps) {
  const train::Ensemble model({capi_run()}, "best", "cpu");
  const auto samples = static_cast<int64_t>(sound.size());
  return model.predict(sound, features::frame_count(samples, fps));
}

void check_near(const std::vector<float>& got, const Matrix& want) {
  REQUIRE(got.size() == want.data.size());
  for (size_t i = 0; i < got.size(); ++i) REQUIRE(std::abs(got[i] - want.data[i]) <= 1e-5);
}

}  // namespace

TEST_CASE("capi: one thread pushes and another pulls: the curves of the whole clip", "[capi]") {
  const auto sound = capi_sound(2.01);
  const auto want = of_the_whole(sound, 30);
  for (const size_t piece : {size_t{1}, size_t{160}, size_t{1000}, sound.size()}) {
    const Handle handle;
    bool pushed = true;
    std::thread audio([&] {
      for (size_t i = 0; i < sound.size(); i += piece) {
        const auto count = std::min(piece, sound.size() - i);
        pushed = pushed && kuchi_push(handle.live, sound.data() + i, count) == KUCHI_OK;
      }
      pushed = pushed && kuchi_finish(handle.live) == KUCHI_OK;
    });
    const auto got = pull_all(handle.live, 16);
    audio.join();
    CHECK(pushed);
    check_near(got, want);
  }
}

TEST_CASE("capi: a frame comes once its sound is there, and no more than was asked for", "[capi]") {
  const Handle handle;
  const auto sound = capi_sound(1);
  const auto curves = kuchi_curve_count(handle.live);
  std::vector<float> out(100 * curves);
  CHECK(kuchi_pull(handle.live, out.data(), 100, nullptr) == 0);
  REQUIRE(kuchi_push(handle.live, sound.data(), sound.size()) == KUCHI_OK);
  CHECK(kuchi_pull(handle.live, nullptr, 0, nullptr) == 0);
  CHECK(kuchi_pull(handle.live, out.data(), 5, nullptr) == 5);
  double first_s = 0;
  // A second at 30 frames a second, less the two frames that the head looks ahead.
  CHECK(kuchi_pull(handle.live, out.data(), 100, &first_s) == 23);
  CHECK(first_s == Approx(5.0 / 30));
  CHECK(kuchi_done(handle.live) == 0);
  REQUIRE(kuchi_finish(handle.live) == KUCHI_OK);
  CHECK(kuchi_pull(handle.live, out.data(), 100, nullptr) == 2);
  CHECK(kuchi_done(handle.live) == 1);
  CHECK(kuchi_pull(handle.live, out.data(), 100, nullptr) == 0);
}

TEST_CASE("capi: says what comes out: names, ranges, rate and delay", "[capi]") {
  const Handle handle;
  const auto model = train::load_trained(capi_run(), "best", "cpu").model;
  const auto& rig = model->card().rig;
  REQUIRE(kuchi_curve_count(handle.live) == rig.curves.size());
  for (size_t i = 0; i < rig.curves.size(); ++i) {
    CHECK(kuchi_curve_name(handle.live, i) == rig.curves[i].name);
    float low = -9, high = -9;
    REQUIRE(kuchi_curve_range(handle.live, i, &low, &high) == KUCHI_OK);
    CHECK(low == Approx(rig.curves[i].low));
    CHECK(high == Approx(rig.curves[i].high));
  }
  CHECK(kuchi_fps(handle.live) == 30);
  CHECK(kuchi_delay_s(handle.live) == Approx(0.1));  // 2 frames, and 1 until it is known
  CHECK(kuchi_version() == std::string("0.1.0"));

  kuchi_options options{};
  options.size = sizeof options;
  options.fps = 60;
  const Handle other(&options);
  CHECK(kuchi_fps(other.live) == 60);
  CHECK(kuchi_delay_s(other.live) == Approx(0.1 + 1.0 / 30));
  CHECK(in_one_thread(other.live, capi_sound(1)).size() == 60 * rig.curves.size());
}

TEST_CASE("capi: reset begins another clip, handles know nothing of each other", "[capi]") {
  const Handle one, two;
  const auto sound = capi_sound(1), longer = capi_sound(2);
  REQUIRE(kuchi_push(one.live, longer.data(), longer.size()) == KUCHI_OK);  // heard in part
  std::vector<float> some(3 * kuchi_curve_count(one.live));
  REQUIRE(kuchi_pull(one.live, some.data(), 3, nullptr) == 3);
  REQUIRE(kuchi_reset(one.live) == KUCHI_OK);

  std::vector<float> of_two;
  std::thread beside([&] { of_two = in_one_thread(two.live, longer); });
  const auto of_one = in_one_thread(one.live, sound);
  beside.join();

  check_near(of_one, of_the_whole(sound, 30));
  check_near(of_two, of_the_whole(longer, 30));
}

TEST_CASE("capi: reset, pushes, pulls and closing from several threads at once", "[capi]") {
  auto handle = std::make_unique<Handle>();
  auto* const live = handle->live;
  const auto sound = capi_sound(0.1);
  std::atomic<bool> over = false;
  std::atomic<int> odd = 0;
  const auto again = [&](const std::function<int64_t()>& act) {
    return std::thread([&over, &odd, act] {
      while (!over) {
        const auto status = act();
        if (status < 0 ? status != -KUCHI_USAGE : false) ++odd;
      }
    });
  };
  std::vector<std::thread> threads;
  threads.push_back(again([&] { return -kuchi_push(live, sound.data(), sound.size()); }));
  threads.push_back(again([&] {
    std::vector<float> out(4 * 64);
    return kuchi_pull(live, out.data(), 4, nullptr);
  }));
  threads.push_back(again([&] { return -kuchi_reset(live); }));
  threads.push_back(again([&] { return kuchi_last_error(live) == nullptr ? -KUCHI_BUG : 0; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  handle.reset();  // in the middle
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  over = true;
  for (auto& thread : threads) thread.join();
  CHECK(odd == 0);
  CHECK(kuchi_push(live, sound.data(), sound.size()) == KUCHI_USAGE);
}

TEST_CASE("capi: NULL and handles that are none are refused, never followed", "[capi]") {
  kuchi_live* live = nullptr;
  auto* const nonsense = reinterpret_cast<kuchi_live*>(uintptr_t{0x1234567});
  float x = 0, y = 0;
  CHECK(kuchi_open(nullptr, nullptr, &live) == KUCHI_USAGE);
  CHECK(kuchi_open("run", nullptr, nullptr) == KUCHI_USAGE);
  CHECK(kuchi_close(nullptr) == KUCHI_OK);
  CHECK(kuchi_close(nonsense) == KUCHI_USAGE);
  for (auto* none : {live, nonsense}) {
    CHECK(kuchi_push(none, &x, 1) == KUCHI_USAGE);
    CHECK(kuchi_finish(none) == KUCHI_USAGE);
    CHECK(kuchi_pull(none, &x, 1, nullptr) == -KUCHI_USAGE);
    CHECK(kuchi_reset(none) == KUCHI_USAGE);
    CHECK(kuchi_done(none) == 0);
    CHECK(kuchi_curve_count(none) == 0);
    CHECK(kuchi_curve_name(none, 0) == nullptr);
    CHECK(kuchi_curve_range(none, 0, &x, &y) == KUCHI_USAGE);
    CHECK(kuchi_fps(none) == 0);
    CHECK(kuchi_delay_s(none) == -1);
    CHECK(has(kuchi_last_error(none), "NULL or was closed"));
  }
}

TEST_CASE("capi: what cannot be opened says why, with the program's exit codes", "[capi]") {
  kuchi_live* live = nullptr;
  const auto error = [] { return std::string(kuchi_last_error(nullptr)); };
  CHECK(kuchi_open("/no/such/run", nullptr, &live) == KUCHI_DATA);
  CHECK(has(error(), "/no/such/run"));
  CHECK(live == nullptr);
  const auto refused = [&](const std::function<void(kuchi_options&)>& set) {
    kuchi_options options{};
    options.size = sizeof options;
    set(options);
    return kuchi_open(capi_run().c_str(), &options, &live);
  };
  CHECK(refused([](auto& o) { o.size = 0; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.size = size_t{1} << 40; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.reserved = 1; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.fps = -1; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.fps = std::numeric_limits<double>::quiet_NaN(); }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.weights = "fp64"; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.threads = -1; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.intensity = 11; }) == KUCHI_USAGE);
  CHECK(refused([](auto& o) { o.checkpoint = "77"; }) == KUCHI_DATA);
  CHECK(refused([](auto& o) { o.speaker = "anna"; }) == KUCHI_USAGE);
  CHECK(has(error(), capi_run()));
  CHECK(live == nullptr);
}

TEST_CASE("capi: options of an older program, and of a newer one", "[capi]") {
  kuchi_live* live = nullptr;
  struct {
    kuchi_options known;
    char more[16];
  } newer{};
  newer.known.size = sizeof newer;
  CHECK(kuchi_open(capi_run().c_str(), &newer.known, &live) == KUCHI_OK);
  CHECK(kuchi_close(live) == KUCHI_OK);
  newer.more[15] = 1;
  CHECK(kuchi_open(capi_run().c_str(), &newer.known, &live) == KUCHI_USAGE);
  CHECK(has(kuchi_last_error(nullptr), "does not know"));

  kuchi_options older{};
  older.size = offsetof(kuchi_options, weights);
  older.fps = 60;
  older.weights = "of a field that the program did not have";
  CHECK(kuchi_open(capi_run().c_str(), &older, &live) == KUCHI_OK);
  CHECK(kuchi_fps(live) == 60);
  CHECK(kuchi_close(live) == KUCHI_OK);
  CHECK(kuchi_close(live) == KUCHI_USAGE);
}

TEST_CASE("capi: samples that are no numbers and a finished clip are refused, and nothing is lost",
          "[capi]") {
  const Handle handle;
  auto sound = capi_sound(1);
  auto broken = sound;
  broken[17] = std::numeric_limits<float>::quiet_NaN();
  CHECK(kuchi_push(handle.live, broken.data(), broken.size()) == KUCHI_DATA);
  CHECK(has(kuchi_last_error(handle.live), "sample 17"));
  broken[17] = std::numeric_limits<float>::infinity();
  CHECK(kuchi_push(handle.live, broken.data(), broken.size()) == KUCHI_DATA);
  CHECK(kuchi_push(handle.live, nullptr, 3) == KUCHI_USAGE);
  CHECK(kuchi_push(handle.live, nullptr, 0) == KUCHI_OK);
  CHECK(kuchi_pull(handle.live, nullptr, 3, nullptr) == -KUCHI_USAGE);
  const auto got = in_one_thread(handle.live, sound);
  check_near(got, of_the_whole(sound, 30));
  CHECK(kuchi_push(handle.live, sound.data(), 1) == KUCHI_USAGE);
  CHECK(has(kuchi_last_error(handle.live), "kuchi_reset"));
  // The failures of one handle are no other's, and those of a thread no other thread's.
  const Handle other;
  CHECK(kuchi_last_error(other.live) == std::string());
  std::string elsewhere = "?";
  std::thread([&] { elsewhere = kuchi_last_error(nullptr); }).join();
  CHECK(elsewhere.empty());
}

TEST_CASE("capi: weights in bfloat16 and int8, near the curves of float32", "[capi]") {
  const auto sound = capi_sound(1);
  const auto want = of_the_whole(sound, 30);
  for (const char* weights : {"fp32", "bf16", "int8"}) {
    kuchi_options options{};
    options.size = sizeof options;
    options.weights = weights;
    const Handle handle(&options);
    const auto got = in_one_thread(handle.live, sound);
    REQUIRE(got.size() == want.data.size());
    for (size_t i = 0; i < got.size(); ++i) REQUIRE(std::abs(got[i] - want.data[i]) <= 2e-2);
  }
}
