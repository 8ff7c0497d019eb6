#include "features/state_stream.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "audio/audio.h"
#include "core/append_rows.h"
#include "core/text.h"

namespace kuchi::features {

int64_t StateWindows::states(int64_t samples) const {
  return samples < receptive ? 1 : (samples - receptive) / hop + 1;
}

int64_t StateWindows::known_at(int64_t k) const {
  const int64_t last = (k / step + 1) * step + ahead - 1;
  return last * hop + receptive;
}

StateWindows state_windows(const Options& options) {
  const auto& f = options.facts;
  const auto& w = options.window;
  if (!options.is_windowed() || f.hop_s <= 0) {
    throw std::logic_error("windows of an encoder without a window or nobody looked at");
  }
  const auto in_states = [&](double seconds) { return std::llround(seconds / f.hop_s); };
  StateWindows out;
  out.hop = std::llround(f.hop_s * audio::kRate);
  out.receptive = std::llround(2 * f.first_s * audio::kRate);
  out.step = std::max<int64_t>(1, in_states(w.step_seconds));
  out.ahead = in_states(w.ahead_seconds);
  out.length = std::max<int64_t>(out.step + out.ahead, in_states(w.seconds));
  return out;
}

StateStream::StateStream(const Options& options)
    : windows_(state_windows(options)), dim_(base_dim(options)), source_(options.source) {
  if (!source_) throw std::logic_error("features of an encoder that is not attached");
}

/// The first state of the encoding that the next block is of.
int64_t StateStream::first_state() const {
  return std::max<int64_t>(0, next_ + windows_.step + windows_.ahead - windows_.length);
}

/// The next `count` states, of sound up to sample `end`.
Matrix StateStream::block(int64_t count, int64_t end) {
  const int64_t first = first_state(), begin = first * windows_.hop;
  const auto heard = std::span<const float>(held_).subspan(static_cast<size_t>(begin - begin_),
                                                           static_cast<size_t>(end - begin));
  const auto all = source_->states(heard);
  const int64_t skip = next_ - first;
  if (all.cols != dim_ || all.rows < skip + count) {
    throw std::logic_error(cat("an encoder gave ", all.rows, " states of ", all.cols,
                               " values for ", heard.size(), " samples"));
  }
  Matrix out(count, dim_);
  std::copy_n(all.data.begin() + skip * dim_, count * dim_, out.data.begin());
  next_ += count;
  return out;
}

/// Drops what no later block hears.
void StateStream::forget() {
  const auto held = static_cast<int64_t>(held_.size());
  const int64_t gone = std::clamp<int64_t>(first_state() * windows_.hop - begin_, 0, held);
  held_.erase(held_.begin(), held_.begin() + gone);
  begin_ += gone;
}

Matrix StateStream::push(std::span<const float> samples) {
  held_.insert(held_.end(), samples.begin(), samples.end());
  samples_ += static_cast<int64_t>(samples.size());
  Matrix out(0, dim_);
  while (windows_.known_at(next_) <= samples_) {
    append_rows(out, block(windows_.step, windows_.known_at(next_)));
  }
  if (out.rows > 0) forget();
  return out;
}

Matrix StateStream::finish() {
  Matrix out(0, dim_);
  for (const auto all = windows_.states(samples_); next_ < all;) {
    append_rows(out, block(std::min(windows_.step, all - next_), samples_));
  }
  return out;
}

}  // namespace kuchi::features
