#include "features/fft512.h"

#include <cmath>
#include <numbers>

namespace kuchi::features {

Fft512::Fft512() {
  for (int k = 0; k < kHalf; ++k) {
    const double angle = 2 * std::numbers::pi * k / kSize;
    cos_[k] = std::cos(angle);
    sin_[k] = std::sin(angle);
    int r = 0;
    for (int bit = 1; bit < kHalf; bit <<= 1) r = (r << 1) | ((k & bit) != 0 ? 1 : 0);
    reversed_[k] = r;
  }
}

// Decimation in time; the input is in bit-reversed order already.
void Fft512::transform() {
  for (int i = 0; i < kHalf; i += 2) {  // the first stage has no twiddles
    const double a = re_[i + 1], b = im_[i + 1];
    re_[i + 1] = re_[i] - a;
    im_[i + 1] = im_[i] - b;
    re_[i] += a;
    im_[i] += b;
  }
  for (int half = 2; half < kHalf; half *= 2) {
    const int step = kSize / (2 * half);  // in the table of 512ths
    for (int base = 0; base < kHalf; base += 2 * half) {
      for (int j = 0; j < half; ++j) {
        const int lo = base + j, hi = lo + half;
        const double c = cos_[j * step], s = sin_[j * step];
        const double a = re_[hi] * c + im_[hi] * s;
        const double b = im_[hi] * c - re_[hi] * s;
        re_[hi] = re_[lo] - a;
        im_[hi] = im_[lo] - b;
        re_[lo] += a;
        im_[lo] += b;
      }
    }
  }
}

void Fft512::power(const std::array<double, kSize>& in, std::array<double, kBins>& out) {
  for (int i = 0; i < kHalf; ++i) {
    re_[i] = in[2 * reversed_[i]];
    im_[i] = in[2 * reversed_[i] + 1];
  }
  transform();
  // X[k] = E[k] + w^k O[k], where E and O are the spectra of the even and odd values.
  const double dc = re_[0] + im_[0], top = re_[0] - im_[0];
  out[0] = dc * dc;
  out[kHalf] = top * top;
  for (int k = 1; k < kHalf; ++k) {
    const int m = kHalf - k;
    const double er = 0.5 * (re_[k] + re_[m]), ei = 0.5 * (im_[k] - im_[m]);
    const double odd_r = 0.5 * (im_[k] + im_[m]), odd_i = 0.5 * (re_[m] - re_[k]);
    const double xr = er + odd_r * cos_[k] + odd_i * sin_[k];
    const double xi = ei + odd_i * cos_[k] - odd_r * sin_[k];
    out[k] = xr * xr + xi * xi;
  }
}

}  // namespace kuchi::features
