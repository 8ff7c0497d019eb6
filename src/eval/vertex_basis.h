// src/eval/vertex_basis.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kuchi::eval {

/// How curves move a mesh: a curve at 1 moves each vertex so far from the neutral face, and curves
/// add up. The neutral face itself is never needed.
struct VertexBasis {
  std::string name;                 // for people
  std::vector<std::string> curves;  // [curves]
  int64_t vertices = 0;
  std::vector<float> moves;          // [curves, vertices, 3], metres
  std::vector<int64_t> lips, upper;  // vertices of the lips and of the upper face; may be empty

  const float* move(size_t curve) const { return moves.data() + curve * vertices * 3; }
};

/// Reads a basis:
///   FILE.npy  [curves, vertices, 3], with FILE.npy.names.txt (a curve's name a line) and, where
///             there are such, FILE.npy.lips.txt and FILE.npy.upper.txt (vertices from 0, with any
///             spaces between them);
///   a folder  of OBJ files: neutral.obj and one a curve, called as the curve is; lips.txt and
///             upper.txt, or groups of these names in neutral.obj.
/// metres: what one unit of the file is. UserError (data): what is missing, another shape, numbers
/// that are not finite, vertices that are not there.
VertexBasis read_vertex_basis(const std::filesystem::path& path, double metres = 1);

/// The lips that come with the program: 30 points of a mouth 50 mm wide, moved by ARKit's mouth
/// curves (configs/rigs/lip_model.npy, made by tests/golden/make_lip_model.py). No upper face.
VertexBasis shipped_lips();

}  // namespace kuchi::eval
