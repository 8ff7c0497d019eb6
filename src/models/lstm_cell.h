// src/models/lstm_cell.h
#pragma once

#include <cstdint>

/// One step in time of one direction of an LSTM (Hochreiter & Schmidhuber 1997; forget gate of
/// Gers et al. 2000), forward and backward: the product with the recurrent weights and all that is
/// done to its result, element by element, while it is still in the cache. Written once
/// (lstm_cell_inl.h), built for several processors. No LibTorch, no standard library but this:
/// what is built for a newer processor must not share an inline function with the rest.
///
/// Gates stand in LibTorch's order i, f, g, o:  z = x W_ih' + b_ih + b_hh + h[t-1] W_hh'
///   i, f, o = sigmoid(z), g = tanh(z);  c[t] = f c[t-1] + i g;  h[t] = o tanh(c[t])
///
/// T is what is computed in (float, double), S what products take and states are kept in: T, or
/// uint16_t that holds bfloat16. Rows are clips; a row's numbers are contiguous, rows lie
/// `…_stride` elements apart. A row's result does not depend on the rows beside it.
namespace kuchi::models::recurrent {

template <class T, class S>
struct ForwardStep {
  int64_t hidden = 0;
  int64_t rows = 0;          // clips that have a frame at this step
  int64_t linked = 0;        // the first so many of them have the frame before, too
  const void* panels = 0;    // of W_hh, as pack_forward() laid it out
  const T* bias = 0;         // [4 hidden], both of them added
  S* gates = 0;              // [rows, 4 hidden], in: x W_ih'; out: i, f, g, o
  int64_t gate_stride = 0;   //
  const S* before = 0;       // h[t-1] [linked, hidden]
  S* out = 0;                // h[t] [rows, hidden]
  int64_t out_stride = 0;    // of `before` as well; rows end in zeros to a multiple of Cell::depth
  const T* cell_before = 0;  // c[t-1] [linked, hidden]
  T* cell = 0;               // c[t] [rows, hidden]
  int64_t cell_stride = 0;   // of `cell_before` as well
};

template <class T, class S>
struct BackwardStep {
  int64_t hidden = 0;
  int64_t rows = 0;
  int64_t linked = 0;        // the first so many have the frame before (whose c and h this took)
  int64_t followed = 0;      // the first so many have the frame after (which took this one's)
  const void* panels = 0;    // of W_hh, as pack_backward() laid it out
  const S* gates = 0;        // [rows, 4 hidden], as the forward step left them
  const S* after = 0;        // d loss / d z[t+1] [followed, 4 hidden]
  S* d_gates = 0;            // d loss / d z[t] [rows, 4 hidden]
  int64_t gate_stride = 0;   // of the three
  const S* d_out = 0;        // d loss / d h[t], from above [rows, hidden]
  int64_t out_stride = 0;    //
  const T* cell_before = 0;  // c[t-1] [linked, hidden]
  const T* cell = 0;         // c[t] [rows, hidden]
  int64_t cell_stride = 0;   // of the two
  T* d_cell = 0;             // in: d loss / d c[t] through c[t+1] [followed, hidden]; out: the same
  int64_t d_cell_stride = 0;  // of c[t-1] [rows, hidden]
};

/// The steps for one kind of processor, and how it wants W_hh [4 hidden, hidden]: in panels of
/// 4 · lanes columns, an input of the product after the other, `depth` neighbours together.
/// Forward, a panel is the four gates of `lanes` units, and inputs are h; backward, 4 · lanes
/// units, and inputs are the 4 · hidden gates. Beyond the weights stands zero.
template <class T, class S>
struct Cell {
  const char* name = "";
  int64_t lanes = 0, depth = 1;
  void (*forward)(const ForwardStep<T, S>&) = nullptr;
  void (*backward)(const BackwardStep<T, S>&) = nullptr;
};

Cell<float, float> portable_cell();
Cell<double, double> portable_double_cell();
Cell<float, uint16_t> portable_bfloat16_cell();
/// Only where the processor has AVX2 and FMA; AVX-512 F, BW, DQ, VL; these and AVX512_BF16.
Cell<float, float> avx2_cell();
Cell<float, uint16_t> avx2_bfloat16_cell();
Cell<float, float> avx512_cell();
Cell<float, uint16_t> bfloat16_cell();

}  // namespace kuchi::models::recurrent
