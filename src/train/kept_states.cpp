#include "train/kept_states.h"

#include "config/paths.h"
#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/npy.h"

namespace kuchi::train {

std::filesystem::path states_folder(const std::string& store_hash,
                                    const features::Options& options) {
  auto as_one = options;
  as_one.stack = 1;  // frames are stacked from the states
  return config::cache_dir() / "features" /
         cat(store_hash.substr(0, 16), "-", features::signature(as_one));
}

Matrix kept_states(const std::filesystem::path& file, const features::Options& options,
                   const std::function<std::vector<float>()>& audio) {
  std::error_code ec;
  if (std::filesystem::exists(file, ec)) {
    auto states = io::read_npy_matrix(file);
    const int64_t width = features::base_dim(options);
    if (states.cols == width) return states;
    fail_data(file, cat("has ", states.cols, " columns, and the encoder gives ", width,
                        "; remove the file, it is made anew"));
  }
  auto states = features::base_frames(options, audio());
  io::make_directories(file.parent_path());
  io::write_npy(file, states);
  return states;
}

}  // namespace kuchi::train
