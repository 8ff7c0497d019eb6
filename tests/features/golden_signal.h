// What several tests of this room share: the formula signal of tests/golden/make_logmel.py.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "io/atomic_file.h"

namespace kuchi::test {

inline std::vector<float> formula_signal(int64_t samples = 8123) {
  std::vector<float> out;
  for (int64_t n = 0; n < samples; ++n) {
    const int64_t noise = (n * n * 7 + n * 31) % 2003 - 1001;
    const int64_t buzz = (n % 131 - 65) * 24;
    const bool rest = n > 3000 && n < 4500;
    out.push_back(rest ? 0.0F : static_cast<float>(noise * (n % 4000 > 2000) + buzz) / 4096.0F);
  }
  return out;
}

inline Matrix read_golden(const std::string& name, int64_t cols) {
  const std::string bytes = io::read_text(std::string(KUCHI_SOURCE_DIR) + "/tests/golden/" + name);
  Matrix out(static_cast<int64_t>(bytes.size() / 4) / cols, cols);
  std::memcpy(out.data.data(), bytes.data(), out.data.size() * 4);
  return out;
}

/// The largest difference; 1e9 where the shapes differ.
inline double distance(const Matrix& a, const Matrix& b) {
  if (a.rows != b.rows || a.cols != b.cols) return 1e9;
  double worst = 0;
  for (size_t i = 0; i < a.data.size(); ++i) {
    const double d = std::abs(static_cast<double>(a.data[i]) - b.data[i]);
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

}  // namespace kuchi::test
