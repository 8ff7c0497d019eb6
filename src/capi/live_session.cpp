#include "capi/live_session.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "train/run.h"

namespace kuchi::capi {
namespace {

constexpr size_t kReserved = 16000;  // samples that an inbox holds without allocating
constexpr size_t kPiece = 1600;      // samples heard at once: computing stops soon after it may

}  // namespace

Inbox::Inbox() { samples_.reserve(kReserved); }

void Inbox::push(std::span<const float> samples) {
  const std::lock_guard lock(mutex_);
  if (finished_) {
    throw UserError(Exit::config, "kuchi_push: the clip was finished; kuchi_reset begins another");
  }
  samples_.insert(samples_.end(), samples.begin(), samples.end());
}

void Inbox::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
}

bool Inbox::take(std::vector<float>& empty) {
  const std::lock_guard lock(mutex_);
  std::swap(samples_, empty);
  return finished_;
}

void Inbox::clear() {
  const std::lock_guard lock(mutex_);
  samples_.clear();
  finished_ = false;
}

LiveSession::LiveSession(const std::string& run, const SessionOptions& options)
    : run_(run), options_(options) {
  const auto trained = train::load_trained(run, options.checkpoint, "cpu");
  model_ = trained.model;
  const auto& card = model_->card();
  model_->tell(models::told_by_name(card.condition, options.told, run));
  post_options_ = trained.post;
  begin();
  names_ = card.rig.names();
  fps_ = live_->fps();
  delay_s_ = models::delay(model_->head(), card.features, card.fps)->known_s;
  // A frame between two of the model's waits for the later one.
  if (fps_ != card.fps) delay_s_ += 1 / card.fps;
  samples_.reserve(kReserved);
}

void LiveSession::begin() {
  live_ = std::make_unique<models::Live>(*model_, run_, options_.fps, options_.weights);
  post_.emplace(post_options_, model_->card().rig, live_->fps());
}

void LiveSession::push(std::span<const float> samples) {
  const auto bad =
      std::find_if_not(samples.begin(), samples.end(), [](float x) { return std::isfinite(x); });
  if (bad != samples.end()) {
    throw UserError(Exit::data, cat("kuchi_push: sample ", bad - samples.begin(), " of ",
                                    samples.size(), " is no finite number; none was taken"));
  }
  inbox_.push(samples);
}

LiveSession::Pulled LiveSession::pull(float* out, int64_t capacity) {
  const std::lock_guard lock(working_);
  if (broken_) {
    throw UserError(Exit::config,
                    "kuchi_pull: computing failed before; kuchi_reset begins another clip");
  }
  broken_ = true;  // unless this ends well
  advance(capacity);
  broken_ = false;
  const Pulled pulled{std::min(capacity, ready()), static_cast<double>(given_) / fps_};
  const auto end = frames_.begin() + pulled.frames * rig().size();
  std::copy(frames_.begin(), end, out);
  frames_.erase(frames_.begin(), end);
  given_ += pulled.frames;
  done_ = drained_ && frames_.empty();
  return pulled;
}

void LiveSession::reset() {
  const std::lock_guard lock(working_);
  begin();
  inbox_.clear();
  samples_.clear();
  frames_.clear();
  heard_ = 0;
  given_ = 0;
  drained_ = broken_ = false;
  done_ = false;
}

/// Until so many frames are ready, or nothing is left to hear.
void LiveSession::advance(int64_t frames) {
  while (ready() < frames && !drained_) {
    if (heard_ == samples_.size()) {
      samples_.clear();
      heard_ = 0;
      const bool finished = inbox_.take(samples_);
      if (samples_.empty()) {
        if (!finished) return;
        keep(live_->finish());
        drained_ = true;
      }
    }
    const auto piece = std::min(kPiece, samples_.size() - heard_);
    if (piece == 0) return;
    const auto samples = std::span<const float>(samples_).subspan(heard_, piece);
    post_->hear(samples);
    keep(live_->push(samples));
    heard_ += piece;
  }
}

void LiveSession::keep(Matrix&& frames) {
  post_->filter(frames);
  frames_.insert(frames_.end(), frames.data.begin(), frames.data.end());
}

int64_t LiveSession::ready() const { return static_cast<int64_t>(frames_.size()) / rig().size(); }

}  // namespace kuchi::capi
