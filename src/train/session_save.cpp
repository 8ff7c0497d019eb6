// Of Session: what a checkpoint holds, and when one is written.
#include <ATen/ATen.h>

#include <cmath>

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
}

void Session::save() {
  check_loss();
  watch_.clock().lap(Phase::other);
  state_.batches_a_step = options_.grad_accumulation * team_.size();
  state_.seconds = resumed_s_ + monotonic_s() - started_s_;
  CheckpointTensors tensors;
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
  link_checkpoint(run_, "last", dir);
  if (state_.best_step == state_.step) link_checkpoint(run_, "best", dir);
  prune_checkpoints(run_, options_.keep, state_.best_step);
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
  if (team_.saves()) save();
}

void Session::check_loss() {
  if (!pending_loss_.defined()) return;
  const double loss = team_.sum(pending_loss_.item<double>());
  const double norm = pending_norm_.item<double>();
  const auto sums = pending_terms_.to(at::kCPU);
  const auto names = loss_.names();
  state_.loss_sum += loss;
  for (size_t i = 0; i < names.size(); ++i) {
    state_.terms[names[i]].sum += team_.sum(sums[static_cast<int64_t>(i)].item<double>());
  }
  pending_loss_ = pending_norm_ = pending_terms_ = at::Tensor();
  if (!std::isfinite(state_.loss_sum) || !std::isfinite(norm)) {
    throw UserError(Exit::diverged,
                    cat("training diverged: the ", std::isfinite(norm) ? "loss" : "gradient",
                        " is not finite at step ", state_.step, "; lower train.lr (now ",
                        number(options_.lr), ") or train.grad_clip, ",
                        saved_step_ >= 0 ? cat("the checkpoint of step ", saved_step_, " is whole")
                                         : std::string("no checkpoint was written yet")));
  }
  const int64_t updates = std::max<int64_t>(1, state_.step - checked_step_);
  const double frames = static_cast<double>(state_.loss_frames - checked_frames_);
  watch_.update(state_.step, updates, frames > 0 ? loss / frames : 0, norm,
                rate(std::max<int64_t>(0, state_.step - 1)));
  checked_step_ = state_.step;
  checked_frames_ = state_.loss_frames;
}

}  // namespace kuchi::train
