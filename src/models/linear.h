// src/models/linear.h
#pragma once

#include <map>
#include <vector>

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
/// Each curve is solved over the clips that have it: those that lack the same curves share their
/// sums, a set of them for each rig that the clips come from.
/// Values are not clamped to the curves' ranges: it is the honest linear baseline.
class LinearHead : public ClosedFormHead {
 public:
  LinearHead(const Shape& shape, const LinearOptions& options);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const override;
  void observe(const at::Tensor& features, const at::Tensor& targets) override;
  void solve() override;

 private:
  onnx::Value emit_windows(onnx::Graph& graph, const onnx::Value& x) const;
  /// What the features of some clips come to, float64; window = (2 context + 1) * dim.
  struct Heard {
    at::Tensor xx;  // [offsets, offsets, dim, dim], upper blocks until solve()
    at::Tensor x;   // [offsets, dim]
    int64_t frames = 0;
  };
  void observe_lags(const at::Tensor& x, at::Tensor& xx) const;
  Heard& heard_with(const std::vector<bool>& present, int64_t dim);
  void solve_curves(const std::vector<int64_t>& curves, const Heard& heard);

  LinearOptions options_;
  at::Tensor weight_;  // [2 context + 1, dim, curves]
  at::Tensor bias_;    // [curves]
  // Sums over the training frames, float64.
  std::map<std::vector<bool>, Heard> heard_;  // by which curves the clips have
  at::Tensor xy_;                             // [offsets, dim, curves]
  at::Tensor y_;                              // [curves]
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
