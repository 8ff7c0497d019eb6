#include "models/lstm_panels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <type_traits>

namespace kuchi::models::recurrent {
namespace {

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <class S>
constexpr at::ScalarType kType = std::is_same_v<S, double>  ? at::kDouble
                                 : std::is_same_v<S, float> ? at::kFloat
                                                            : at::kBFloat16;

/// A number as it is stored: itself, or the bits of its bfloat16.
template <class S, class T>
S stored(T value) {
  if constexpr (std::is_same_v<S, uint16_t>) {
    return c10::BFloat16(value).x;
  } else {
    return value;
  }
}

template <class T>
struct Source {
  const T* weights;  // [4 hidden, hidden]
  int64_t hidden;
  int64_t lanes, depth;
};

/// One panel of the forward pass: columns are gates of units, inputs h, so rows of W_hh are read
/// along; a few inputs at a time, so that what is written stays in the cache.
template <class T, class S>
void fill_forward(const Source<T>& s, int64_t panel, S* to) {
  constexpr int64_t kInputs = 16;
  const int64_t unit = panel * s.lanes;
  const int64_t units = std::min(s.lanes, s.hidden - unit);
  for (int64_t k = 0; k < s.hidden; k += kInputs) {
    const int64_t last = std::min(k + kInputs, s.hidden);
    for (int64_t q = 0; q < 4; ++q) {
      for (int64_t l = 0; l < units; ++l) {
        const T* row = s.weights + (q * s.hidden + unit + l) * s.hidden;
        S* column = to + (q * s.lanes + l) * s.depth;
        for (int64_t i = k; i < last; ++i) {
          column[i / s.depth * 4 * s.lanes * s.depth + i % s.depth] = stored<S>(row[i]);
        }
      }
    }
  }
}

/// One panel of the backward pass: columns are units, inputs the gates.
template <class T, class S>
void fill_backward(const Source<T>& s, int64_t panel, S* to) {
  const int64_t width = 4 * s.lanes, unit = panel * width;
  const int64_t units = std::min(width, s.hidden - unit);
  for (int64_t k = 0; k < 4 * s.hidden; ++k) {
    const T* row = s.weights + k * s.hidden + unit;
    S* line = to + k / s.depth * width * s.depth + k % s.depth;
    for (int64_t l = 0; l < units; ++l) line[l * s.depth] = stored<S>(row[l]);
  }
}

}  // namespace

template <class T, class S>
int64_t panel_count(const Cell<T, S>& cell, Pass pass, int64_t hidden) {
  return ceil_div(hidden, pass == Pass::forward ? cell.lanes : 4 * cell.lanes);
}

template <class T, class S>
int64_t row_width(const Cell<T, S>& cell, int64_t hidden) {
  return ceil_div(hidden, cell.depth) * cell.depth;
}

template <class T, class S>
at::Tensor make_panels(const Cell<T, S>& cell, Pass pass, int64_t hidden) {
  const int64_t inputs = pass == Pass::forward ? hidden : 4 * hidden;
  const int64_t width = 4 * cell.lanes;
  const std::vector<int64_t> shape = {panel_count(cell, pass, hidden), ceil_div(inputs, cell.depth),
                                      width, cell.depth};
  const bool filled =
      hidden % (pass == Pass::forward ? cell.lanes : width) == 0 && inputs % cell.depth == 0;
  return filled ? at::empty(shape, kType<S>) : at::zeros(shape, kType<S>);
}

template <class T, class S>
void fill_panels(const Cell<T, S>& cell, Pass pass, const at::Tensor& weights, int64_t first,
                 int64_t last, at::Tensor& panels) {
  const Source<T> source{weights.const_data_ptr<T>(), weights.size(1), cell.lanes, cell.depth};
  auto* to = static_cast<S*>(panels.mutable_data_ptr());
  for (int64_t i = first; i < last; ++i) {
    auto* panel = to + i * panels.stride(0);
    if (pass == Pass::forward) {
      fill_forward(source, i, panel);
    } else {
      fill_backward(source, i, panel);
    }
  }
}

#define KUCHI_LSTM_PANELS(T, S)                                                           \
  template int64_t panel_count(const Cell<T, S>&, Pass, int64_t);                         \
  template int64_t row_width(const Cell<T, S>&, int64_t);                                 \
  template at::Tensor make_panels(const Cell<T, S>&, Pass, int64_t);                      \
  template void fill_panels(const Cell<T, S>&, Pass, const at::Tensor&, int64_t, int64_t, \
                            at::Tensor&);
KUCHI_LSTM_PANELS(float, float)
KUCHI_LSTM_PANELS(double, double)
KUCHI_LSTM_PANELS(float, uint16_t)
#undef KUCHI_LSTM_PANELS

}  // namespace kuchi::models::recurrent
