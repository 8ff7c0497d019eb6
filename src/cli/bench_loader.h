// src/cli/bench_loader.h
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "train/loader_bench.h"

namespace kuchi::cli {

/// kuchi bench loader CONFIG [section.key=value …].
void bench_loader(const std::string& config, const std::vector<std::string>& overrides,
                  train::LoaderBench bench, const JsonOption& json);

}  // namespace kuchi::cli
