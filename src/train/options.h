// src/train/options.h
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/schema.h"

namespace kuchi::train {

enum class Schedule { constant, cosine };

/// Section `train`.
struct Options {
  int64_t max_epochs = 60;
  int64_t max_steps = 0;  // 0: by epochs
  int64_t batch_frames = 3200;
  int64_t segment_frames = 200;
  int64_t pool_batches = 50;
  std::string optimizer = "adamw";
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double weight_decay = 0.01;
  Schedule schedule = Schedule::cosine;
  double warmup = 0.05;
  double final_lr = 0.02;
  double grad_clip = 1;
  int64_t grad_accumulation = 1;
  double ema = 0;
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;
  int64_t loader_threads = 1;
  int64_t seed = 0;
  int64_t patience = 0;
  std::string monitor = "mse";
  int64_t keep = 2;
  int64_t checkpoint_every = 1;
  int64_t checkpoint_steps = 0;    // 0: none by steps
  double checkpoint_minutes = 10;  // 0: none by time
  double process_timeout = 600;    // s
  bool tensorboard = true;
};
void describe(config::Section section, Options& options);

enum class LossKind { mse, huber };

/// Section `loss`: a weighted sum of terms, each a mean over valid frames.
struct LossOptions {
  LossKind kind = LossKind::mse;
  double huber_delta = 0.1;
  double velocity = 0;
  std::map<std::string, double> curve_weights;
};
void describe(config::Section section, LossOptions& options);

/// Section `eval`.
struct EvalOptions {
  std::string split = "test";
  int64_t resamples = 1000;
  int64_t seed = 0;
};
void describe(config::Section section, EvalOptions& options);

}  // namespace kuchi::train
