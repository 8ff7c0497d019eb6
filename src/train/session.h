// src/train/session.h
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/log.h"
#include "train/checkpoint.h"
#include "train/clips.h"
#include "train/experiment.h"
#include "train/judge.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/sampler.h"
#include "train/trainer.h"

namespace kuchi::train {

/// One training under way: what train() and resume() share.
class Session {
 public:
  /// Reads the clips, builds the model with its statistics; nothing is written. `making` is of the
  /// checkpoint that will be restored, if one will.
  Session(Experiment& experiment, std::filesystem::path run, data::Store store,
          std::vector<data::Piece> pieces, const Location& config_at,
          const models::Making& making = {});

  /// Weights, moments and place of a checkpoint.
  void restore(const std::filesystem::path& checkpoint);
  /// To the end, or to an interruption, which is thrown after a checkpoint.
  Outcome go();

  const models::Model& model() const { return *model_; }

 private:
  void fit_closed_form(models::ClosedFormHead& head);
  /// True if all of the epoch's batches are done, false if max_steps came first.
  bool train_epoch(Progress& progress);
  void update(const std::vector<Batch>& group);
  Batch make_batch(const std::vector<data::Segment>& segments, int64_t epoch) const;
  data::Plan plan(int64_t epoch) const;
  /// Validation, event and checkpoint.
  void close_epoch(bool complete);
  /// Judges the validation part; true if it is the best so far.
  bool validate(nlohmann::json& event);
  void check_loss();
  void save();
  bool out_of_steps() const;
  bool is_over() const;
  bool is_closed_form() const;
  std::string words() const;

  Experiment& experiment_;
  const Options& options_;
  std::filesystem::path run_;
  data::Store store_;
  std::vector<data::Piece> train_, valid_;
  Clips clips_;
  at::Device device_;
  std::shared_ptr<models::Model> model_;
  Loss loss_;
  std::unique_ptr<AdamW> optimizer_;
  std::unique_ptr<WeightAverage> average_;
  std::unique_ptr<Sampler> sampler_;
  State state_;
  int64_t total_steps_ = 0;
  int64_t saved_step_ = -1;
  double resumed_s_ = 0;     // seconds trained before this session
  double started_s_ = 0;     // monotonic
  at::Tensor pending_norm_;  // on the device: largest gradient norm since check_loss
  at::Tensor pending_loss_;  // on the device: loss × frames not yet in state_
  std::optional<double> last_valid_;
};

}  // namespace kuchi::train
