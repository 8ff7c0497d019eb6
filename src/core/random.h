// src/core/random.h
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kuchi {

/// A stream of random numbers that depends on its key alone, never on threads or order.
///
/// The key is (seed, purpose, a, b): for training usually (seed, "augment", epoch, clip). Draw i
/// of a stream is a hash of (key, i): SplitMix64's finaliser over a counter (Steele et al.,
/// OOPSLA 2014). Integer arithmetic and exact float operations only, so every machine draws the
/// same; normal() sums twelve uniforms (Irwin-Hall), because log and cos differ between libms.
class Stream {
 public:
  Stream(uint64_t seed, std::string_view purpose, uint64_t a = 0, uint64_t b = 0);

  uint64_t next();
  /// [0, 1), 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// 0 … n-1, without bias; n > 0.
  uint64_t below(uint64_t n);
  /// Mean 0, variance 1, within ±6.
  double normal();
  bool chance(double probability) { return uniform() < probability; }

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
};

/// 0 … n-1 in a drawn order (Fisher-Yates).
std::vector<int64_t> permutation(int64_t n, Stream stream);

}  // namespace kuchi
