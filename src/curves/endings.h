#pragma once

#include <filesystem>

namespace kuchi::curves {

/// Whether a file's name ends as curve files do: .csv .json .npy .npz .gltf .glb .tsv, in either
/// case. What is in it, its content says (track.h).
bool is_curve_ending(const std::filesystem::path& file);

}  // namespace kuchi::curves
