// src/train/pretrain.h
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/phone_corpus.h"
#include "encoders/encoder.h"

namespace kuchi::train {

/// How an encoder learns phones.
struct PretrainOptions {
  int64_t steps = 2000;
  double batch_s = 16;   // seconds of sound in a batch, padding counted though none is computed
  double segment_s = 4;  // longer clips are cut to this, elsewhere every epoch
  double lr = 1e-3;      // peak; rises over the first tenth of the steps, falls by a cosine
  double weight_decay = 0.01;  // not of biases and norms
  double dropout = 0.1;        // after sublayers and of attention weights
  double mask_time = 0.05;     // share of frames hidden, in runs of 10
  double grad_clip = 1;
  uint64_t seed = 0;
};

/// Right frames of those that have a phone.
struct PhoneScore {
  int64_t frames = 0, right = 0;
  int64_t most_common = 0;  // frames of the commonest phone: what knowing nothing scores
  double accuracy() const { return share(right); }
  double majority() const { return share(most_common); }

 private:
  double share(int64_t n) const {
    return frames == 0 ? 0 : static_cast<double>(n) / static_cast<double>(frames);
  }
};

/// Teaches an encoder which phone is spoken at each of its frames: a linear layer over its last
/// hidden state, cross-entropy over the frames that have a phone (frame k's is the one at
/// first_frame_s + k · hop_s), time masks as in fine-tuning (Baevski et al., NeurIPS 2020), AdamW.
/// Everything learns, the convolutions too. The linear layer belongs to the pretraining alone.
///
/// Bit-identical for equal options at an equal number of threads.
class Pretraining {
 public:
  /// `encoder` is trained in place, on `device`. UserError (data) where no clip of the training
  /// part gives a frame.
  Pretraining(encoders::Encoder& encoder, const data::PhoneCorpus& corpus,
              const PretrainOptions& options, c10::Device device);
  ~Pretraining();
  Pretraining(const Pretraining&) = delete;
  Pretraining& operator=(const Pretraining&) = delete;

  /// To the end, or to an interruption: false then. `at(step, words)` after every update.
  /// UserError (diverged) where the loss is no number.
  bool run(const std::function<void(int64_t, const std::string&)>& at);

  /// On whole clips of the part held out; no frames where nothing is.
  PhoneScore held_out() const;
  int64_t steps_done() const;
  double loss() const;  // mean over the last 50 updates
  /// What pretraining.json holds; `held_out` is null where run() was interrupted: who wants to stop
  /// does not wait for it.
  nlohmann::ordered_json report() const;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace kuchi::train
