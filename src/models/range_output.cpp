#include "models/range_output.h"

#include <ATen/ATen.h>

namespace kuchi::models {

RangeOutput::RangeOutput(const std::vector<Range>& ranges) {
  std::vector<float> low, span, gain;
  for (const auto& r : ranges) {
    const bool tanh = r.low == -1 && r.high == 1;
    plain_ = plain_ && r.low == 0 && r.high == 1;
    low.push_back(static_cast<float>(r.low));
    span.push_back(static_cast<float>(r.high - r.low));
    gain.push_back(tanh ? 2.0F : 1.0F);
  }
  low_ = register_buffer("low", at::tensor(low));
  span_ = register_buffer("span", at::tensor(span));
  gain_ = register_buffer("gain", at::tensor(gain));
}

at::Tensor RangeOutput::forward(const at::Tensor& answer) const {
  // Under autocast too the curves themselves are float32.
  const auto x = answer.scalar_type() == at::kBFloat16 ? answer.to(at::kFloat) : answer;
  if (plain_) return at::sigmoid(x);
  return low_ + span_ * at::sigmoid(gain_ * x);
}

at::Tensor RangeOutput::inverse(const at::Tensor& values) const {
  const auto share = ((values - low_) / span_).clamp(1e-3, 1 - 1e-3);
  return at::logit(share) / gain_;
}

int64_t RangeOutput::curves() const { return low_.size(0); }

}  // namespace kuchi::models
