#include <ATen/ATen.h>

#include "encoders/layers.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

/// Frames made at a time: what the layers hand one another then stays in the cache (2 s of audio
/// are 13 MB at the widest), and a clip of any length needs the same memory.
constexpr int64_t kPieceFrames = 100;

/// The windows of a convolution as rows, without a copy where x lies as [time, channels]:
/// [n, in] → [frames, kernel · in].
at::Tensor windows(const at::Tensor& x, int64_t kernel, int64_t stride) {
  const int64_t in = x.size(1), frames = (x.size(0) - kernel) / stride + 1;
  return x.as_strided({frames, kernel * in}, {stride * in, 1}, x.storage_offset());
}

/// [out, in, kernel] → [out, kernel · in], to be multiplied with windows().
at::Tensor as_matrix(const at::Tensor& weight) {
  return weight.permute({0, 2, 1}).reshape({weight.size(0), -1});
}

/// The first convolution with its GroupNorm folded in: over all frames of a clip each channel is
/// w · x, so its mean and variance follow from those of the windows (a kernel × kernel matrix), in
/// double and without convolving.
struct Folded {
  at::Tensor weight, bias;  // [out, kernel], [out]
};
Folded fold_group_norm(const ConvLayer& layer, const at::Tensor& audio) {
  constexpr int64_t kRows = 1 << 16;
  const int64_t kernel = layer.weight.size(2);
  const auto all = windows(audio.unsqueeze(1), kernel, layer.stride);  // [frames, kernel]
  const auto options = all.options().dtype(at::kDouble);
  auto sum = at::zeros({kernel}, options), products = at::zeros({kernel, kernel}, options);
  for (int64_t begin = 0; begin < all.size(0); begin += kRows) {
    const auto x = all.narrow(0, begin, std::min(kRows, all.size(0) - begin)).to(at::kDouble);
    sum += x.sum(0);
    products += at::mm(x.t(), x);
  }
  const auto frames = static_cast<double>(all.size(0));
  const auto mean = sum / frames;                                         // [kernel]
  const auto covariance = products / frames - at::outer(mean, mean);      // [kernel, kernel]
  const auto w = as_matrix(layer.weight).to(at::kDouble);                 // [out, kernel]
  const auto variance = (at::mm(w, covariance) * w).sum(1).clamp_min(0);  // [out]
  const auto scale = layer.norm->weight.to(at::kDouble) / (variance + layer.norm->eps).sqrt();
  // The convolution's own bias is part of the mean, and goes with it.
  return {(w * scale.unsqueeze(1)).to(at::kFloat),
          (layer.norm->bias.to(at::kDouble) - at::mv(w, mean) * scale).to(at::kFloat)};
}

/// One layer's way over a piece: a product, and what follows it.
struct Step {
  std::shared_ptr<PackedLinear> packed;  // else the plain matrix
  at::Tensor weight, bias;
  const Norm* norm = nullptr;
  int64_t kernel = 1, stride = 1;
  Activation activation = Activation::gelu;

  at::Tensor operator()(const at::Tensor& x) const {
    const auto rows = windows(packed ? x.to(packed->type) : x, kernel, stride);
    if (packed && !norm) return packed->with(activation, rows);
    auto y = packed ? (*packed)(rows) : at::linear(rows, weight, bias);
    if (norm) y = (*norm)(y.to(at::kFloat));
    return activate(activation, y);
  }
};

std::vector<Step> steps_of(const FrontEnd& front, const at::Tensor& audio) {
  std::vector<Step> steps;
  for (const auto& layer : front.layers) {
    Step s;
    s.packed = layer.packed;
    s.kernel = layer.weight.size(2);
    s.stride = layer.stride;
    s.activation = front.activation;
    if (layer.norm && !layer.group_norm) s.norm = &*layer.norm;
    if (layer.group_norm) {
      const auto folded = fold_group_norm(layer, audio);
      if (can_pack(folded.weight)) s.packed = pack(folded.weight, folded.bias, at::kFloat);
      s.weight = folded.weight;
      s.bias = folded.bias;
    } else if (!s.packed) {
      s.weight = as_matrix(layer.weight);
      s.bias = layer.bias;
    }
    steps.push_back(std::move(s));
  }
  return steps;
}

/// With gradients: the library's convolutions, the whole clip at once.
at::Tensor trainable(const FrontEnd& front, const at::Tensor& audio) {
  auto x = audio.view({1, 1, -1});  // [1, channels, time]
  for (const auto& layer : front.layers) {
    x = at::conv1d(x, layer.weight, layer.bias, layer.stride);
    if (layer.norm && layer.group_norm) {
      x = at::group_norm(x, x.size(1), layer.norm->weight, layer.norm->bias, layer.norm->eps);
    } else if (layer.norm) {
      x = (*layer.norm)(x.transpose(1, 2)).transpose(1, 2);
    }
    x = activate(front.activation, x);
  }
  return x[0].t();
}

bool wants_gradient(const FrontEnd& front) {
  return at::GradMode::is_enabled() && front.layers.front().weight.requires_grad();
}

}  // namespace

at::Tensor FrontEnd::operator()(const at::Tensor& audio) const {
  if (wants_gradient(*this)) return trainable(*this, audio);
  const at::NoGradGuard no_grad;
  int64_t hop = 1, reach = 1, frames = audio.size(0);
  for (const auto& layer : layers) {
    const int64_t kernel = layer.weight.size(2);
    reach += (kernel - 1) * hop;
    hop *= layer.stride;
    frames = (frames - kernel) / layer.stride + 1;
  }
  const auto steps = steps_of(*this, audio);
  std::vector<at::Tensor> pieces;
  for (int64_t begin = 0; begin < frames; begin += kPieceFrames) {
    const int64_t count = std::min(kPieceFrames, frames - begin);
    auto x = audio.narrow(0, begin * hop, (count - 1) * hop + reach).unsqueeze(1);
    for (const auto& step : steps) x = step(x);
    pieces.push_back(x.to(at::kFloat));
  }
  return at::cat(pieces);
}

void FrontEnd::pack(at::ScalarType type) {
  for (auto& layer : layers) {
    const auto matrix = as_matrix(layer.weight);
    if (!layer.group_norm && can_pack(matrix)) {
      layer.packed = encoders::pack(matrix, layer.bias, type);
    }
  }
}

}  // namespace kuchi::encoders
