// Every head under every loss term: a batch of unlike clips is the clips one at a time.
#include <ATen/ATen.h>
#include <torch/utils.h>

#include "../encoders/small_encoder.h"
#include "catch.h"
#include "encoders/load.h"
#include "small_training.h"
#include "train/judge.h"
#include "train/loss_terms.h"

using namespace kuchi;
using namespace kuchi::test;
using namespace kuchi::train;

namespace {

const std::vector<int64_t> kFrames = {30, 7, 19, 1};

/// A clip of noise with random targets, some frames marked.
Sample sample_of(int64_t frames, int64_t dim, int64_t curves, Stream stream) {
  Sample s{Matrix(frames, dim), Matrix(frames, curves)};
  for (auto& x : s.features.data) x = static_cast<float>(stream.uniform(-2, 2));
  for (auto& y : s.targets.data) y = static_cast<float>(stream.uniform(0, 1));
  for (int64_t i = 0; i < frames; ++i) {
    s.closed.push_back(stream.uniform(0, 1) < 0.5);
    s.silent.push_back(stream.uniform(0, 1) < 0.5);
  }
  s.closed_below = 0.05;
  for (int64_t i = 0; i < frames * 16000 / 30; ++i) {
    s.audio.push_back(static_cast<float>(stream.uniform(-0.1, 0.1)));
  }
  return s;
}

std::shared_ptr<models::Model> model_of(const models::HeadKind& kind, const models::Card& card) {
  auto model = std::make_shared<models::Model>(kind, card);
  if (auto* closed = dynamic_cast<models::ClosedFormHead*>(&model->head())) {
    const at::NoGradGuard no_grad;
    closed->observe(at::randn({300, features::dim(card.features)}),
                    at::rand({300, card.rig.size()}));
    closed->solve();
  }
  model->eval();
  return model;
}

void check_terms(models::Model& model, const models::Card& card, bool hears_audio) {
  const at::NoGradGuard no_grad;
  std::vector<Sample> samples;
  for (size_t i = 0; i < kFrames.size(); ++i) {
    samples.push_back(sample_of(kFrames[i], hears_audio ? 0 : features::dim(card.features),
                                card.rig.size(), Stream(1, "heads", i)));
    if (!hears_audio) samples.back().audio.clear();
  }
  LossContext context;
  context.lips = at::zeros({card.rig.size()});
  context.lips.slice(0, 3, 5).fill_(1);
  context.aperture = std::make_shared<Aperture>(card.rig);
  const auto batch = collate(samples);
  const auto together = answer(model, batch);
  std::vector<Batch> alone;
  std::vector<at::Tensor> answers;
  for (const auto& s : samples) {
    alone.push_back(collate({s}));
    answers.push_back(answer(model, alone.back()));
  }
  for (const auto& term : loss_terms()) {
    INFO(card.head << ", " << term.name);
    double sum = 0, count = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      const auto part = term.sum(answers[i].to(at::kDouble), alone[i], context);
      sum += part.sum.item<double>();
      count += part.count;
    }
    const auto whole = term.sum(together.to(at::kDouble), batch, context);
    CHECK(whole.count == count);
    CHECK((sum > 0 || (card.head == "mean" && term.name == "silence")));
    CHECK(std::abs(whole.sum.item<double>() / whole.count - sum / count) <=
          1e-6 * std::max(1.0, sum / count));
  }
}

}  // namespace

TEST_CASE("heads: under every loss term a batch is its clips' sums over their counts", "[train]") {
  torch::manual_seed(1);
  const auto encoder = workshop() / "heads-encoder";
  at::set_num_threads(1);
  encoders::save(*small_encoder(small_config()), encoder);
  Experiment experiment;
  load(experiment, "",
       small({"model.wav2vec2.encoder=" + encoder.string(), "model.linear.context=3",
              "model.wav2vec2.top_layers=1"}));
  models::Card card;
  card.features = experiment.features;
  card.rig = curves::load_rig("arkit-mouth");
  for (const auto& kind : experiment.model.kinds) {
    card.head = kind->name();
    const auto model = model_of(*kind, card);
    check_terms(*model, card, kind->hears_audio());
  }
}
