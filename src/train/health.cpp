#include "train/health.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/text.h"
#include "train/median.h"

namespace kuchi::train {
namespace {

constexpr size_t kErrors = 64;  // that the usual error is the median of

void remember(State& state, double error) {
  if (state.errors.size() == kErrors) state.errors.erase(state.errors.begin());
  state.errors.push_back(error);
  if (state.errors.size() == kErrors && state.first_errors == 0) {
    state.first_errors = *std::max_element(state.errors.begin(), state.errors.end());
  }
}

}  // namespace

bool Skipped::is_finite() const { return std::isfinite(loss) && std::isfinite(norm); }

std::string Skipped::why() const {
  if (!std::isfinite(loss)) return "its loss is not finite";
  if (!std::isfinite(norm)) return "its gradient is not finite";
  return cat("its error of ", number(error, 3), " has run away: the limit is ", number(limit, 3));
}

double runaway_limit(const Options& options, const State& state) {
  if (options.runaway == 0 || state.errors.size() < kErrors) {
    return std::numeric_limits<double>::infinity();
  }
  return std::max(options.runaway * median(state.errors), state.first_errors);
}

at::Tensor Health::skip(const State& state, UpdateRecord update) {
  const double limit = runaway_limit(options_, state);
  const auto& n = update.numbers;
  auto bad = at::isfinite(n[0]).logical_and(at::isfinite(n[n.size(0) - 1])).logical_not();
  if (std::isfinite(limit) && update.divisors[0] > 0) {
    bad = bad.logical_or(n[1] > limit * update.divisors[0]);
  }
  waiting_.push_back({std::move(update), bad.to(at::kFloat), limit});
  return waiting_.back().skip;
}

void Health::take(const Waiting& waiting, const double* numbers, State& state, Settled& out) const {
  const auto& update = waiting.update;
  const auto terms = terms_.size();
  const double loss = numbers[0], norm = numbers[terms + 1];
  const double error = update.divisors[0] > 0 ? numbers[1] / update.divisors[0] : 0;
  if (numbers[terms + 2] != 0) {
    ++state.skipped;
    ++state.skipped_in_a_row;
    const auto frames = static_cast<double>(std::max<int64_t>(1, update.counts.frames));
    out.skipped.push_back(
        {update, state.skipped_in_a_row, loss / frames, norm, error, waiting.limit});
    return;
  }
  state.skipped_in_a_row = 0;
  state.loss_sum += loss;
  state.loss_frames += update.counts.frames;
  for (size_t i = 0; i < terms; ++i) {
    auto& term = state.terms[terms_[i]];
    term.sum += numbers[i + 1];
    term.count += update.divisors[i];
  }
  if (update.divisors[0] > 0) remember(state, error);
  out.loss += loss;
  out.norm = std::max(out.norm, norm);
  ++out.made;
}

Settled Health::settle(State& state) {
  Settled out;
  if (waiting_.empty()) return out;
  std::vector<at::Tensor> rows;
  for (const auto& w : waiting_) {
    rows.push_back(at::cat({w.update.numbers, w.skip.to(at::kDouble).reshape(1)}));
  }
  const auto all = at::stack(rows).to(at::kCPU);  // [updates, terms + 3]
  int64_t frames = 0;
  for (size_t i = 0; i < waiting_.size(); ++i) {
    const auto made = out.made;
    take(waiting_[i], all[static_cast<int64_t>(i)].const_data_ptr<double>(), state, out);
    if (out.made > made) frames += waiting_[i].update.counts.frames;
  }
  if (frames > 0) out.loss /= static_cast<double>(frames);
  waiting_.clear();
  return out;
}

}  // namespace kuchi::train
