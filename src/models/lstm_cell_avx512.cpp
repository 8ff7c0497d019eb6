#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma")
#include <immintrin.h>

#include "models/lstm_cell_inl.h"

namespace kuchi::models::recurrent {
namespace {

struct Lanes {
  using T = float;
  using S = float;
  using Vec = __m512;
  using Ints = int32_t __attribute__((vector_size(64)));
  using Pairs = __m512;
  static constexpr int64_t lanes = 16, depth = 1;
  static constexpr int rows = 6;
  static Vec all(T x) { return _mm512_set1_ps(x); }
  static Vec load(const S* p) { return _mm512_loadu_ps(p); }
  static Vec load_wide(const T* p) { return _mm512_loadu_ps(p); }
  static void store(S* p, Vec v) { _mm512_storeu_ps(p, v); }
  static void store_wide(T* p, Vec v) { _mm512_storeu_ps(p, v); }
  static Pairs weights(const S* p) { return _mm512_loadu_ps(p); }
  static Pairs input(const S* p) { return _mm512_set1_ps(*p); }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
  static Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
};

}  // namespace

Cell<float, float> avx512_cell() { return cell<Lanes>("AVX-512"); }

}  // namespace kuchi::models::recurrent
#endif
