#pragma once

#include <cstdint>
#include <string>

#include "cli/common.h"

namespace kuchi::cli {

/// `kuchi bench live [RUN]`: what a frame costs while sound comes in, on one core.
/// precision: one of models::kLiveWeights.
void bench_live(const std::string& run, int64_t frames, const std::string& precision,
                const JsonOption& json);

}  // namespace kuchi::cli
