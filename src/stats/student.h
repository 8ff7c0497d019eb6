// src/stats/student.h
#pragma once

namespace kuchi::stats {

/// Student's t for any degrees of freedom above 0, also fractions, as Satterthwaite's are.
/// Relative error under 1e-9; portable functions only, so that a table is the same everywhere.
/// Source: Abramowitz and Stegun 26.7.1 and 26.5.8 (incomplete beta as a continued fraction).

/// P(|T| >= |t|), both tails.
double student_tails(double t, double df);

/// P(T <= t).
double student_below(double t, double df);

/// The t under which T lies with probability p, 0 < p < 1.
double student_quantile(double p, double df);

}  // namespace kuchi::stats
