#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")
#include <immintrin.h>

#include "models/lstm_cell_inl.h"

namespace kuchi::models::recurrent {
namespace {

/// Products of bfloat16 summed in single precision; all else in single precision.
struct Lanes {
  using T = float;
  using S = uint16_t;
  using Vec = __m512;
  using Ints = int32_t __attribute__((vector_size(64)));
  using Words = uint16_t __attribute__((vector_size(32)));
  using Pairs = __m512bh;
  static constexpr int64_t lanes = 16, depth = 2;
  static constexpr int rows = 6;
  static Vec all(T x) { return _mm512_set1_ps(x); }
  static Vec load(const S* p) {
    Words words;
    __builtin_memcpy(&words, p, sizeof(words));
    return reinterpret_cast<Vec>(__builtin_convertvector(words, Ints) << 16);
  }
  static Vec load_wide(const T* p) { return _mm512_loadu_ps(p); }
  static void store(S* p, Vec v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)));
  }
  static void store_wide(T* p, Vec v) { _mm512_storeu_ps(p, v); }
  static Pairs weights(const S* p) { return reinterpret_cast<Pairs>(_mm512_loadu_si512(p)); }
  static Pairs input(const S* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return reinterpret_cast<Pairs>(_mm512_set1_epi32(pair));
  }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) { return _mm512_dpbf16_ps(c, a, b); }
  static Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
};

}  // namespace

Cell<float, uint16_t> bfloat16_cell() { return cell<Lanes>("AVX-512 BF16"); }

}  // namespace kuchi::models::recurrent
#endif
