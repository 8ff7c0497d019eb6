// src/augment/biquad.h
#pragma once

#include <span>

namespace kuchi::augment {

/// A filter of second order, minimum phase for every gain. Formulas: R. Bristow-Johnson, Audio EQ
/// Cookbook. Frequencies in Hz below 8000.
struct Biquad {
  double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;

  static Biquad peak(double hz, double q, double gain_db);
  static Biquad low_shelf(double hz, double gain_db);
  static Biquad high_shelf(double hz, double gain_db);
  /// Filters in place, from rest.
  void run(std::span<float> audio) const;
};

}  // namespace kuchi::augment
