// src/eval/metrics.h
#pragma once

#include <span>

#include "eval/metric.h"

namespace kuchi::eval {

/// Every metric there is, in the order of tables and files.
std::span<const CurveMetric> curve_metrics();
std::span<const ClipMetric> clip_metrics();

}  // namespace kuchi::eval
