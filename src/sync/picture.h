#pragma once

#include <optional>
#include <string>

#include "sync/estimate.h"

namespace kuchi::sync {

/// An estimate as a PNG of 640 x 240 points. Left: correlation (0 … 1 upwards) against lag, -500 …
/// 500 ms, a grid line each 100 ms and 0.2, a darker one at no lag, green: the set's usual lag,
/// red: this clip's. Right: the windows' lags over the clip's time, ±150 ms around what is found
/// (more where the drift needs it), a grid line each 50 ms; grey: windows that say nothing; red:
/// the line that was fitted.
std::string picture(const Estimate& estimate, std::optional<double> usual_ms);

}  // namespace kuchi::sync
