// src/train/team.h
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "distributed/buckets.h"
#include "models/model.h"
#include "train/options.h"

namespace kuchi::train {

/// The processes of one training, as its session sees them. With one process nothing waits and
/// every sum is what it was.
class Team {
 public:
  Team();
  ~Team();
  Team(Team&&) noexcept;
  Team& operator=(Team&&) noexcept;
  /// Meets the other processes of this training, if the environment speaks of any (see
  /// distributed/world.h); those that do not lead become quiet. UserError (config, environment).
  static Team join(const Options& options);

  /// Of train.device this process's own: one GPU each, by its number on the machine.
  at::Device device(const std::string& option) const;
  /// Threads of this process where train.threads is 0: the machine's cores, shared out.
  int64_t default_threads() const;

  int rank() const { return group_->rank(); }
  int size() const { return group_->size(); }
  bool leads() const { return group_->leads(); }
  const distributed::Group& group() const { return *group_; }

  /// Takes rank 0's weights and watches the gradients. UserError (data) where another process's
  /// store or model is another.
  void begin(models::Model& model, const std::string& store_hash);

  /// Before an update: adds up its counts, and settles what is to follow it: stopping where any
  /// process was interrupted, saving where rank 0 finds it due.
  void agree(const std::vector<int64_t*>& counts, bool save_due);
  bool stops() const { return stops_; }
  bool saves() const { return saves_; }

  /// Before the last backward pass of an update, and after it: see GradientBuckets.
  void arm() { buckets_->arm(); }
  void sum_gradients() { buckets_->finish(); }
  /// Sum over the processes, on each.
  double sum(double value) const;
  /// The same of a contiguous tensor, in place, on its device.
  void sum(const at::Tensor& values) const { group_->sum_later(values)->wait(); }
  /// Rank 0's value, on each.
  double of_leader(double value) const;

 private:
  std::unique_ptr<distributed::Group> group_;  // where the buckets can point at it
  std::unique_ptr<distributed::GradientBuckets> buckets_;
  bool stops_ = false, saves_ = false;
};

}  // namespace kuchi::train
