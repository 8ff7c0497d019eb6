#pragma once

#include <array>

namespace kuchi::features {

/// Power spectrum of 512 real values: as a complex transform of 256 (even values real, odd values
/// imaginary), radix 2 over precomputed tables, then taken apart. In double.
class Fft512 {
 public:
  static constexpr int kSize = 512;
  static constexpr int kBins = kSize / 2 + 1;

  Fft512();
  /// |X[k]|^2 for k = 0 … 256.
  void power(const std::array<double, kSize>& in, std::array<double, kBins>& out);

 private:
  static constexpr int kHalf = kSize / 2;
  void transform();
  std::array<int, kHalf> reversed_;
  std::array<double, kHalf> cos_, sin_;  // of 2 pi k / 512
  std::array<double, kHalf> re_, im_;    // work
};

}  // namespace kuchi::features
