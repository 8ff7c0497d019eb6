// src/report/suite_tables.h
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "eval/suite.h"

namespace kuchi::report {

enum class CurveOrder { rig, worst_first };

/// mse, r2, pcc, std_ratio by curve. worst_first: by r2 rising, curves without one last.
void print_curves(std::ostream& out, const eval::Suite& suite, CurveOrder order = CurveOrder::rig);

/// Every pooled metric with its interval, then the note on what the numbers are evidence of.
void print_metrics(std::ostream& out, const eval::Suite& suite);

/// "mse 0.00410 (0.00360 – 0.00470), r2 0.853, pcc 0.921 over 2 clips, 5400 frames, 29 curves".
std::string one_line(const eval::Suite& suite);

/// Systems side by side, one a row: mse, its ratio to the first suite's, r2, pcc, vel_mse,
/// std_ratio, and every metric named probe… that any of them has.
void print_comparison(std::ostream& out, std::span<const eval::Suite> suites);

/// Every metric of several systems: a row a metric, a column a system, with intervals where there
/// are any.
void print_side_by_side(std::ostream& out, std::span<const eval::Suite> suites);

}  // namespace kuchi::report
