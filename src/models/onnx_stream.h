#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/graph.h"

/// Streams in a graph: a chunk of frames goes in, as many rows come out, and what the next chunk
/// must know goes out as states and in again. All states are tensors of one size, zero before the
/// first chunk.
namespace kuchi::models {

/// A chunk somewhere in a head. Row t of a session, all its chunks one after another, is of frame
/// t − late; rows before the first frame and after the last are there too.
struct StreamRows {
  onnx::Value x;       // [batch, frames, width] float32; anything but NaN in rows of no frame
  onnx::Value inside;  // [batch, frames, 1] float32: 1 in rows of the clip's frames, else 0
  int64_t late = 0;    // rows
  int64_t width = 0;   // values a row
};

/// The states of a graph's session, by name: "state_in_PART.HINT" and "state_out_PART.HINT", where
/// PART is the part of the graph that takes it.
class OnnxStates {
 public:
  /// What the chunk before left, [batch, sizes…]. `hint` is unique in its part of the graph.
  struct State {
    onnx::Value value;
    size_t index = 0;
  };
  State take(onnx::Graph& graph, std::string_view hint, std::vector<int64_t> sizes,
             onnx::Type type = onnx::Type::float32);
  /// And what this one leaves, of the same size; once for each that was taken.
  void leave(const State& state, const onnx::Value& value);

  /// x [batch, frames, width] after the `rows` rows before it → [batch, rows + frames, width]
  onnx::Value with_past(onnx::Graph& graph, std::string_view hint, const onnx::Value& x,
                        int64_t rows, int64_t width);
  /// x as it was `rows` rows ago: [batch, frames, width]
  onnx::Value delayed(onnx::Graph& graph, std::string_view hint, const onnx::Value& x, int64_t rows,
                      int64_t width);

  /// The outputs, in the order in which the inputs were taken; once, at the end.
  void finish(onnx::Graph& graph) const;
  /// The ports: those of a session's input and of its output, pair by pair.
  std::vector<std::pair<onnx::Port, onnx::Port>> ports() const;

 private:
  struct Kept {
    onnx::Port in, out;
    onnx::Value left;
  };
  std::vector<Kept> kept_;
};

/// Rows begin … begin + frames - 1 of x [batch, any, width], where frames are those of `like`.
onnx::Value rows_from(onnx::Graph& graph, const onnx::Value& x, int64_t begin,
                      const onnx::Value& like);

}  // namespace kuchi::models
