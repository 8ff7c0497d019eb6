// src/post/one_euro.h
#pragma once

#include <span>
#include <vector>

namespace kuchi::post {

/// The 1€ filter, curve by curve: a first-order low pass whose cut-off is
///   min_cutoff_hz + beta · |smoothed speed|,
/// so that what stands still does not tremble and what moves fast is not late.
/// Source: Casiez, Roussel and Vogel, "1€ Filter", CHI 2012, algorithm 1; the speed is taken from
/// the last filtered value, as there.
class OneEuro {
 public:
  OneEuro(double fps, double min_cutoff_hz, double beta, double derivative_cutoff_hz);
  /// One frame [curves], in place; the first is left as it is.
  void filter(std::span<float> frame);

 private:
  double fps_, min_cutoff_hz_, beta_, derivative_cutoff_hz_;
  std::vector<double> value_, speed_;  // [curves], empty before the first frame
};

}  // namespace kuchi::post
