// An encoder that learns phones: better than knowing nothing, to the same weights every time.
#include "train/pretrain.h"

#include <ATen/Parallel.h>
#include <torch/utils.h>

#include "../data/fixture.h"
#include "../encoders/small_encoder.h"
#include "catch.h"
#include "encoders/load.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

data::PhoneCorpus corpus_of(int64_t clips, double held_out) {
  synth::Options set;
  set.clips = clips;
  set.seconds = 2;
  data::PhoneOptions options;
  options.held_out = held_out;
  return data::embedded_phones(set, options);
}

std::shared_ptr<encoders::Encoder> fresh_encoder() {
  torch::manual_seed(5);
  auto config = small_config();
  config.conv_dim = std::vector<int64_t>(7, 16);
  config.hidden = 32;
  config.pre_norm = true;
  return std::make_shared<encoders::Encoder>(config);
}

train::PretrainOptions quick(int64_t steps) {
  train::PretrainOptions o;
  o.steps = steps;
  o.batch_s = 4;
  o.segment_s = 2;
  o.lr = 3e-3;
  return o;
}

/// All weights one after another.
at::Tensor weights(const encoders::Encoder& encoder) {
  std::vector<at::Tensor> all;
  for (const auto& p : encoder.parameters()) all.push_back(p.detach().reshape({-1}));
  return at::cat(all);
}

}  // namespace

TEST_CASE("pretraining: phones of speech never heard are known better than by guessing",
          "[train]") {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto corpus = corpus_of(24, 0.2);
  const auto encoder = fresh_encoder();
  train::Pretraining pretraining(*encoder, corpus, quick(120), at::kCPU);
  const auto before = pretraining.held_out();
  int64_t told = 0;
  REQUIRE(pretraining.run([&](int64_t step, const std::string&) { told = step; }));
  const auto after = pretraining.held_out();
  at::set_num_threads(threads);
  CHECK(told == 120);
  CHECK(pretraining.steps_done() == 120);

  // What is held out, counted anew: every 20 ms of the clips that no training piece touches.
  int64_t frames = 0;
  std::vector<int64_t> counts(static_cast<size_t>(corpus.phones.size()), 0);
  for (const auto& p : data::pieces_of(corpus.pieces, data::Split::valid)) {
    for (int64_t k = 0; k * 320 + 400 <= p.end - p.begin; ++k) {
      const double at_s = static_cast<double>(p.begin + k * 320 + 200) / 16000;
      for (const auto& phone : corpus.clips[static_cast<size_t>(p.clip)].phones) {
        if (phone.begin_s <= at_s && at_s < phone.end_s) {
          ++frames;
          ++counts[static_cast<size_t>(corpus.phones.index(phone.label))];
        }
      }
    }
  }
  CHECK(after.frames == frames);
  CHECK(after.most_common == *std::max_element(counts.begin(), counts.end()));
  INFO("accuracy " << before.accuracy() << " -> " << after.accuracy() << ", by guessing "
                   << after.majority());
  CHECK(after.accuracy() > after.majority() + 0.05);
  CHECK(after.accuracy() > before.accuracy() + 0.1);
  CHECK(pretraining.report()["held_out"]["accuracy"] == after.accuracy());
}

TEST_CASE("pretraining: same seed, same weights; another seed, others", "[train]") {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto corpus = corpus_of(6, 0);
  std::vector<at::Tensor> ends;
  for (const uint64_t seed : {1, 1, 2}) {
    const auto encoder = fresh_encoder();
    auto options = quick(4);
    options.seed = seed;
    train::Pretraining pretraining(*encoder, corpus, options, at::kCPU);
    REQUIRE(pretraining.run([](int64_t, const std::string&) {}));
    CHECK(pretraining.held_out().frames == 0);
    ends.push_back(weights(*encoder));
  }
  at::set_num_threads(threads);
  CHECK(at::equal(ends[0], ends[1]));
  CHECK_FALSE(at::equal(ends[0], ends[2]));
  CHECK_FALSE(at::equal(ends[0], weights(*fresh_encoder())));
}

TEST_CASE("pretraining: clips shorter than what the encoder hears, and a loss that is no number",
          "[train]") {
  auto corpus = corpus_of(4, 0);
  const auto encoder = fresh_encoder();
  auto short_ones = corpus;
  for (auto& piece : short_ones.pieces) piece.end = piece.begin + 399;
  const auto none = caught([&] { train::Pretraining(*encoder, short_ones, quick(1), at::kCPU); });
  CHECK(none.code == 3);
  CHECK(none.has("400 samples"));
  {
    const at::NoGradGuard no_grad;
    encoder->norm().bias.fill_(NAN);
  }
  const auto diverged = caught([&] {
    train::Pretraining(*encoder, corpus, quick(3), at::kCPU).run([](int64_t, const std::string&) {
    });
  });
  CHECK(diverged.code == 4);
  CHECK(diverged.has("step 1"));
}
