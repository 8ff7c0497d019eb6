// src/augment/fft.h
#pragma once

#include <cstdint>
#include <vector>

namespace kuchi::augment {

/// Complex fast Fourier transform in place, of a power of two, radix 2 over tables. In double.
class Fft {
 public:
  explicit Fft(int64_t size);
  int64_t size() const { return size_; }
  /// X[k] = Σ x[n] exp(-2πi k n / size); re and im are [size].
  void forward(std::vector<double>& re, std::vector<double>& im) const;
  /// x[n] · size: the inverse, not scaled.
  void inverse(std::vector<double>& re, std::vector<double>& im) const { forward(im, re); }

 private:
  int64_t size_;
  std::vector<int64_t> reversed_;  // [size]
  std::vector<double> cos_, sin_;  // [size / 2]: of 2π k / size
};

}  // namespace kuchi::augment
