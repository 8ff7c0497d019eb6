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

/// Numbers are kept in bfloat16, products and sums are single precision's, in which a product of
/// two bfloat16 is exact.
struct Halves : Lanes {
  using S = uint16_t;
  struct Pairs {
    Vec even, odd;
  };
  static constexpr int64_t depth = 2;
  static constexpr int rows = 2;
  static Vec load(const S* p) {
    const auto words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(words), 16));
  }
  static void store(S* p, Vec v) {
    const auto bits = _mm256_castps_si256(v);
    const auto last = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    auto nearest = _mm256_add_epi32(bits, _mm256_add_epi32(last, _mm256_set1_epi32(0x7fff)));
    nearest = _mm256_blendv_epi8(nearest, _mm256_set1_epi32(0x7fc00000),  // ties to even; NaN
                                 _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)));
    nearest = _mm256_srli_epi32(nearest, 16);
    const auto words = _mm256_permute4x64_epi64(_mm256_packus_epi32(nearest, nearest), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(words));
  }
  static Pairs split(__m256i pairs) {
    return {_mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16)),
            _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(-0x10000)))};
  }
  static Pairs weights(const S* p) {
    return split(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static Pairs input(const S* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return split(_mm256_set1_epi32(pair));
  }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) {
    return _mm256_fmadd_ps(a.odd, b.odd, _mm256_fmadd_ps(a.even, b.even, c));
  }
};

}  // namespace

Cell<float, float> avx2_cell() { return cell<Lanes>("AVX2"); }
Cell<float, uint16_t> avx2_bfloat16_cell() { return cell<Halves>("AVX2, bfloat16"); }

}  // namespace kuchi::models::recurrent
#endif
