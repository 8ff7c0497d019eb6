// src/train/options.h
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/schema.h"

namespace kuchi::train {

enum class Precision { fp32, bf16 };
enum class Schedule { constant, linear, cosine, one_cycle, inverse_sqrt, plateau };

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
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 0.01;
  std::map<std::string, double> group_lr, group_weight_decay;  // by a pattern of names
  Schedule schedule = Schedule::cosine;
  double warmup = 0.05;
  double final_lr = 0.02;
  double plateau_factor = 0.5;
  int64_t plateau_patience = 3;
  double grad_clip = 1;
  int64_t grad_accumulation = 1;
  int64_t max_skipped = 10;  // updates in a row
  double runaway = 20;       // times the usual error; 0: never
  double ema = 0;
  double swa = 0;
  std::string init;  // "": from nothing
  Precision precision = Precision::fp32;
  bool tf32 = true;
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

enum class LossKind { mse, huber, l1 };

/// Section `loss`: a weighted sum of terms, each a mean over valid frames.
struct LossOptions {
  LossKind kind = LossKind::mse;
  double huber_delta = 0.1;
  double velocity = 0, acceleration = 0;
  double lips = 0, closure = 0;
  double silence = 0, silence_margin = 0;
  std::map<std::string, double> curve_weights;
  std::map<std::string, std::vector<double>> schedule;  // by term: from, to, as shares of training
};
void describe(config::Section section, LossOptions& options);

/// Section `eval`.
struct EvalOptions {
  std::string split = "test";
  int64_t resamples = 1000;
  int64_t seed = 0;
  std::string vertex_basis = "auto";  // or none, or a path
  std::string vertex_unit = "m";
};
void describe(config::Section section, EvalOptions& options);

}  // namespace kuchi::train
