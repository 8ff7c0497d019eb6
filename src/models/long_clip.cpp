#include "models/long_clip.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/append_rows.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "edge/matrix_tensor.h"

namespace kuchi::models {

bool can_hear_in_pieces(const Model& model) {
  return !model.hears_audio() && features::can_stream(model.card().features);
}

LongClip::LongClip(Model& model, at::Device device, const Windows& windows)
    : model_(model),
      device_(device),
      window_(std::llround(windows.window_s * model.card().fps)),
      overlap_(std::llround(windows.overlap_s * model.card().fps)),
      dim_(features::dim(model.card().features)),
      source_(model.card().features, model.card().fps),
      out_(0, model.card().rig.size()) {
  if (windows.window_s > 0 && 2 * overlap_ >= window_) {
    throw UserError(
        Exit::config,
        cat("a window of ", number(windows.window_s), " s cannot overlap by ",
            number(windows.overlap_s),
            " s on both sides; the window must be more than twice as long as the overlap"));
  }
}

void LongClip::push(std::span<const float> samples) { take(source_.push(samples)); }

Matrix LongClip::finish() {
  const at::NoGradGuard no_grad;
  take(source_.finish());
  if (head_) {
    append_rows(out_, edge::to_matrix(head_->finish()));
  } else if (rows() > 0) {
    hear_window(/*last=*/true);
  }
  return std::move(out_);
}

void LongClip::take(const Matrix& features) {
  check_interrupt();
  const at::NoGradGuard no_grad;
  if (head_) return stream(features);
  features_.insert(features_.end(), features.data.begin(), features.data.end());
  // More than a window: whether the last one is the last must be known.
  while (window_ > 0 && rows() > window_) {
    if (device_.is_cpu() && first_ == 0) head_ = model_.head().stream();
    if (head_) {
      Matrix all(rows(), dim_);
      all.data = std::move(features_);
      return stream(all);
    }
    hear_window(/*last=*/false);
  }
}

void LongClip::stream(const Matrix& features) {
  constexpr int64_t kAtOnce = 256;  // frames
  for (int64_t j = 0; j < features.rows; j += kAtOnce) {
    const int64_t count = std::min(kAtOnce, features.rows - j);
    const auto values =
        std::span(features.data)
            .subspan(static_cast<size_t>(j * dim_), static_cast<size_t>(count * dim_));
    const auto x = edge::to_tensor(values, {1, count, dim_});
    append_rows(out_, edge::to_matrix(
                          head_->push(model_.normalise(x, at::full({1}, count, at::kLong))[0])));
  }
}

/// The first `frames` of those that are held, as a clip of their own → [frames, curves]
Matrix LongClip::answer(int64_t frames) {
  const auto values = std::span(features_).first(static_cast<size_t>(frames * dim_));
  const auto x = edge::to_tensor(values, {1, frames, dim_});
  return edge::to_matrix(model_.forward(x.to(device_), at::full({1}, frames, at::kLong))[0]);
}

void LongClip::hear_window(bool last) {
  const int64_t heard = last ? rows() : window_;
  const auto curves = answer(heard);
  // Where the window before this one and it pass over into one another.
  const int64_t ready = out_.rows - first_;  // frames of this window that are there already
  const int64_t fade = std::min(ready, 2 * (overlap_ / 2));
  for (int64_t j = ready - fade; j < ready; ++j) {
    const float share = (static_cast<float>(j - ready + fade) + 0.5F) / static_cast<float>(fade);
    for (int64_t c = 0; c < out_.cols; ++c) {
      auto& value = out_(first_ + j, c);
      value += share * (curves(j, c) - value);
    }
  }
  const int64_t kept = last ? heard : heard - overlap_ + overlap_ / 2;
  out_.data.insert(out_.data.end(), curves.data.begin() + ready * out_.cols,
                   curves.data.begin() + kept * out_.cols);
  out_.rows += kept - ready;
  const int64_t passed = last ? heard : window_ - 2 * overlap_;
  features_.erase(features_.begin(), features_.begin() + passed * dim_);
  first_ += passed;
}

}  // namespace kuchi::models
