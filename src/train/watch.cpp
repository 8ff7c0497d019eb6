#include "train/watch.h"

#include "core/log.h"
#include "train/run.h"

namespace kuchi::train {

Watch::Watch(std::filesystem::path run, const Options& options, double fps, at::Device device,
             bool leads)
    : run_(std::move(run)),
      options_(options),
      fps_(fps),
      device_(device),
      leads_(leads),
      table_(options.monitor) {}

void Watch::begin(int64_t step) {
  if (leads_ && options_.tensorboard) board_ = std::make_unique<Board>(run_, step + 1);
  clock_.restart();
}

void Watch::update(int64_t step, int64_t updates, double loss, double gradient_norm, double lr) {
  if (board_) board_->update(step, updates, loss, gradient_norm, lr);
}

void Watch::curves(int64_t step, const eval::ClipResult& clip, const curves::Rig& rig) {
  if (board_) board_->curves(step, clip, rig);
}

void Watch::epoch(nlohmann::json event, const models::Model& model) {
  clock_.lap(Phase::other);
  event["timing"] = clock_.json(fps_, device_.is_cuda() ? device_.index() : -1);
  clock_.restart();
  if (!leads_) return;
  append_event(run_, event);
  note(table_.lines(event));
  if (!board_) return;
  board_->epoch(event);
  board_->histograms(event.value("step", int64_t{0}), model);
  clock_.lap(Phase::other);  // else the next epoch's data would seem to have taken this time
}

}  // namespace kuchi::train
