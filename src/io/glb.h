// src/io/glb.h
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kuchi::io {

/// What a GLB file (glTF 2.0's binary container) holds: a JSON document and bytes beside it.
struct Glb {
  std::string json;
  std::string bytes;  // the BIN chunk; empty where there is none
};

/// Whether a file that begins so is a GLB.
bool is_glb(std::string_view head);
/// UserError (data) naming `file`: another version, truncated, a chunk that leaves the file or
/// comes in the wrong place. Chunks of unknown kinds after these two are passed over, as glTF asks.
Glb parse_glb(std::string_view file_bytes, const std::filesystem::path& file);
/// The whole file, both chunks padded to four bytes.
std::string glb_file(const Glb& glb);

}  // namespace kuchi::io
