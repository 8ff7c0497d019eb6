#include "train/watch.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>
#include <thread>

#include "catch.h"
#include "small_training.h"
#include "train/run.h"

using namespace kuchi;
using namespace kuchi::train;
using namespace kuchi::test;

TEST_CASE("watch: shares of time are of all of it, rates of the training alone", "[train]") {
  Stopwatch clock;
  const auto sleep = [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  sleep(20);
  clock.lap(Phase::data);
  sleep(40);
  clock.lap(Phase::backward);
  clock.count(300);
  sleep(60);
  clock.lap(Phase::validation);
  const auto json = clock.json(/*fps=*/30, /*gpu=*/-1);
  double sum = 0;
  for (const auto& share : json.at("share")) sum += share.get<double>();
  CHECK(sum == Approx(1).margin(1e-3));
  CHECK(json.at("share").at("backward").get<double>() > json.at("share").at("data").get<double>());
  const double training = clock.seconds(Phase::data) + clock.seconds(Phase::backward);
  CHECK(json.at("frames_per_s").get<double>() == Approx(300 / training).epsilon(1e-3));
  CHECK(json.at("audio_per_s").get<double>() == Approx(10 / training).epsilon(1e-2));
  CHECK_FALSE(json.contains("padding"));
  CHECK(json.at("memory_mb").at("peak").get<double>() > 1);
  clock.count_padding(60, 80);
  clock.count_padding(100, 120);
  CHECK(clock.json(30, -1).at("padding").get<double>() == Approx(0.2));  // 40 of 200
  clock.restart();
  CHECK(clock.total_s() == 0);
  CHECK_FALSE(clock.json(30, -1).contains("padding"));
}

TEST_CASE("watch: the table says what an event does, headings first", "[train]") {
  EpochTable table("mse");
  const nlohmann::json event = {
      {"epoch", 3},
      {"step", 120},
      {"loss", 0.0123},
      {"lr", 1e-3},
      {"best", true},
      {"valid", {{"mse", 0.0456}}},
      {"skipped", 2},
      {"timing", {{"frames_per_s", 1500}, {"padding", 0.125}, {"share", {{"data", 0.004}}}}}};
  const auto first = table.lines(event), second = table.lines(event);
  CHECK(first.find("valid mse") < first.find('\n'));
  CHECK(second.find('\n') == std::string::npos);
  for (const char* part :
       {" 3 ", "120", "0.0123", "0.0456*", "0.001", "1500", "<1", " 13", "2 updates left out"}) {
    INFO(part);
    CHECK(second.find(part) != std::string::npos);
  }
  CHECK_FALSE(table.lines({{"event", "epoch"}, {"epoch", 1}}).empty());  // a head that is solved
}

TEST_CASE("watch: what TensorBoard's files took is not the next epoch's data", "[train]") {
  const auto run = new_run();
  run_training(run, small());
  const auto trained = load_trained(run, "last", "cpu");
  Options options;
  options.tensorboard = true;
  Watch watch(run, options, /*fps=*/30, at::kCPU, /*leads=*/true);
  watch.begin(0);
  watch.epoch({{"event", "epoch"}, {"epoch", 1}, {"step", 1}}, *trained.model);
  CHECK(watch.clock().seconds(Phase::other) > 0);
  CHECK(watch.clock().seconds(Phase::data) == 0);
}

TEST_CASE("board: a histogram counts every finite value once", "[train]") {
  const auto nan = std::nanf("");
  const auto h = histogram_of(at::tensor({-1.0F, 0.0F, 0.5F, 3.0F, nan, 3.0F}));
  CHECK(h.count == 5);
  CHECK(h.sum == 5.5);
  CHECK(h.squares == 19.25);  // 1 + 0.25 + 9 + 9
  CHECK(h.min == -1);
  CHECK(h.limits.back() == 3);
  CHECK(std::accumulate(h.counts.begin(), h.counts.end(), 0.0) == 5);
  CHECK(h.counts.back() == 2);
  CHECK(histogram_of(at::full({7}, 2)).counts == std::vector<double>{7});
  CHECK(histogram_of(at::full({7}, nan)).count == 0);
}

TEST_CASE("board: a curve is drawn from its low at the bottom to its high at the top", "[train]") {
  eval::ClipResult clip;
  clip.fps = 30;
  clip.target = Matrix(2, 1);
  clip.prediction = Matrix(2, 1);
  clip.target(1, 0) = 1;
  const auto picture = curve_picture(clip, 0, 0, 1);
  const auto at = [&](int64_t x, int64_t y) {
    return picture.pixels[static_cast<size_t>(y * picture.width + x)];
  };
  CHECK(at(4, picture.height - 5) == 3);                  // both begin at the bottom
  CHECK(at(picture.width - 5, 4) == 2);                   // the target ends at the top
  CHECK(at(picture.width - 5, picture.height - 5) == 3);  // the prediction stays below
}
