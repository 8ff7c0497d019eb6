// src/onnx/graph.h
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kuchi::onnx {

/// Element types, numbered as onnx.proto's TensorProto.DataType.
enum class Type {
  float32 = 1,
  int8 = 3,
  int32 = 6,
  int64 = 7,
  boolean = 9,
  float16 = 10,
  float64 = 11
};
int64_t bytes_of(Type type);

/// How a file keeps its large matrices (weights.h); they are used as float32 in every case.
enum class Storage { float32, float16, int8 };

/// The name of a result in a graph; a graph gives it, nobody makes one up.
struct Value {
  std::string name;
};

/// A size: a number, or a symbol such as "batch".
using Dim = std::variant<int64_t, std::string>;

/// An input or output of the whole model.
struct Port {
  std::string name;
  Type type = Type::float32;
  std::vector<Dim> dims;
  std::string doc;
};

/// "float32 [batch, frames, 27]"
std::string to_text(const Port& port);

struct Attribute {
  std::string name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>> value;
};

struct Node {
  std::string op, name;
  std::vector<std::string> inputs, outputs;  // "": an optional input left out
  std::vector<Attribute> attributes;
};

/// A constant: raw little-endian bytes in C order.
struct Constant {
  std::string name;
  Type type = Type::float32;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

/// An ONNX graph under construction: nodes are added in the order in which they run. Names are
/// unique and readable: "head/lstm.0/LSTM".
class Graph {
 public:
  explicit Graph(Storage storage = Storage::float32) : storage_(storage) {}
  Storage storage() const { return storage_; }

  /// A port's name is its user's, so it must be free: std::logic_error.
  Value input(Port port);
  /// `value` under the port's name.
  void output(const Value& value, Port port);

  /// One node with one output.
  Value add(std::string_view op, const std::vector<Value>& inputs,
            std::vector<Attribute> attributes = {});
  /// One node with its first `count` outputs.
  std::vector<Value> add_several(std::string_view op, const std::vector<Value>& inputs,
                                 size_t count, std::vector<Attribute> attributes = {});

  /// Raw little-endian bytes in C order.
  Value constant(std::string_view hint, Type type, std::span<const std::byte> bytes,
                 std::vector<int64_t> shape);
  Value constant(std::string_view hint, std::span<const float> values, std::vector<int64_t> shape);
  Value constant(std::string_view hint, std::span<const double> values, std::vector<int64_t> shape);
  /// Whole numbers (axes, shapes): [n]. The same numbers are kept once.
  Value integers(const std::vector<int64_t>& values);
  Value integer(int64_t value);           // a scalar, []
  Value number(double value, Type type);  // float32 or float64

  /// While it lives, names begin with this part of the model: Graph::Part part(graph, "head").
  class Part {
   public:
    Part(Graph& graph, std::string_view name);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    Graph& graph_;
    size_t length_;
  };

  /// The part that names begin with now: "head/lstm.0/".
  const std::string& part() const { return part_; }

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Constant>& constants() const { return constants_; }

 private:
  std::string unique(std::string_view name);
  void claim(const std::string& name);
  Value keep(std::string_view hint, Type type, std::vector<int64_t> shape,
             std::span<const std::byte> bytes);
  Value keep_once(const std::string& key, Type type, std::vector<int64_t> shape,
                  std::span<const std::byte> bytes);

  Storage storage_;
  std::string part_;
  std::map<std::string, int> used_;
  std::map<std::string, Value> small_;  // constants kept once, by what they hold
  std::vector<Port> inputs_, outputs_;
  std::vector<Node> nodes_;
  std::vector<Constant> constants_;
};

}  // namespace kuchi::onnx
