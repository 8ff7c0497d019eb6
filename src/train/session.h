// src/train/session.h
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "core/log.h"
#include "train/average.h"
#include "train/checkpoint.h"
#include "train/clips.h"
#include "train/collapse.h"
#include "train/diagnosis.h"
#include "train/experiment.h"
#include "train/health.h"
#include "train/judge.h"
#include "train/loss.h"
#include "train/marks.h"
#include "train/optimizer.h"
#include "train/sampler.h"
#include "train/team.h"
#include "train/trainer.h"
#include "train/warm_start.h"
#include "train/watch.h"

namespace kuchi::train {

/// One training under way: what train() and resume() share.
class Session {
 public:
  /// Reads the clips, builds the model with its statistics; nothing is written. `making` is of the
  /// checkpoint that will be restored, if one will. Of a team of processes only rank 0 writes.
  Session(Experiment& experiment, std::filesystem::path run, data::Store store,
          std::vector<data::Piece> pieces, const Location& config_at,
          const models::Making& making = {}, Team team = {});

  /// Weights, moments and place of a checkpoint.
  void restore(const std::filesystem::path& checkpoint);
  /// To the end, or to an interruption, which is thrown after a checkpoint.
  Outcome go();

  /// One update a rate, from the start; take(rate, loss) says whether to go on. The loss is that of
  /// the same few batches every time, after the update. Nothing is written.
  void try_rates(const std::vector<double>& rates, const std::function<bool(double, double)>& take);

  /// An epoch's batches made by so many workers, for a consumer that takes step_s over each.
  struct LoaderEpoch {
    double seconds = 0, waited_s = 0;
    int64_t batches = 0, frames = 0, padded = 0;
  };
  LoaderEpoch time_loader(int64_t epoch, int64_t workers, double step_s);

  const models::Model& model() const { return *model_; }
  const data::StoreInfo& store() const { return store_.info(); }
  const std::vector<data::Piece>& pieces() const { return pieces_; }
  /// What was taken over by train.init; nothing where a checkpoint is restored.
  const std::optional<WarmStart>& begun_from() const { return begun_from_; }
  /// What does not move in the training part.
  const Constants& still() const { return still_; }

 private:
  void fit_closed_form(models::ClosedFormHead& head);
  /// True if all of the epoch's batches are done, false if max_steps came first.
  bool train_epoch(Progress& progress);
  void update(const std::vector<Batch>& group);
  /// Gradients of one update's batches, clipped, and what they came to.
  UpdateRecord descend(const std::vector<Batch>& group);
  /// What the model says of an update's batch, in train.precision, with the dropout that is
  /// this one's.
  at::Tensor answer_in(int64_t step, size_t place, const Batch& batch);
  double share_done(int64_t step) const;
  double rate(int64_t step) const;
  double loss_of(const std::vector<Batch>& batches);
  Batch make_batch(const std::vector<data::Segment>& segments, int64_t epoch) const;
  data::Plan plan(int64_t epoch) const;
  /// Validation, event and checkpoint.
  void close_epoch(bool complete);
  /// Judges the validation part; true if it is the best so far.
  bool validate(nlohmann::json& event);
  /// How much the predictions move, where there is no validation part: over some training clips.
  std::optional<double> std_ratio_in_training();
  void tell_if_collapsed(std::optional<double> std_ratio);
  /// Takes the updates since the last time into the state; tells of those that were left out, and
  /// throws where there were too many in a row. All of a team come here alike.
  void settle();
  void look_into(const Skipped& skipped);
  /// What broke first in an update, and the clips of the process where it did.
  nlohmann::json find_fault(const UpdateRecord& update);
  std::optional<Fault> first_fault(const UpdateRecord& update);
  void refuse_to_save_broken(const edge::NamedTensors& tensors);
  [[noreturn]] void diverge(nlohmann::json facts, const std::string& what,
                            const std::string& advice);
  /// Called by all of a team.
  void save();
  /// Links to the newest checkpoint, and away with those that are not kept.
  void tidy_checkpoints(const std::filesystem::path& newest);
  /// After an update: saves and throws where an interruption asks for it, saves where it is due.
  void stop_or_save();
  bool save_is_due() const;
  bool out_of_steps() const;
  bool is_over() const;
  bool is_closed_form() const;
  void refuse_team_of_closed_form() const;
  std::string words() const;

  Experiment& experiment_;
  const Options& options_;
  std::filesystem::path run_;
  data::Store store_;
  std::vector<data::Piece> pieces_, train_, valid_;
  Clips clips_;
  Marks marks_;
  Team team_;
  at::Device device_;
  edge::SideStream copies_;
  std::shared_ptr<models::Model> model_;
  Loss loss_;
  std::optional<WarmStart> begun_from_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<WeightAverage> average_;
  Watch watch_;
  std::unique_ptr<Sampler> sampler_;
  State state_;
  int64_t total_steps_ = 0;
  int64_t planned_ = 0;  // batches of the epoch under way
  int64_t saved_step_ = -1;
  double saved_s_ = 0;    // monotonic: when the last checkpoint was written, or this session began
  double resumed_s_ = 0;  // seconds trained before this session
  double started_s_ = 0;  // monotonic
  Health health_;
  Constants still_;
  std::optional<Skipped> row_;  // the first of the updates that are being left out
  nlohmann::json fault_;        // what broke in it, if that was looked for
  int64_t faults_sought_ = 0;   // this session
  std::optional<double> last_valid_;
  bool valid_is_finite_ = true;  // the last validation's errors
};

}  // namespace kuchi::train
