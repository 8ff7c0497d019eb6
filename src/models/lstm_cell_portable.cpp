#include <cmath>

#include "models/lstm_cell_inl.h"

namespace kuchi::models::recurrent {
namespace {

/// Vectors of 16 bytes, which every processor that matters has, by the compiler's own arithmetic.
struct Singles {
  using T = float;
  using S = float;
  using Vec = float __attribute__((vector_size(16)));
  using Ints = int32_t __attribute__((vector_size(16)));
  using Pairs = Vec;
  static constexpr int64_t lanes = 4, depth = 1;
  static constexpr int rows = 2;
  static Vec all(T x) { return Vec{x, x, x, x}; }
  static Vec load(const S* p) { return Vec{p[0], p[1], p[2], p[3]}; }
  static Vec load_wide(const T* p) { return load(p); }
  static void store(S* p, Vec v) { __builtin_memcpy(p, &v, sizeof(v)); }
  static void store_wide(T* p, Vec v) { store(p, v); }
  static Pairs weights(const S* p) { return load(p); }
  static Pairs input(const S* p) { return all(*p); }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) { return a * b + c; }
  static Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
};

struct Doubles {
  using T = double;
  using S = double;
  using Vec = double __attribute__((vector_size(16)));
  using Pairs = Vec;
  static constexpr int64_t lanes = 2, depth = 1;
  static constexpr int rows = 2;
  static Vec all(T x) { return Vec{x, x}; }
  static Vec load(const S* p) { return Vec{p[0], p[1]}; }
  static Vec load_wide(const T* p) { return load(p); }
  static void store(S* p, Vec v) { __builtin_memcpy(p, &v, sizeof(v)); }
  static void store_wide(T* p, Vec v) { store(p, v); }
  static Pairs weights(const S* p) { return load(p); }
  static Pairs input(const S* p) { return all(*p); }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) { return a * b + c; }
  static Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
};

/// bfloat16 for processors that do not multiply it: numbers are kept in it, products and sums are
/// single precision's. A product of two bfloat16 is exact there.
struct Halves {
  using T = float;
  using S = uint16_t;
  using Vec = float __attribute__((vector_size(16)));
  using Ints = int32_t __attribute__((vector_size(16)));
  using Bits = uint32_t __attribute__((vector_size(16)));
  using Words = uint16_t __attribute__((vector_size(8)));
  struct Pairs {
    Vec even, odd;
  };
  static constexpr int64_t lanes = 4, depth = 2;
  static constexpr int rows = 2;
  static Vec all(T x) { return Vec{x, x, x, x}; }
  static Vec load(const S* p) {
    Words words;
    __builtin_memcpy(&words, p, sizeof(words));
    return reinterpret_cast<Vec>(__builtin_convertvector(words, Bits) << 16);
  }
  static Vec load_wide(const T* p) { return Vec{p[0], p[1], p[2], p[3]}; }
  static void store(S* p, Vec v) {
    const auto bits = reinterpret_cast<Bits>(v);
    auto nearest = bits + 0x7fffU + ((bits >> 16) & 1U);  // ties to even
    nearest = (v == v) ? nearest : Bits{} + 0x7fc00000U;  // NaN
    const auto words = __builtin_convertvector(nearest >> 16, Words);
    __builtin_memcpy(p, &words, sizeof(words));
  }
  static void store_wide(T* p, Vec v) { __builtin_memcpy(p, &v, sizeof(v)); }
  static Pairs split(Bits pairs) {
    return {reinterpret_cast<Vec>(pairs << 16), reinterpret_cast<Vec>(pairs & 0xffff0000U)};
  }
  static Pairs weights(const S* p) {
    Bits pairs;
    __builtin_memcpy(&pairs, p, sizeof(pairs));
    return split(pairs);
  }
  static Pairs input(const S* p) {
    uint32_t pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return split(Bits{} + pair);
  }
  static Vec multiply_add(Pairs a, Pairs b, Vec c) { return a.odd * b.odd + (a.even * b.even + c); }
  static Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
};

/// Double precision is for checking, not for speed.
template <>
Doubles::Vec sigmoid<Doubles>(Doubles::Vec x) {
  for (int i = 0; i < Doubles::lanes; ++i) x[i] = 1 / (1 + std::exp(-x[i]));
  return x;
}

template <>
Doubles::Vec hyperbolic<Doubles>(Doubles::Vec x) {
  for (int i = 0; i < Doubles::lanes; ++i) x[i] = std::tanh(x[i]);
  return x;
}

}  // namespace

Cell<float, float> portable_cell() { return cell<Singles>("portable"); }
Cell<float, uint16_t> portable_bfloat16_cell() { return cell<Halves>("portable, bfloat16"); }
Cell<double, double> portable_double_cell() { return cell<Doubles>("portable, double"); }

}  // namespace kuchi::models::recurrent
