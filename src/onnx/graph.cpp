#include "onnx/graph.h"

#include <map>
#include <stdexcept>

#include "core/text.h"

namespace kuchi::onnx {

int64_t bytes_of(Type type) {
  switch (type) {
    case Type::boolean:
    case Type::int8:
      return 1;
    case Type::float16:
      return 2;
    case Type::float32:
    case Type::int32:
      return 4;
    case Type::int64:
    case Type::float64:
      return 8;
  }
  throw std::logic_error("onnx: no such type");
}

std::string to_text(const Port& port) {
  static const std::map<int, const char*> kNames = {{1, "float32"}, {3, "int8"}, {6, "int32"},
                                                    {7, "int64"},   {9, "bool"}, {10, "float16"},
                                                    {11, "float64"}};
  const auto type = kNames.find(static_cast<int>(port.type));
  std::vector<std::string> dims;
  for (const auto& dim : port.dims) {
    const auto* size = std::get_if<int64_t>(&dim);
    dims.push_back(size != nullptr ? cat(*size) : std::get<std::string>(dim));
  }
  return cat(type == kNames.end() ? cat("type ", static_cast<int>(port.type)) : type->second, " [",
             join(dims, ", "), "]");
}

Graph::Part::Part(Graph& graph, std::string_view name)
    : graph_(graph), length_(graph.part_.size()) {
  graph_.part_ += std::string(name) + "/";
}

Graph::Part::~Part() { graph_.part_.resize(length_); }

std::string Graph::unique(std::string_view name) {
  const std::string whole = part_ + std::string(name);
  const int before = used_[whole]++;
  return before == 0 ? whole : unique(cat(name, "_", before));
}

void Graph::claim(const std::string& name) {
  if (used_[name]++ != 0) throw std::logic_error(cat("onnx: the name ", name, " is taken"));
}

Value Graph::input(Port port) {
  claim(port.name);
  inputs_.push_back(std::move(port));
  return {inputs_.back().name};
}

void Graph::output(const Value& value, Port port) {
  // The name is the contract's, so the result gets it through a node of its own.
  claim(port.name);
  nodes_.push_back({"Identity", port.name, {value.name}, {port.name}, {}});
  outputs_.push_back(std::move(port));
}

Value Graph::add(std::string_view op, const std::vector<Value>& inputs,
                 std::vector<Attribute> attributes) {
  return add_several(op, inputs, 1, std::move(attributes))[0];
}

std::vector<Value> Graph::add_several(std::string_view op, const std::vector<Value>& inputs,
                                      size_t count, std::vector<Attribute> attributes) {
  Node node;
  node.op = op;
  node.name = unique(op);
  for (const auto& value : inputs) node.inputs.push_back(value.name);
  std::vector<Value> outputs;
  for (size_t i = 0; i < count; ++i) {
    node.outputs.push_back(cat(node.name, ":", i));
    outputs.push_back({node.outputs.back()});
  }
  node.attributes = std::move(attributes);
  nodes_.push_back(std::move(node));
  return outputs;
}

Value Graph::keep(std::string_view hint, Type type, std::vector<int64_t> shape,
                  std::span<const std::byte> bytes) {
  int64_t values = 1;
  for (const int64_t size : shape) values *= size;
  if (values * bytes_of(type) != static_cast<int64_t>(bytes.size())) {
    throw std::logic_error(cat("onnx: constant ", hint, " has not as many values as its shape"));
  }
  constants_.push_back({unique(hint), type, std::move(shape), {bytes.begin(), bytes.end()}});
  return {constants_.back().name};
}

Value Graph::keep_once(const std::string& key, Type type, std::vector<int64_t> shape,
                       std::span<const std::byte> bytes) {
  const auto found = small_.find(key);
  if (found != small_.end()) return found->second;
  // They belong to no part of the model: the first user's name would mislead.
  const std::string part = std::exchange(part_, "constants/");
  const auto value = keep(key, type, std::move(shape), bytes);
  part_ = part;
  return small_[key] = value;
}

Value Graph::constant(std::string_view hint, Type type, std::span<const std::byte> bytes,
                      std::vector<int64_t> shape) {
  return keep(hint, type, std::move(shape), bytes);
}

Value Graph::constant(std::string_view hint, std::span<const float> values,
                      std::vector<int64_t> shape) {
  return keep(hint, Type::float32, std::move(shape), std::as_bytes(values));
}

Value Graph::constant(std::string_view hint, std::span<const double> values,
                      std::vector<int64_t> shape) {
  return keep(hint, Type::float64, std::move(shape), std::as_bytes(values));
}

Value Graph::integers(const std::vector<int64_t>& values) {
  std::vector<std::string> parts;
  for (const int64_t value : values) parts.push_back(std::to_string(value));
  return keep_once("[" + join(parts, ",") + "]", Type::int64, {static_cast<int64_t>(values.size())},
                   std::as_bytes(std::span(values)));
}

Value Graph::integer(int64_t value) {
  return keep_once(std::to_string(value), Type::int64, {}, std::as_bytes(std::span(&value, 1)));
}

Value Graph::number(double value, Type type) {
  if (type == Type::float64) {
    return keep_once(kuchi::number(value) + "d", type, {}, std::as_bytes(std::span(&value, 1)));
  }
  if (type != Type::float32) throw std::logic_error("onnx: a number that is no real one");
  const auto single = static_cast<float>(value);
  return keep_once(kuchi::number(single) + "f", Type::float32, {},
                   std::as_bytes(std::span(&single, 1)));
}

}  // namespace kuchi::onnx
