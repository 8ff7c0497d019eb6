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
Cell<double, double> portable_double_cell() { return cell<Doubles>("portable, double"); }

}  // namespace kuchi::models::recurrent
