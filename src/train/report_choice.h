#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/clip.h"
#include "report/seconds.h"

namespace kuchi::train {

/// Which clips a page shows when none are named: those with the worst seconds, and, where there is
/// room for three, the median and the best clip by mean squared error, so that the page does not
/// only accuse. worst_of[i] is the worst second of results[i]. Indices, no two alike.
std::vector<size_t> choose_clips(const std::vector<eval::ClipResult>& results,
                                 const std::vector<report::Second>& worst_of, size_t count);

/// The clips of these ids, in this order. UserError (config) with the nearest for an unknown one.
std::vector<size_t> find_clips(const std::vector<eval::ClipResult>& results,
                               const std::vector<std::string>& ids, const std::string& split);

}  // namespace kuchi::train
