#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#include <immintrin.h>

#include "models/lstm_cell_inl.h"

namespace kuchi::models::recurrent {
namespace {

struct Lanes {
  using T = float;
  using S = float;
  using Vec = __m256;
  using Ints = int32_t __attribute__((vector_size(32)));
  using Pairs = __m256;
  static constexpr int64_t lanes = 8, depth = 1;
  static constexpr int rows = 3;
  static Vec all(T x) { return _mm256_set1_ps(x); }
  static Vec load(const S* p) { return _mm256_loadu_ps(p); }
  static Vec load_wide(const T* p) { return _mm256_loadu_ps(p); }
  static void store(S* p, Vec v) { _mm256_storeu_ps(p, v); }
  static void store_wide(T* p, Vec v) { _mm256_storeu_ps(p, v); }
  static Pairs weights(const S* p) { return _mm256_loadu_ps(p); }
  static Pairs input(const S* p) { return _mm256_broadcast_ss(p); }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
  static Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
};

}  // namespace

Cell<float, float> avx2_cell() { return cell<Lanes>("AVX2"); }

}  // namespace kuchi::models::recurrent
#endif
