// src/io/obj.h
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kuchi::io {

/// What is read of a Wavefront OBJ file: the vertices, in the file's own unit, and which of them
/// the faces of each group (`g NAME …`) touch. Normals, textures and materials are passed over.
struct ObjFile {
  std::vector<std::array<double, 3>> vertices;
  std::map<std::string, std::vector<int64_t>> groups;  // vertices by group, rising, each once
};

/// UserError (data) with file:line: a vertex without three finite numbers, a face that names a
/// vertex which is not there; and no vertices at all.
ObjFile read_obj(const std::filesystem::path& file);

}  // namespace kuchi::io
