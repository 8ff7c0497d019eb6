#include "curves/endings.h"

#include <set>
#include <string>

#include "core/text.h"

namespace kuchi::curves {

bool is_curve_ending(const std::filesystem::path& file) {
  static const std::set<std::string> kEndings = {".csv",  ".json", ".npy", ".npz",
                                                 ".gltf", ".glb",  ".tsv"};
  return kEndings.count(lower(file.extension().string())) > 0;
}

}  // namespace kuchi::curves
