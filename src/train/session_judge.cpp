// Of Session: validation, and whether the model has collapsed.
#include <algorithm>

#include "core/text.h"
#include "train/run.h"
#include "train/session.h"

namespace kuchi::train {
namespace {

constexpr size_t kPiecesToJudge = 4;     // where there is no validation part
constexpr int64_t kFramesToJudge = 600;  // of each
constexpr int64_t kEpochsToJudge = 3;

/// Larger is better for these.
bool wants_more(const std::string& metric) { return metric == "r2" || metric == "pcc"; }

}  // namespace

bool Session::validate(nlohmann::json& event) {
  if (average_) average_->swap();
  model_->eval();
  eval::Options quick;
  quick.slow = false;
  quick.resamples = 0;
  int64_t looked = 0;
  const auto suite = judge_together(team_.group(), *model_, device_, clips_, store_.info(), valid_,
                                    quick, [&](const eval::ClipResult& clip) {
                                      if (looked++ == 0)
                                        watch_.curves(state_.step, clip, store_.info().rig);
                                    });
  if (average_) average_->swap();
  std::optional<double> value;
  if (suite) {
    for (const auto& [name, estimate] : suite->metrics.items()) {
      if (estimate.value) event["valid"][name] = *estimate.value;
    }
    value = suite->metrics.value(options_.monitor);
  }
  valid_is_finite_ = team_.of_leader(suite && suite->metrics.value("mse") ? 1 : 0) > 0;
  const bool known = team_.of_leader(value ? 1 : 0) > 0;
  const double of_leader = team_.of_leader(value.value_or(0));
  if (known) value = of_leader;
  last_valid_ = value;
  if (!value) return false;
  const bool better = !state_.best || (wants_more(options_.monitor) ? *value > *state_.best
                                                                    : *value < *state_.best);
  if (better) state_.best = *value;
  return better;
}

std::optional<double> Session::std_ratio_in_training() {
  if (state_.epoch > kEpochsToJudge && !state_.finished) return std::nullopt;
  std::vector<data::Piece> some(
      train_.begin(),
      train_.begin() + static_cast<std::ptrdiff_t>(std::min(kPiecesToJudge, train_.size())));
  for (auto& piece : some) piece.end = std::min(piece.end, piece.begin + kFramesToJudge);
  eval::Options quick;
  quick.slow = false;
  quick.resamples = 0;
  if (average_) average_->swap();
  model_->eval();
  const auto suite = judge_together(team_.group(), *model_, device_, clips_, store_.info(), some,
                                    quick, [](const auto&) {});
  if (average_) average_->swap();
  return suite ? suite->metrics.value("std_ratio") : std::nullopt;
}

void Session::tell_if_collapsed(std::optional<double> std_ratio) {
  const bool known = team_.of_leader(std_ratio ? 1 : 0) > 0;
  const double value = team_.of_leader(std_ratio.value_or(0));
  if (!has_collapsed(state_, known ? std::optional(value) : std::nullopt, state_.finished)) return;
  if (!team_.leads()) return;
  append_event(run_, {{"event", "collapsed"},
                      {"epoch", state_.epoch},
                      {"step", state_.step},
                      {"epochs", state_.still_epochs},
                      {"std_ratio", value}});
  warn(cat("the model has collapsed: after ", state_.epoch, " epochs its curves move ",
           number(100 * value, 2), " % as much as they should (std_ratio under ",
           number(kCollapsed), " for ", state_.still_epochs,
           " epochs); try another train.lr (kuchi lr looks for one), less loss.velocity, "
           "loss.silence or decay, and see whether audio and curves belong together"));
}

}  // namespace kuchi::train
