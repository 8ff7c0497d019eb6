// data.lag_frames: audio that is late against its curves, put right when it is read.
#include <ATen/ATen.h>

#include "catch.h"
#include "data/batches.h"
#include "data/store.h"
#include "small_training.h"
#include "train/clips.h"
#include "train/evaluate_run.h"
#include "train/source.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

constexpr int64_t kLag = 3;                         // frames
constexpr int64_t kLagSamples = kLag * 16000 / 30;  // whole, and ten hops of log-mel

/// The embedded set of a small training, found by the tests' settings.
data::Store embedded() {
  workshop();
  train::Experiment e;
  train::load(e, "", small());
  return data::Store::open(train::find_store(e.data, e.features, {"test"}));
}

/// The same with features and audio `lag` frames later than the curves.
fs::path made_late(const data::Store& store, int64_t lag, int64_t samples) {
  const auto file = workshop() / cat("late", lag, ".h5");
  auto head = store.info();
  const auto clips = std::move(head.clips);
  head.clips.clear();
  data::write_store(file, head, [&](data::StoreWriter& writer) {
    for (size_t i = 0; i < clips.size(); ++i) {
      const auto clip = static_cast<int64_t>(i);
      const auto x = store.read_features(clip);
      Matrix late(x.rows, x.cols);
      for (int64_t t = 0; t < x.rows; ++t) {
        const auto from = x.row(std::clamp<int64_t>(t - lag, 0, x.rows - 1));
        std::copy(from.begin(), from.end(), late.row(t).begin());
      }
      const auto audio = store.read_audio(clip);
      std::vector<float> late_audio(audio.size(), 0);
      for (size_t n = 0; n < audio.size(); ++n) {
        const auto from = static_cast<int64_t>(n) - samples;
        if (from >= 0 && from < static_cast<int64_t>(audio.size())) {
          late_audio[n] = audio[static_cast<size_t>(from)];
        }
      }
      auto own = clips[i];
      writer.add(own, late, store.read_curves(clip), late_audio);
    }
  });
  return file;
}

/// A store's first 60 % of every clip are trained on, and some after it judged: no part has frames
/// that a lag of 3 takes beyond the clip's end.
Settings inner(const fs::path& store, const Settings& more = {}) {
  return joined(
      {"data.store=" + store.string(), "data.split.by=time", "data.split.valid=0.2",
       "data.split.test=0.2", "data.split.gap_seconds=0", "features.stack=1", "model.head=linear",
       "train.device=cpu", "train.threads=1", "eval.split=valid", "eval.resamples=0"},
      more);
}

double mse_of(const fs::path& run) {
  train::EvaluateOptions options;
  const auto judging = train::open_judging({run}, options);
  return train::measure(judging, train::predict(judging)).metrics.value("mse").value();
}

double farthest_in_rows(const Matrix& a, const Matrix& b, int64_t begin, int64_t end) {
  double off = 0;
  for (int64_t t = begin; t < end; ++t) {
    for (int64_t c = 0; c < a.cols; ++c) {
      off = std::max(off, std::abs(static_cast<double>(a(t, c)) - b(t, c)));
    }
  }
  return off;
}

}  // namespace

TEST_CASE("lag: a set whose audio is 3 frames late trains and is judged as if it were not",
          "[train]") {
  const auto store = embedded();
  const auto late = made_late(store, kLag, kLagSamples);
  const auto true_run = new_run(), corrected = new_run(), left_alone = new_run();
  run_training(true_run, inner(store.info().file));
  run_training(corrected, inner(late, {cat("data.lag_frames=", kLag)}));
  run_training(left_alone, inner(late));
  const auto a = saved(true_run), b = saved(corrected), c = saved(left_alone);
  for (const auto& [name, tensor] : a) {
    INFO(name);
    CHECK(at::equal(tensor, b.at(name)));  // the same rows in the same order
  }
  CHECK_FALSE(at::equal(a.at("feature_mean"), c.at("feature_mean")));
  const double right = mse_of(true_run);
  CHECK(mse_of(corrected) == Approx(right).epsilon(1e-12));
  CHECK(mse_of(left_alone) > 1.02 * right);
}

TEST_CASE("lag: audio that is early is put right by a negative one", "[train]") {
  const auto store = embedded();
  const auto early = made_late(store, -kLag, -kLagSamples);
  // Of a negative lag it is the clip's first frames that heard what was not recorded.
  auto shifted = data::Store::open(early);
  shifted.set_lag(-kLag);
  const auto own = store.read_features(0), put_right = shifted.read_features(0);
  CHECK(farthest_in_rows(own, put_right, kLag, own.rows) == 0);
}

TEST_CASE("lag: features made anew, at any times and of audio, are the unshifted ones inside",
          "[train]") {
  const auto store = embedded();
  auto late = data::Store::open(made_late(store, kLag, kLagSamples));
  late.set_lag(kLag);
  features::Options other;  // not as the store has them
  other.stack = 5;
  const int64_t frames = store.info().clips[0].frames;
  const std::vector<data::Piece> pieces = {{0, data::Split::train, 0, frames}};
  // A window and the stack's neighbours beyond what was recorded.
  const int64_t end = frames - kLag - 3;
  const data::Segment whole{0, 0, frames};
  const train::Clips a(store, other, pieces, train::Keep::features_at_any_time);
  const train::Clips b(late, other, pieces, train::Keep::features_at_any_time);
  CHECK(farthest_in_rows(a.features(whole), b.features(whole), 3, end) <= 2e-5);
  std::vector<double> places;
  for (double p = 4; p < static_cast<double>(end); p += 1.3) places.push_back(p);
  const auto x = a.features_at(0, places), y = b.features_at(0, places);
  CHECK(farthest_in_rows(x, y, 0, x.rows) <= 2e-5);
  CHECK(a.curves_at(0, places).data == b.curves_at(0, places).data);
  // And what a head that hears audio gets.
  const train::Clips heard(store, other, pieces, train::Keep::audio);
  const train::Clips heard_late(late, other, pieces, train::Keep::audio);
  const data::Segment inside{0, 5, end};
  CHECK(heard.audio(inside) == heard_late.audio(inside));
}
