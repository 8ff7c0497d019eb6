// src/models/lstm_recurrence.h
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/lstm_cell.h"
#include "models/packed_rows.h"

namespace kuchi::models::recurrent {

/// The cells that this processor can run, the fastest first; never none.
template <class T, class S>
std::vector<Cell<T, S>> cells();

/// What happens along time in one layer, all directions of it. A direction is one thread's work (on
/// more cores, a direction's clips are shared out), so that threads meet once a layer and not once
/// a step; how they are shared changes no bit of the result. A reversed direction (the second)
/// begins at each clip's own end.
///
/// Rows are packed_rows.h's; directions stand side by side in a row.
///   gates, d_gates  [total, directions · 4 hidden]
///   out             [total, directions · row_width(cell, hidden)], zero beyond each direction's
///   hidden d_out           [total, directions · hidden] cell            [total, directions ·
///   hidden], always T
/// Tensors are contiguous.
struct Recurrence {
  const PackedRows& rows;
  std::vector<at::Tensor> weights;  // W_hh [4 hidden, hidden] T, a direction
  int64_t hidden() const { return weights[0].size(1); }
  int64_t directions() const { return static_cast<int64_t>(weights.size()); }
};

/// gates come in as x W_ih' and leave as i, f, g, o; bias [directions, 4 hidden] T.
template <class T, class S>
void run_forward(const Cell<T, S>& cell, const Recurrence& r, const at::Tensor& bias,
                 at::Tensor& gates, at::Tensor& cell_states, at::Tensor& out);

/// From what the forward pass left and d loss / d out: d loss / d z, of the gates before their
/// functions.
template <class T, class S>
void run_backward(const Cell<T, S>& cell, const Recurrence& r, const at::Tensor& gates,
                  const at::Tensor& cell_states, const at::Tensor& d_out, at::Tensor& d_gates);

/// h of the frame before each row's in the direction's order, [total, hidden]; zero where there is
/// none.
at::Tensor previous_states(const PackedRows& rows, const at::Tensor& out, int64_t direction,
                           int64_t hidden);

}  // namespace kuchi::models::recurrent
