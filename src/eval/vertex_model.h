// src/eval/vertex_model.h
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"
#include "eval/clip.h"
#include "eval/vertex_basis.h"
#include "eval/vertex_errors.h"

namespace kuchi::eval {

/// A vertex basis moved by a rig's curves. A curve of the basis is the rig's of that name, else the
/// ARKit curve of that name as the rig's to_arkit gives it; one that neither knows stays still.
class VertexModel {
 public:
  /// UserError (data) where none of the basis's curves is known to the rig.
  VertexModel(VertexBasis basis, curves::Rig rig);

  /// Curves that the clip lacks are at rest in both. Where a curve is not finite, nor is the frame.
  VertexErrors measure(const ClipResult& clip) const;

  /// "the shipped lip model: 30 vertices, 27 of its 28 curves known".
  std::string about() const;

 private:
  struct Source {
    size_t curve;    // of the basis
    int64_t column;  // of the rig, or of ARKit's 52
    bool arkit;
  };
  Matrix weights(const Matrix& values, const std::vector<bool>& captured) const;

  VertexBasis basis_;
  curves::Rig rig_;
  std::vector<Source> sources_;
  bool through_arkit_ = false;
};

/// What `eval.vertex_basis` means for a rig: "none": null; "auto": the shipped lips where the rig
/// gives curves of theirs, else null; otherwise a path, for read_vertex_basis(). `unit`: m, cm or
/// mm.
std::shared_ptr<const VertexModel> vertex_model(const std::string& choice, const std::string& unit,
                                                const curves::Rig& rig);

}  // namespace kuchi::eval
