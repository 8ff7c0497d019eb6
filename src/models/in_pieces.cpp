#include "models/in_pieces.h"

#include <ATen/ATen.h>

namespace kuchi::models {
namespace {
constexpr int64_t kLongFrames = 4 * kPieceFrames;
}  // namespace

at::Tensor PieceStream::push(const at::Tensor& features) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> out;
  for (const auto& piece : features.split(kPieceFrames)) out.push_back(step(piece, false));
  return at::cat(out);
}

at::Tensor PieceStream::finish() {
  const at::NoGradGuard no_grad;
  return step(at::zeros({0, input_.weight.size(1)}, input_.weight.options()), true);
}

at::Tensor in_pieces(Head& head, const at::Tensor& features, const at::Tensor& lengths) {
  at::Tensor out;
  for (int64_t clip = 0; clip < features.size(0); ++clip) {
    const auto stream = head.stream();
    const auto own = features[clip].narrow(0, 0, lengths[clip].item<int64_t>());
    int64_t done = 0;
    const auto take = [&](const at::Tensor& curves) {
      if (!out.defined()) {
        out = at::zeros({features.size(0), features.size(1), curves.size(1)}, curves.options());
      }
      out[clip].narrow(0, done, curves.size(0)).copy_(curves);
      done += curves.size(0);
    };
    for (const auto& piece : own.split(kPieceFrames)) take(stream->push(piece));
    take(stream->finish());
  }
  return out;
}

bool worth_pieces(const Head& head, const at::Tensor& features) {
  return !at::GradMode::is_enabled() && !head.is_training() && features.device().is_cpu() &&
         features.size(1) > kLongFrames;
}

}  // namespace kuchi::models
