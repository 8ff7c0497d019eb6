#include "augment/fft.h"

#include <cassert>
#include <cstddef>
#include <utility>

#include "core/portable_math.h"

namespace kuchi::augment {

Fft::Fft(int64_t size) : size_(size), reversed_(static_cast<std::size_t>(size), 0) {
  assert(size >= 2 && (size & (size - 1)) == 0);
  for (int64_t i = 1, j = 0; i < size; ++i) {
    int64_t bit = size >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    reversed_[static_cast<std::size_t>(i)] = j;
  }
  for (int64_t k = 0; k < size / 2; ++k) {
    const double turn = 2 * portable::kPi * static_cast<double>(k) / static_cast<double>(size);
    cos_.push_back(portable::cos(turn));
    sin_.push_back(portable::sin(turn));
  }
}

void Fft::forward(std::vector<double>& re, std::vector<double>& im) const {
  double* const x = re.data();
  double* const y = im.data();
  for (int64_t i = 0; i < size_; ++i) {
    const int64_t j = reversed_[static_cast<std::size_t>(i)];
    if (i < j) {
      std::swap(x[i], x[j]);
      std::swap(y[i], y[j]);
    }
  }
  for (int64_t half = 1; half < size_; half *= 2) {
    const int64_t stride = size_ / (2 * half);
    for (int64_t start = 0; start < size_; start += 2 * half) {
      for (int64_t k = 0; k < half; ++k) {
        const double c = cos_[static_cast<std::size_t>(k * stride)];
        const double s = sin_[static_cast<std::size_t>(k * stride)];
        const int64_t a = start + k, b = a + half;
        const double re_b = x[b] * c + y[b] * s, im_b = y[b] * c - x[b] * s;
        x[b] = x[a] - re_b;
        y[b] = y[a] - im_b;
        x[a] += re_b;
        y[a] += im_b;
      }
    }
  }
}

}  // namespace kuchi::augment
