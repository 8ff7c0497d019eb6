// src/models/lstm_panels.h
#pragma once

#include <ATen/core/Tensor.h>

#include "models/lstm_cell.h"

namespace kuchi::models::recurrent {

enum class Pass { forward, backward };

/// The recurrent weights of one direction, W_hh [4 hidden, hidden], laid out as a cell wants them
/// for a pass: [panels, inputs / depth, 4 lanes, depth], zero beyond the weights. In S's type.
template <class T, class S>
at::Tensor make_panels(const Cell<T, S>& cell, Pass pass, int64_t hidden);

/// How many panels there are; each may be filled by another thread.
template <class T, class S>
int64_t panel_count(const Cell<T, S>& cell, Pass pass, int64_t hidden);

/// How wide a direction's row of h is that a product can read whole: hidden, up to a multiple of
/// the inputs that the cell takes together.
template <class T, class S>
int64_t row_width(const Cell<T, S>& cell, int64_t hidden);

/// Fills panels first … last - 1 from W_hh, contiguous.
template <class T, class S>
void fill_panels(const Cell<T, S>& cell, Pass pass, const at::Tensor& weights, int64_t first,
                 int64_t last, at::Tensor& panels);

}  // namespace kuchi::models::recurrent
