#include "train/loss.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/text.h"

namespace kuchi::train {
namespace {

at::Tensor curve_weights(const LossOptions& options, const curves::Rig& rig, const Location& at) {
  if (options.curve_weights.empty()) return {};
  std::vector<float> weights(static_cast<size_t>(rig.size()), 1.0F);
  for (const auto& [name, weight] : options.curve_weights) {
    const auto i = rig.index(name);
    if (i < 0) {
      fail_config(at, cat("loss.curve_weights: the rig has no curve \"", name, "\"",
                          did_you_mean(name, rig.names())));
    }
    weights[static_cast<size_t>(i)] = static_cast<float>(weight);
  }
  return at::tensor(weights);
}

at::Tensor aperture_curves(const curves::Rig& rig, const Location& at) {
  if (rig.aperture.names().empty()) {
    fail_config(at, cat("loss.lips and loss.closure: the rig ", rig.name,
                        " has no aperture, so nothing says when its lips are closed; give the rig "
                        "one, or set both to 0"));
  }
  auto out = at::zeros({rig.size()});
  for (const auto& name : rig.aperture.names()) out[rig.index(name)] = 1;
  return out;
}

void check_schedule(const LossOptions& options, const Location& at) {
  const auto known = loss_term_names();
  for (const auto& [name, shares] : options.schedule) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      fail_config(at, cat("loss.schedule: there is no term \"", name, "\"",
                          did_you_mean(name, known), "; terms are ", join(known, ", ")));
    }
    if (shares.size() != 2 || shares[0] == shares[1]) {
      fail_config(at, cat("loss.schedule: ", name,
                          " needs two unlike shares of the training, like [0.2, 0.6]"));
    }
  }
}

double divisor(const LossTerm& term, const Counts& n, int64_t curves) {
  // The one term that is of no single curve asks for all those of the aperture.
  if (!term.by_curve) return static_cast<double>(n.frames - n.lipless_frames);
  switch (term.over) {
    case Over::frames:
      return static_cast<double>(n.frames * curves - n.absent_frames);
    case Over::pairs:
      return static_cast<double>(n.pairs * curves - n.absent_pairs);
    case Over::triples:
      return static_cast<double>(n.triples * curves - n.absent_triples);
  }
  throw std::logic_error("a loss term over nothing");
}

}  // namespace

double schedule_factor(const LossOptions& options, const std::string& term, double share) {
  const auto it = options.schedule.find(term);
  if (it == options.schedule.end()) return 1;
  const double from = it->second[0], to = it->second[1];
  return std::clamp((share - from) / (to - from), 0.0, 1.0);
}

Loss::Loss(const LossOptions& options, const curves::Rig& rig, double fps, const Location& at)
    : options_(options), curves_(rig.size()) {
  check_schedule(options, at);
  for (const auto& term : loss_terms()) {
    if (term.weight(options) > 0) terms_.push_back(term);
  }
  context_.weights = curve_weights(options, rig, at);
  if (options.lips > 0 || options.closure > 0) context_.lips = aperture_curves(rig, at);
  if (options.closure > 0) context_.aperture = std::make_shared<Aperture>(rig);
  context_.fps = fps;
  context_.huber_delta = options.huber_delta;
}

void Loss::to(at::Device device) {
  if (context_.weights.defined()) context_.weights = context_.weights.to(device);
  if (context_.lips.defined()) context_.lips = context_.lips.to(device);
}

std::vector<std::string> Loss::names() const {
  std::vector<std::string> out;
  for (const auto& term : terms_) out.push_back(term.name);
  return out;
}

std::vector<double> Loss::divisors(const Counts& counts) const {
  std::vector<double> out;
  for (const auto& term : terms_) out.push_back(divisor(term, counts, curves_));
  return out;
}

LossValue Loss::operator()(const at::Tensor& pred, const Batch& batch, const Counts& update,
                           double share) const {
  LossValue out;
  std::vector<at::Tensor> sums;
  const auto divide_by = divisors(update);
  for (size_t i = 0; i < terms_.size(); ++i) {
    const auto& term = terms_[i];
    const auto sum = term.sum(pred, batch, context_).sum;
    sums.push_back(sum.detach().to(at::kDouble));
    const double factor = term.weight(options_) * schedule_factor(options_, term.name, share);
    if (factor == 0 || divide_by[i] == 0) continue;
    const auto part = factor / divide_by[i] * sum;
    out.total = out.total.defined() ? out.total + part : part;
  }
  // A schedule may leave no term at all for a while: nothing to descend to, but a gradient of 0.
  if (!out.total.defined()) out.total = (pred * 0).nan_to_num().sum();
  out.sums = at::stack(sums);
  return out;
}

}  // namespace kuchi::train
