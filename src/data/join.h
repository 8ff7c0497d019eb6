#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/store.h"

namespace kuchi::data {

/// Several stores as one, clip after clip in their order, whole or not at all.
///
/// Its rig has the curves of all by name, see curves::join_rigs(); what a clip's own rig lacks it
/// has not captured. Every clip gets the label `dataset`, the name of its data set, and where two
/// data sets have a clip of one id, all ids begin with that name and a slash. Each data set keeps
/// its split (StoreInfo::sets), and the provenance is that of all, see combined(). Two files at
/// least; `called` is what messages call them, if not by their paths. UserError (data): one content
/// twice, curves that clash, other frames a second or features.
StoreInfo join_stores(const std::vector<std::filesystem::path>& files,
                      const std::filesystem::path& out,
                      const std::vector<std::string>& called = {});

/// UserError (data) where two that are to be joined have other frames a second.
void refuse_rates(const std::filesystem::path& first, double first_fps,
                  const std::filesystem::path& other, double other_fps);

/// Names what join_stores would make of these files, by their content.
std::string join_key(const std::vector<std::filesystem::path>& files);

}  // namespace kuchi::data
