#include "onnx/ops.h"

namespace kuchi::onnx {

Value add(Graph& g, const Value& a, const Value& b) { return g.add("Add", {a, b}); }
Value sub(Graph& g, const Value& a, const Value& b) { return g.add("Sub", {a, b}); }
Value mul(Graph& g, const Value& a, const Value& b) { return g.add("Mul", {a, b}); }
Value div(Graph& g, const Value& a, const Value& b) { return g.add("Div", {a, b}); }
Value minimum(Graph& g, const Value& a, const Value& b) { return g.add("Min", {a, b}); }
Value maximum(Graph& g, const Value& a, const Value& b) { return g.add("Max", {a, b}); }
Value less(Graph& g, const Value& a, const Value& b) { return g.add("Less", {a, b}); }
Value matmul(Graph& g, const Value& a, const Value& b) { return g.add("MatMul", {a, b}); }
Value floor(Graph& g, const Value& x) { return g.add("Floor", {x}); }
Value log(Graph& g, const Value& x) { return g.add("Log", {x}); }
Value sqrt(Graph& g, const Value& x) { return g.add("Sqrt", {x}); }
Value erf(Graph& g, const Value& x) { return g.add("Erf", {x}); }
Value tanh(Graph& g, const Value& x) { return g.add("Tanh", {x}); }
Value relu(Graph& g, const Value& x) { return g.add("Relu", {x}); }
Value sigmoid(Graph& g, const Value& x) { return g.add("Sigmoid", {x}); }

Value softmax(Graph& g, const Value& x) { return g.add("Softmax", {x}, {{"axis", int64_t{-1}}}); }

Value sum(Graph& g, const Value& x, const std::vector<int64_t>& axes) {
  return g.add("ReduceSum", {x, g.integers(axes)}, {{"keepdims", int64_t{1}}});
}

Value layer_norm(Graph& g, const Value& x, const Value& weight, const Value& bias, double eps) {
  return g.add("LayerNormalization", {x, weight, bias},
               {{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(eps)}});
}

Value cast(Graph& g, const Value& x, Type to) {
  return g.add("Cast", {x}, {{"to", static_cast<int64_t>(to)}});
}

Value where(Graph& g, const Value& condition, const Value& yes, const Value& no) {
  return g.add("Where", {condition, yes, no});
}

Value range(Graph& g, const Value& n) { return g.add("Range", {g.integer(0), n, g.integer(1)}); }

Value within(Graph& g, const Value& n, const Value& lengths) {
  return less(g, range(g, n), unsqueeze(g, lengths, {1}));
}

Value size_of(Graph& g, const Value& x, int64_t axis) {
  return gather(g, shape_of(g, x), g.integer(axis), 0);
}

Value shape_of(Graph& g, const Value& x) { return g.add("Shape", {x}); }

Value transpose(Graph& g, const Value& x, const std::vector<int64_t>& order) {
  return g.add("Transpose", {x}, {{"perm", order}});
}

Value reshape(Graph& g, const Value& x, const std::vector<int64_t>& shape) {
  return g.add("Reshape", {x, g.integers(shape)});
}

Value expand_to(Graph& g, const Value& x, const Value& shape) {
  return g.add("Expand", {x, shape});
}

Value unsqueeze(Graph& g, const Value& x, const std::vector<int64_t>& axes) {
  return g.add("Unsqueeze", {x, g.integers(axes)});
}

Value concat(Graph& g, const std::vector<Value>& parts, int64_t axis) {
  return g.add("Concat", parts, {{"axis", axis}});
}

Value slice(Graph& g, const Value& x, const Value& begin, const Value& end, int64_t axis) {
  return g.add("Slice", {x, begin, end, g.integers({axis})});
}

Value gather(Graph& g, const Value& x, const Value& indices, int64_t axis) {
  return g.add("Gather", {x, indices}, {{"axis", axis}});
}

Value pad_last(Graph& g, const Value& x, int64_t rank, int64_t before, const Value& after) {
  std::vector<int64_t> pads(static_cast<size_t>(2 * rank - 1), 0);  // begins, then ends
  pads[static_cast<size_t>(rank - 1)] = before;
  return g.add("Pad", {x, concat(g, {g.integers(pads), after}, 0)});
}

Value conv(Graph& g, const Value& x, const Value& weight, const std::optional<Value>& bias,
           const Conv& how) {
  std::vector<Value> inputs = {x, weight};
  if (bias) inputs.push_back(*bias);
  return g.add("Conv", inputs,
               {{"strides", std::vector<int64_t>{how.stride}},
                {"pads", std::vector<int64_t>{how.padding, how.padding}},
                {"group", how.groups}});
}

}  // namespace kuchi::onnx
