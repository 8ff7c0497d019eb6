// Of Session: what a checkpoint holds, and when one is written.
#include "core/interrupt.h"
#include "core/text.h"
#include "train/session.h"

namespace kuchi::train {

void Session::restore(const std::filesystem::path& checkpoint) {
  state_ = read_state(checkpoint);
  const auto model_file = checkpoint / "model.safetensors";
  edge::copy_into(model_->tensors(), edge::load_tensors(model_file).tensors, model_file);
  const auto file = checkpoint / "optimizer.safetensors";
  auto wanted = optimizer_->state();
  if (average_) {
    // The file's model is the average: it came to where the weights stand, so the weights are
    // read to where the average stands, and the two change places.
    for (auto& kept : average_->state()) wanted.push_back(kept);
  }
  edge::copy_into(wanted, edge::load_tensors(file).tensors, file);
  if (average_) average_->swap();
  saved_step_ = state_.step;
  resumed_s_ = state_.seconds;
  // A kill may have come between this checkpoint and what follows it, and a training that is over
  // writes no other.
  if (team_.leads()) tidy_checkpoints(checkpoint);
}

void Session::tidy_checkpoints(const std::filesystem::path& newest) {
  link_checkpoint(run_, "last", newest);
  if (state_.best_step == state_.step) link_checkpoint(run_, "best", newest);
  prune_checkpoints(run_, options_.keep, state_.best_step);
}

void Session::save() {
  settle();
  watch_.clock().lap(Phase::other);
  state_.batches_a_step = options_.grad_accumulation * team_.size();
  state_.seconds = resumed_s_ + monotonic_s() - started_s_;
  CheckpointTensors tensors;
  refuse_to_save_broken(model_->tensors());
  refuse_to_save_broken(optimizer_->state());
  saved_step_ = state_.step;
  saved_s_ = monotonic_s();
  if (!team_.leads()) return;
  tensors.metadata = model_->metadata();
  if (average_) average_->swap();  // now the model holds the average, and the average the weights
  tensors.model = model_->tensors();
  tensors.optimizer = optimizer_->state();
  if (average_) {
    for (auto& kept : average_->state()) tensors.optimizer.push_back(kept);
  }
  std::filesystem::path dir;
  try {
    dir = write_checkpoint(run_, state_, tensors);
  } catch (...) {
    if (average_) average_->swap();
    throw;
  }
  if (average_) average_->swap();
  tidy_checkpoints(dir);
  watch_.clock().lap(Phase::checkpoint);
}

bool Session::save_is_due() const {
  const bool by_time = options_.checkpoint_minutes > 0 &&
                       monotonic_s() - saved_s_ > 60 * options_.checkpoint_minutes;
  const bool by_steps =
      options_.checkpoint_steps > 0 && (state_.step + 1) % options_.checkpoint_steps == 0;
  return by_time || by_steps;
}

void Session::stop_or_save() {
  if (team_.stops() || (team_.size() == 1 && interrupted())) {
    save();
    throw UserError(Exit::interrupted, cat("interrupted at step ", state_.step,
                                           "; go on with: kuchi resume ", run_.string()));
  }
  if (!team_.saves()) return;
  settle();
  if (state_.skipped_in_a_row == 0) save();  // else see close_epoch()
}

}  // namespace kuchi::train
