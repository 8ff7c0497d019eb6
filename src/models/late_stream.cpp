#include "models/late_stream.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace kuchi::models {

at::Tensor LateStream::push(const at::Tensor& features) {
  const at::NoGradGuard no_grad;
  if (features.size(0) == 0) return answer({});
  last_ = features.slice(0, features.size(0) - 1).clone();
  return answer(hear(features));
}

at::Tensor LateStream::finish() {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  // Where nothing was heard there is nothing to repeat, and no answer is owed.
  if (last_.defined()) {
    if (lookahead_ > 0) parts.push_back(answer(hear(last_.expand({lookahead_, -1}))));
    parts.push_back(answer(rest()));
  }
  return parts.empty() ? answer({}) : at::cat(parts);
}

at::Tensor LateStream::answer(at::Tensor heard) {
  if (heard.defined()) {
    const int64_t skipped = std::min(late_, heard.size(0));
    late_ -= skipped;
    heard = heard.slice(0, skipped);
  }
  if (!heard.defined() || heard.size(0) == 0) return at::zeros({0, range_.curves()});
  return range_.forward(output_.forward(heard));
}

}  // namespace kuchi::models
