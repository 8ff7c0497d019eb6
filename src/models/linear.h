// src/models/linear.h
#pragma once

#include "models/head.h"

namespace kuchi::models {

struct LinearOptions {
  int64_t context = 10;
  double ridge = 0.03;
};

/// Ridge regression on a window of frames, in closed form:
///
///   y[t] = b + sum over o in -context … context of W[o] x[t + o],  x = 0 outside the clip,
///   minimising  sum |y - target|^2 + ridge * frames * |W|^2   (b is free)
///
/// Since features are normalised, `ridge` is a share of a feature's variance. Computed in double.
/// Values are not clamped to the curves' ranges: it is the honest linear baseline.
class LinearHead : public ClosedFormHead {
 public:
  LinearHead(const Shape& shape, const LinearOptions& options);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  void observe(const at::Tensor& features, const at::Tensor& targets) override;
  void solve() override;

 private:
  void observe_lags(const at::Tensor& x);

  LinearOptions options_;
  at::Tensor weight_;  // [2 context + 1, dim, curves]
  at::Tensor bias_;    // [curves]
  // Sums over the training frames, float64; window = (2 context + 1) * dim.
  at::Tensor xx_;  // [offsets, offsets, dim, dim], upper blocks until solve()
  at::Tensor xy_;  // [window, curves]
  at::Tensor x_;   // [window]
  at::Tensor y_;   // [curves]
  int64_t frames_ = 0;
};

class LinearKind : public HeadKind {
 public:
  std::string name() const override { return "linear"; }
  bool by_descent() const override { return false; }
  std::string about() const override {
    return "Ridge regression on a window of frames, solved in closed form: quick, and hard to beat "
           "on very little data.";
  }
  void describe(config::Section section) override {
    section.add("context", options_.context)
        .at_least(0)
        .at_most(100)
        .unit("frames")
        .help("frames seen before and after the one predicted");
    section.add("ridge", options_.ridge)
        .above(0)
        .at_most(1e6)
        .help("penalty on the weights, as a share of a feature's variance");
  }
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<LinearHead>(shape, options_);
  }

 private:
  LinearOptions options_;
};

}  // namespace kuchi::models
