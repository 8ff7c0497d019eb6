// src/onnx/ops.h
#pragma once

#include <cstdint>
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
Value relu(Graph& graph, const Value& x);
Value sigmoid(Graph& graph, const Value& x);
Value cast(Graph& graph, const Value& x, Type to);
Value where(Graph& graph, const Value& condition, const Value& yes, const Value& no);
/// [0, 1, … n) for a whole number n [].
Value range(Graph& graph, const Value& n);
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

}  // namespace kuchi::onnx
