// src/onnx/ops.h
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "onnx/graph.h"

/// The operators that emitters use, as functions: what is an attribute and what an input in opset
/// 17 and later is decided here alone. Names as in the ONNX operator list.
namespace kuchi::onnx {

Value add(Graph& graph, const Value& a, const Value& b);
Value sub(Graph& graph, const Value& a, const Value& b);
Value mul(Graph& graph, const Value& a, const Value& b);
Value div(Graph& graph, const Value& a, const Value& b);  // whole numbers: towards zero
Value minimum(Graph& graph, const Value& a, const Value& b);
Value maximum(Graph& graph, const Value& a, const Value& b);
Value less(Graph& graph, const Value& a, const Value& b);
Value matmul(Graph& graph, const Value& a, const Value& b);
Value floor(Graph& graph, const Value& x);
Value log(Graph& graph, const Value& x);
Value sqrt(Graph& graph, const Value& x);
Value erf(Graph& graph, const Value& x);
Value tanh(Graph& graph, const Value& x);
Value relu(Graph& graph, const Value& x);
Value sigmoid(Graph& graph, const Value& x);
Value softmax(Graph& graph, const Value& x);  // over the last axis
/// Sums over axes, which stay with size 1.
Value sum(Graph& graph, const Value& x, const std::vector<int64_t>& axes);
/// Over the last axis, population variance. weight, bias [dim].
Value layer_norm(Graph& graph, const Value& x, const Value& weight, const Value& bias, double eps);
Value cast(Graph& graph, const Value& x, Type to);
Value where(Graph& graph, const Value& condition, const Value& yes, const Value& no);
/// [0, 1, … n) for a whole number n [].
Value range(Graph& graph, const Value& n);
/// True in each row up to its length: lengths [batch], n [] → [batch, n].
Value within(Graph& graph, const Value& n, const Value& lengths);
/// One size of x, [].
Value size_of(Graph& graph, const Value& x, int64_t axis);
/// All sizes of x, [rank].
Value shape_of(Graph& graph, const Value& x);
Value transpose(Graph& graph, const Value& x, const std::vector<int64_t>& order);
/// 0: as it is; -1: the rest.
Value reshape(Graph& graph, const Value& x, const std::vector<int64_t>& shape);
Value expand_to(Graph& graph, const Value& x, const Value& shape);
Value unsqueeze(Graph& graph, const Value& x, const std::vector<int64_t>& axes);
/// Whole numbers [] or [n] side by side, [sum of n].
Value concat(Graph& graph, const std::vector<Value>& parts, int64_t axis);
/// begin … end-1 along an axis; both [1].
Value slice(Graph& graph, const Value& x, const Value& begin, const Value& end, int64_t axis);
Value gather(Graph& graph, const Value& x, const Value& indices, int64_t axis);
/// Zeros before and after along the last axis of a value of `rank` axes; `after` [1].
Value pad_last(Graph& graph, const Value& x, int64_t rank, int64_t before, const Value& after);

struct Conv {
  int64_t stride = 1;
  int64_t padding = 0;  // zeros before and after
  int64_t groups = 1;
};
/// Over the last axis: x [batch, in, n], weight [out, in / groups, kernel], bias [out] or none
/// → [batch, out, (n + 2 padding − kernel) / stride + 1]
Value conv(Graph& graph, const Value& x, const Value& weight, const std::optional<Value>& bias,
           const Conv& how);

}  // namespace kuchi::onnx
