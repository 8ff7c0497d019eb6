// src/eval/vertex_errors.h
#pragma once

#include <optional>
#include <vector>

namespace kuchi::eval {

/// How far a clip's predicted face is from its target, on a mesh; metres.
struct VertexErrors {
  std::vector<double> lips;  // [frames] largest distance among the lips' vertices; empty: no list
  std::vector<double> all;   // [frames] mean distance over all vertices
  /// Upper-face dynamics: mean over those vertices of std(target) - std(prediction) over the
  /// clip's frames, of how far a vertex is from the neutral face; of |that difference|; and with
  /// squared distances (m^2). Nothing where there is no list of them.
  std::optional<double> fdd, fdd_abs, fdd_sq;
};

}  // namespace kuchi::eval
