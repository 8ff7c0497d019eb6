#include "train/pretrain.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <future>

#include "audio/audio.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "data/batches.h"
#include "encoders/masks.h"
#include "io/provenance_json.h"
#include "train/schedule.h"

namespace kuchi::train {
namespace {

int64_t samples(double seconds) { return std::llround(seconds * audio::kRate); }

/// What a batch is: sounds, and the phones of all their frames one after another.
struct Heard {
  std::vector<at::Tensor> clips;  // [samples] each
  std::vector<int64_t> targets;   // data::kNoPhone where there is none
  int64_t labelled = 0;
};

std::vector<data::Piece> long_enough(const std::vector<data::Piece>& pieces, int64_t least) {
  std::vector<data::Piece> out;
  std::copy_if(pieces.begin(), pieces.end(), std::back_inserter(out),
               [&](const data::Piece& p) { return p.end - p.begin >= least; });
  return out;
}

/// Weights decay, biases and the scales of norms do not.
std::unique_ptr<torch::optim::AdamW> make_optimizer(encoders::Encoder& encoder,
                                                    torch::nn::Linear& classifier,
                                                    const PretrainOptions& o) {
  std::vector<at::Tensor> decaying, others;
  for (const auto* module : {static_cast<torch::nn::Module*>(&encoder),
                             static_cast<torch::nn::Module*>(classifier.get())}) {
    for (const auto& p : module->parameters()) (p.dim() > 1 ? decaying : others).push_back(p);
  }
  const auto options = [&](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(o.lr).betas({0.9, 0.98}).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(decaying, options(o.weight_decay));
  groups.emplace_back(others, options(0));
  return std::make_unique<torch::optim::AdamW>(std::move(groups));
}

encoders::Training regularised(const PretrainOptions& o) {
  encoders::Training training;
  training.dropouts.hidden = training.dropouts.attention = o.dropout;
  return training;
}

}  // namespace

struct Pretraining::Work {
  Work(encoders::Encoder& e, const data::PhoneCorpus& c, const PretrainOptions& o, c10::Device d)
      : encoder(e), corpus(c), options(o), device(d) {
    const auto least = encoder.config().receptive_samples();
    train = long_enough(data::pieces_of(corpus.pieces, data::Split::train), least);
    valid = long_enough(data::pieces_of(corpus.pieces, data::Split::valid), least);
    if (train.empty()) {
      throw UserError(Exit::data, cat("no clip to learn from is as long as what the encoder hears "
                                      "at a time, ",
                                      least, " samples"));
    }
    classifier = torch::nn::Linear(encoder.config().hidden, corpus.phones.size());
    encoder.to(device);
    classifier->to(device);
    encoder.set_training(regularised(options));
    encoder.set_interruptible(false);
    optimizer = make_optimizer(encoder, classifier, options);
    rates.lr = options.lr;
    rates.warmup = 0.1;
  }

  Heard hear(const std::vector<data::Segment>& segments) const;
  std::vector<data::Segment> segments(int64_t batch);
  at::Tensor logits(const Heard& heard, bool training) const;
  void update(const Heard& heard);
  PhoneScore score(const std::vector<data::Piece>& pieces) const;

  encoders::Encoder& encoder;
  const data::PhoneCorpus& corpus;
  const PretrainOptions options;
  const c10::Device device;
  std::vector<data::Piece> train, valid;
  torch::nn::Linear classifier{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer;
  Options rates;  // of train, whose schedule this is
  data::Plan plan;
  int64_t epoch = -1, planned_to = 0;  // batches of the epochs before this one and of it
  int64_t step = 0;
  bool interrupted = false;
  std::vector<double> losses;  // a step each
  int64_t recent_frames = 0, recent_right = 0;
};

Heard Pretraining::Work::hear(const std::vector<data::Segment>& segments) const {
  const auto& config = encoder.config();
  Heard out;
  for (const auto& s : segments) {
    const auto frames = config.frames(s.end - s.begin);
    if (frames == 0) continue;  // what was left at a clip's end
    const auto& clip = corpus.clips[static_cast<size_t>(s.clip)];
    const auto sound = data::samples_of(clip);
    const auto count = static_cast<int64_t>(sound.size());
    // A container may tell a length that differs from what is decoded by a little.
    auto heard = at::zeros({s.end - s.begin}, at::kFloat);
    const auto there = std::clamp<int64_t>(count - s.begin, 0, s.end - s.begin);
    std::copy_n(sound.begin() + std::min(s.begin, count), there, heard.data_ptr<float>());
    out.clips.push_back(heard);
    const double begin_s = static_cast<double>(s.begin) / audio::kRate;
    const auto targets = data::phone_targets(clip.phones, corpus.phones, frames,
                                             begin_s + config.first_frame_s(), config.hop_s());
    out.targets.insert(out.targets.end(), targets.begin(), targets.end());
  }
  out.labelled = static_cast<int64_t>(out.targets.size()) -
                 std::count(out.targets.begin(), out.targets.end(), data::kNoPhone);
  return out;
}

/// Of batch `batch` of the whole training, epoch after epoch.
std::vector<data::Segment> Pretraining::Work::segments(int64_t batch) {
  while (batch >= planned_to) {
    data::BatchOptions o;
    o.batch_frames = samples(options.batch_s);
    o.segment_frames = samples(options.segment_s);
    plan = data::plan_batches(train, o, options.seed, static_cast<uint64_t>(++epoch));
    planned_to += static_cast<int64_t>(plan.batches.size());
  }
  const auto first = planned_to - static_cast<int64_t>(plan.batches.size());
  return plan.batches[static_cast<size_t>(batch - first)];
}

/// [frames, phones]
at::Tensor Pretraining::Work::logits(const Heard& heard, bool training) const {
  std::vector<at::Tensor> clips;
  for (const auto& clip : heard.clips) clips.push_back(clip.to(device));
  auto x = encoder.project(encoder.front_end(clips));
  if (training) {
    encoders::Masking masking;
    masking.time.probability = options.mask_time;
    x = encoders::masked(x, encoder.mask_embedding(), masking);
  }
  return torch::nn::Linear(classifier)->forward(encoder.transform(x, {}).last);
}

void Pretraining::Work::update(const Heard& heard) {
  encoder.train();
  const double lr = learning_rate(rates, step, options.steps);
  for (auto& group : optimizer->param_groups()) group.options().set_lr(lr);
  const auto targets = at::tensor(heard.targets, at::kLong).to(device);
  const auto scores = logits(heard, true);
  const auto loss =
      at::cross_entropy_loss(scores, targets, {}, at::Reduction::Mean, data::kNoPhone);
  optimizer->zero_grad();
  loss.backward();
  auto learning = encoder.parameters();
  for (const auto& p : classifier->parameters()) learning.push_back(p);
  torch::nn::utils::clip_grad_norm_(learning, options.grad_clip);
  optimizer->step();
  losses.push_back(loss.item<double>());
  recent_frames += heard.labelled;
  recent_right += scores.argmax(1).eq(targets).sum().item<int64_t>();
  ++step;
}

PhoneScore Pretraining::Work::score(const std::vector<data::Piece>& pieces) const {
  const at::NoGradGuard no_grad;
  const bool was_training = encoder.is_training();
  encoder.eval();
  PhoneScore out;
  std::vector<int64_t> counts(static_cast<size_t>(corpus.phones.size()), 0);
  for (const auto& p : pieces) {
    const auto heard = hear({{p.clip, p.begin, p.end}});
    const auto targets = at::tensor(heard.targets, at::kLong);
    const auto answers = logits(heard, false).argmax(1).cpu();
    out.right += answers.eq(targets).sum().item<int64_t>();
    out.frames += heard.labelled;
    for (const auto phone : heard.targets) {
      if (phone != data::kNoPhone) ++counts[static_cast<size_t>(phone)];
    }
  }
  out.most_common = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  encoder.train(was_training);
  return out;
}

Pretraining::Pretraining(encoders::Encoder& encoder, const data::PhoneCorpus& corpus,
                         const PretrainOptions& options, c10::Device device)
    : work_(std::make_unique<Work>(encoder, corpus, options, device)) {}
Pretraining::~Pretraining() = default;

bool Pretraining::run(const std::function<void(int64_t, const std::string&)>& at) {
  auto& w = *work_;
  torch::manual_seed(w.options.seed);
  int64_t batch = 0, empty = 0;
  const auto read_next = [&] {
    return std::async(std::launch::async,
                      [&w, segments = w.segments(batch++)] { return w.hear(segments); });
  };
  // The next batch is read while this one is learnt from.
  auto next = read_next();
  while (w.step < w.options.steps) {
    const auto heard = next.get();
    if (w.step + 1 < w.options.steps || heard.labelled == 0) next = read_next();
    if (heard.labelled == 0) {
      if (++empty > 1000) {
        throw UserError(Exit::data, "a thousand batches running hold no frame with a phone");
      }
      continue;
    }
    empty = 0;
    w.update(heard);
    if (!std::isfinite(w.losses.back())) {
      throw UserError(Exit::diverged, cat("pretraining diverged: the loss is no number at step ",
                                          w.step, "; lower --lr (now ", number(w.options.lr), ")"));
    }
    const double right = static_cast<double>(w.recent_right) /
                         static_cast<double>(std::max<int64_t>(1, w.recent_frames));
    if (w.step % 50 == 0) w.recent_frames = w.recent_right = 0;
    at(w.step, cat("loss ", number(loss(), 3), "  frames right ", number(100 * right, 3), " %"));
    if (kuchi::interrupted()) {
      w.interrupted = true;
      return false;
    }
  }
  return true;
}

PhoneScore Pretraining::held_out() const { return work_->score(work_->valid); }
int64_t Pretraining::steps_done() const { return work_->step; }

double Pretraining::loss() const {
  const auto& all = work_->losses;
  const auto n = std::min<size_t>(50, all.size());
  double sum = 0;
  for (size_t i = all.size() - n; i < all.size(); ++i) sum += all[i];
  return n == 0 ? 0 : sum / static_cast<double>(n);
}

nlohmann::ordered_json Pretraining::report() const {
  const auto& w = *work_;
  nlohmann::ordered_json out;
  out["targets"] = "phones";
  out["provenance"] = io::to_json(w.corpus.provenance);
  out["clips"] = w.corpus.clips.size();
  out["seconds"] = w.corpus.seconds(data::Split::train);
  out["phones"] = w.corpus.phones.names();
  out["steps"] = w.step;
  out["asked_steps"] = w.options.steps;
  out["batch_seconds"] = w.options.batch_s;
  out["segment_seconds"] = w.options.segment_s;
  out["lr"] = w.options.lr;
  out["weight_decay"] = w.options.weight_decay;
  out["dropout"] = w.options.dropout;
  out["mask_time"] = w.options.mask_time;
  out["seed"] = w.options.seed;
  out["loss"] = loss();
  out["held_out"] = nullptr;
  if (w.interrupted) return out;
  const auto score = held_out();
  out["held_out"] = {{"seconds", w.corpus.seconds(data::Split::valid)},
                     {"frames", score.frames},
                     {"accuracy", score.accuracy()},
                     {"majority", score.majority()}};
  return out;
}

}  // namespace kuchi::train
