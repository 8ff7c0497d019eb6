// src/eval/dtw.h
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace kuchi::eval {

/// How far a path may leave the diagonal, in frames. A series of up to kDtwBand + 1 frames (50 s at
/// 30 fps) is warped exactly; in a longer one no frame is compared with one further away than this
/// (Sakoe and Chiba 1978), so that time and memory grow with the length and not with its square:
/// 750 bytes a frame.
inline constexpr int64_t kDtwBand = 1500;

/// The cheapest way through two equally long series, from (0, 0) to (n-1, n-1) by steps (1, 1),
/// (1, 0) and (0, 1): the sum of |a[i] - b[j]| over its cells is least. Of equally cheap ways into
/// a cell the diagonal is taken, then the one where `a` goes on. Empty for empty series.
std::vector<std::pair<int64_t, int64_t>> dtw_path(std::span<const double> a,
                                                  std::span<const double> b,
                                                  int64_t band = kDtwBand);

}  // namespace kuchi::eval
