// src/models/lstm_cell_inl.h
// The body of lstm_cell.h, included by the lstm_cell_*.cpp alone, each after it has chosen the
// instructions to compile for and written them up as a type:
//
//   struct Lanes {
//     using T, S;                      // as lstm_cell.h says
//     using Vec;                       // `lanes` numbers T, a vector of GCC's
//     using Ints;                      // as many integers of its size
//     using Pairs;                     // what a product takes of the weights: `lanes` · depth S
//     static constexpr int64_t lanes, depth;
//     static constexpr int rows;       // clips at a time whose sums fit the registers
//     static Vec all(T), load(const S*), load_wide(const T*);
//     static void store(S*, Vec), store_wide(T*, Vec);
//     static Pairs weights(const S*), input(const S*);  // the latter: depth neighbours everywhere
//     static Vec multiply_add(Pairs, Pairs, Vec), fma(Vec, Vec, Vec);
//   };
//
// Everything has internal linkage: two processors' versions must never be taken for one another.
#pragma once

#include "models/lstm_cell.h"

namespace kuchi::models::recurrent {
namespace {

/// Inputs whose products are summed in registers before they are added to the rest: bounds both
/// the error of a long sum and the part of a panel that must stay in the nearest cache.
constexpr int64_t kChunk = 256;
/// Clips whose sums are held at a time.
constexpr int64_t kGroup = 48;

template <class L>
using Vec = typename L::Vec;

/// Sums of products of up to kGroup rows with one panel: [rows, 4, lanes].
template <class L>
struct Sums {
  alignas(64) typename L::T of[kGroup][4][L::lanes];
};

template <class L, int kRows>
inline void multiply(const typename L::S* input, int64_t stride, const typename L::S* panel,
                     int64_t steps, typename L::T* sums) {
  Vec<L> acc[kRows][4] = {};
  for (int64_t k = 0; k < steps; ++k) {
    typename L::Pairs w[4];
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      w[q] = L::weights(panel + q * L::lanes * L::depth);
      __builtin_prefetch(panel + (q + 64) * L::lanes * L::depth);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const auto x = L::input(input + r * stride + k * L::depth);
#pragma GCC unroll 4
      for (int q = 0; q < 4; ++q) acc[r][q] = L::multiply_add(x, w[q], acc[r][q]);
    }
    panel += 4 * L::lanes * L::depth;
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      auto* to = sums + (r * 4 + q) * L::lanes;
      L::store_wide(to, L::load_wide(to) + acc[r][q]);
    }
  }
}

template <class L, int kRows = L::rows>
inline void multiply_rows(int rows, const typename L::S* input, int64_t stride,
                          const typename L::S* panel, int64_t steps, typename L::T* sums) {
  if (rows == kRows) return multiply<L, kRows>(input, stride, panel, steps, sums);
  if constexpr (kRows > 1) multiply_rows<L, kRows - 1>(rows, input, stride, panel, steps, sums);
}

/// sums [rows, 4, lanes] = input [rows, inputs] × a panel [inputs, 4 lanes]
template <class L>
inline void product(int64_t rows, const typename L::S* input, int64_t stride, int64_t inputs,
                    const typename L::S* panel, Sums<L>& sums) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int q = 0; q < 4; ++q) L::store_wide(sums.of[r][q], Vec<L>{});
  }
  const int64_t steps = (inputs + L::depth - 1) / L::depth;
  const int64_t blocks = (rows + L::rows - 1) / L::rows;
  for (int64_t k = 0; k < steps; k += kChunk) {
    const int64_t now = steps - k < kChunk ? steps - k : kChunk;
    const auto* part = panel + k * 4 * L::lanes * L::depth;
    for (int64_t b = 0; b < blocks; ++b) {  // blocks of nearly equal size
      const int64_t first = rows * b / blocks, last = rows * (b + 1) / blocks;
      multiply_rows<L>(static_cast<int>(last - first), input + first * stride + k * L::depth,
                       stride, part, now, sums.of[first][0]);
    }
  }
}

/// Whether a vector has all its lanes' numbers, or the last of a row that is no multiple of them.
template <class L>
struct Part {
  int64_t count;
  bool whole() const { return count == L::lanes; }

  Vec<L> load(const typename L::S* from) const {
    if (whole()) return L::load(from);
    typename L::S all[L::lanes] = {};
    for (int64_t i = 0; i < count; ++i) all[i] = from[i];
    return L::load(all);
  }
  void store(typename L::S* to, Vec<L> value) const {
    if (whole()) return L::store(to, value);
    typename L::S all[L::lanes];
    L::store(all, value);
    for (int64_t i = 0; i < count; ++i) to[i] = all[i];
  }
  Vec<L> load_wide(const typename L::T* from) const {
    if (whole()) return L::load_wide(from);
    typename L::T all[L::lanes] = {};
    for (int64_t i = 0; i < count; ++i) all[i] = from[i];
    return L::load_wide(all);
  }
  void store_wide(typename L::T* to, Vec<L> value) const {
    if (whole()) return L::store_wide(to, value);
    typename L::T all[L::lanes];
    L::store_wide(all, value);
    for (int64_t i = 0; i < count; ++i) to[i] = all[i];
  }
};

/// e^x for single precision, within 2 units in the last place; NaN stays NaN. 2^n e^r with
/// |r| <= ln 2 / 2, and e^r by a minimax polynomial fitted for this file.
template <class L>
inline Vec<L> exponential(Vec<L> x) {
  const auto low = L::all(-87.0F), high = L::all(88.0F);
  x = x < low ? low : x;
  x = x > high ? high : x;
  const auto shift = L::all(12582912.0F);  // 1.5 · 2^23: a sum with it has no fraction
  const auto shifted = L::fma(x, L::all(1.44269504F), shift);
  const auto n = shifted - shift;
  auto r = L::fma(n, L::all(-0.693359375F), x);  // ln 2 in two parts
  r = L::fma(n, L::all(2.12194440e-4F), r);
  auto p = L::fma(L::all(0.001381454F), r, L::all(0.008368745F));
  p = L::fma(p, r, L::all(0.04166839F));
  p = L::fma(p, r, L::all(0.16666521F));
  p = L::fma(p, r, L::all(0.49999994F));
  p = L::fma(p * r, r, r) + 1.0F;
  using Ints = typename L::Ints;
  const auto whole = reinterpret_cast<Ints>(shifted) - reinterpret_cast<Ints>(shift);
  return p * reinterpret_cast<Vec<L>>((whole + 127) << 23);
}

template <class L>
inline Vec<L> sigmoid(Vec<L> x) {
  return 1.0F / (1.0F + exponential<L>(-x));
}

template <class L>
inline Vec<L> hyperbolic(Vec<L> x) {
  const auto s = x * x;  // near zero: an odd polynomial, so that small values keep their digits
  auto p = L::fma(L::all(-0.005704947F), s, L::all(0.020639053F));
  p = L::fma(p, s, L::all(-0.053739704F));
  p = L::fma(p, s, L::all(0.13331442F));
  p = L::fma(p, s, L::all(-0.3333328F));
  const auto near = L::fma(p * s, x, x);
  const auto far = 1.0F - 2.0F / (1.0F + exponential<L>(x + x));
  return (s < 0.390625F) ? near : far;
}

template <class L>
void forward(const ForwardStep<typename L::T, typename L::S>& s) {
  Sums<L> sums;
  const auto* panel = static_cast<const typename L::S*>(s.panels);
  const int64_t steps = (s.hidden + L::depth - 1) / L::depth;
  for (int64_t unit = 0; unit < s.hidden; unit += L::lanes) {
    const Part<L> part{s.hidden - unit < L::lanes ? s.hidden - unit : L::lanes};
    Vec<L> bias[4];
    for (int q = 0; q < 4; ++q) bias[q] = part.load_wide(s.bias + q * s.hidden + unit);
    for (int64_t first = 0; first < s.rows; first += kGroup) {
      const int64_t last = s.rows - first < kGroup ? s.rows : first + kGroup;
      const int64_t linked = (s.linked < last ? s.linked : last) - first;
      if (linked > 0) {
        product<L>(linked, s.before + first * s.out_stride, s.out_stride, s.hidden, panel, sums);
      }
      for (int64_t row = first; row < last; ++row) {
        auto* gates = s.gates + row * s.gate_stride + unit;
        Vec<L> z[4];
        for (int q = 0; q < 4; ++q) {
          z[q] = part.load(gates + q * s.hidden) + bias[q];
          if (row - first < linked) z[q] += L::load_wide(sums.of[row - first][q]);
        }
        const auto i = sigmoid<L>(z[0]), f = sigmoid<L>(z[1]), o = sigmoid<L>(z[3]);
        const auto g = hyperbolic<L>(z[2]);
        const int64_t at = row * s.cell_stride + unit;
        auto c = i * g;
        if (row < s.linked) c = L::fma(f, part.load_wide(s.cell_before + at), c);
        part.store(gates, i);
        part.store(gates + s.hidden, f);
        part.store(gates + 2 * s.hidden, g);
        part.store(gates + 3 * s.hidden, o);
        part.store_wide(s.cell + at, c);
        part.store(s.out + row * s.out_stride + unit, o * hyperbolic<L>(c));
      }
    }
    panel += steps * 4 * L::lanes * L::depth;
  }
}

/// d_h [lanes] is all of d loss / d h[t] of the units from `unit` on.
template <class L>
inline void backward_units(const BackwardStep<typename L::T, typename L::S>& s, int64_t row,
                           int64_t unit, Vec<L> d_h) {
  const Part<L> part{s.hidden - unit < L::lanes ? s.hidden - unit : L::lanes};
  const auto* gates = s.gates + row * s.gate_stride + unit;
  const auto i = part.load(gates), f = part.load(gates + s.hidden);
  const auto g = part.load(gates + 2 * s.hidden), o = part.load(gates + 3 * s.hidden);
  const int64_t at = row * s.cell_stride + unit;
  const auto tanh_c = hyperbolic<L>(part.load_wide(s.cell + at));
  d_h += part.load(s.d_out + row * s.out_stride + unit);
  auto* d_cell = s.d_cell + row * s.d_cell_stride + unit;
  auto d_c = d_h * o * (1.0F - tanh_c * tanh_c);
  if (row < s.followed) d_c += part.load_wide(d_cell);
  auto before = Vec<L>{};
  if (row < s.linked) before = part.load_wide(s.cell_before + at);
  auto* to = s.d_gates + row * s.gate_stride + unit;
  part.store(to, d_c * g * i * (1.0F - i));
  part.store(to + s.hidden, d_c * before * f * (1.0F - f));
  part.store(to + 2 * s.hidden, d_c * i * (1.0F - g * g));
  part.store(to + 3 * s.hidden, d_h * tanh_c * o * (1.0F - o));
  part.store_wide(d_cell, d_c * f);
}

template <class L>
void backward(const BackwardStep<typename L::T, typename L::S>& s) {
  Sums<L> sums;
  const auto* panel = static_cast<const typename L::S*>(s.panels);
  const int64_t steps = (4 * s.hidden + L::depth - 1) / L::depth;
  for (int64_t block = 0; block < s.hidden; block += 4 * L::lanes) {
    for (int64_t first = 0; first < s.rows; first += kGroup) {
      const int64_t last = s.rows - first < kGroup ? s.rows : first + kGroup;
      const int64_t followed = (s.followed < last ? s.followed : last) - first;
      if (followed > 0) {
        product<L>(followed, s.after + first * s.gate_stride, s.gate_stride, 4 * s.hidden, panel,
                   sums);
      }
      for (int64_t row = first; row < last; ++row) {
        for (int q = 0; q < 4 && block + q * L::lanes < s.hidden; ++q) {
          auto d_h = Vec<L>{};
          if (row - first < followed) d_h = L::load_wide(sums.of[row - first][q]);
          backward_units<L>(s, row, block + q * L::lanes, d_h);
        }
      }
    }
    panel += steps * 4 * L::lanes * L::depth;
  }
}

template <class L>
Cell<typename L::T, typename L::S> cell(const char* name) {
  return {name, L::lanes, L::depth, forward<L>, backward<L>};
}

}  // namespace
}  // namespace kuchi::models::recurrent
