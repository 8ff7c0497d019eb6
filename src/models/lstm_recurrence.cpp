#include "models/lstm_recurrence.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "models/lstm_panels.h"

namespace kuchi::models::recurrent {
namespace {

/// One thread's part: of one direction, every `shares`-th clip from `first` on. (Clips lie in order
/// of length, so parts made this way are about equally long.)
struct Part {
  int64_t direction = 0, first = 0, shares = 1;
  /// How many of the first `clips` are its own.
  int64_t own(int64_t clips) const {
    return clips <= first ? 0 : (clips - first + shares - 1) / shares;
  }
};

std::vector<Part> parts(const Recurrence& r) {
  constexpr int64_t kFewest = 4;  // clips for which it is worth to read all weights once more
  const int64_t shares = std::clamp<int64_t>(at::get_num_threads() / r.directions(), 1,
                                             std::max<int64_t>(1, r.rows.clips / kFewest));
  std::vector<Part> out;
  for (int64_t d = 0; d < r.directions(); ++d) {
    for (int64_t s = 0; s < shares; ++s) out.push_back({d, s, shares});
  }
  return out;
}

void in_parallel(int64_t count, const std::function<void(int64_t)>& work) {
  at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) work(i);
  });
}

/// Panels of every direction; filled piece by piece, so that all threads help.
template <class T, class S>
std::vector<at::Tensor> panels(const Cell<T, S>& cell, Pass pass, const Recurrence& r) {
  const int64_t count = panel_count(cell, pass, r.hidden());
  std::vector<at::Tensor> out;
  for (int64_t d = 0; d < r.directions(); ++d) out.push_back(make_panels(cell, pass, r.hidden()));
  in_parallel(r.directions() * count, [&](int64_t i) {
    const auto d = static_cast<size_t>(i / count);
    fill_panels(cell, pass, r.weights[d], i % count, i % count + 1, out[d]);
  });
  return out;
}

/// The time steps in a direction's order, each with those before and after it; -1 where none is.
struct Step {
  int64_t at, before, after;
};

std::vector<Step> steps(const PackedRows& rows, int64_t direction) {
  const int64_t n = rows.longest();
  std::vector<Step> out;
  for (int64_t i = 0; i < n; ++i) {
    const bool reversed = direction == 1;
    const int64_t t = reversed ? n - 1 - i : i, step = reversed ? -1 : 1;
    const auto inside = [&](int64_t other) { return other >= 0 && other < n ? other : -1; };
    out.push_back({t, inside(t - step), inside(t + step)});
  }
  return out;
}

/// Where a part finds its rows of a time step in a packed tensor.
struct View {
  const PackedRows& rows;
  const Part& part;
  int64_t width = 0;   // of a row, all directions
  int64_t column = 0;  // where the part's direction begins
  int64_t stride() const { return part.shares * width; }
  int64_t offset(int64_t t) const {
    if (t < 0) return 0;
    return (rows.offsets[static_cast<size_t>(t)] + part.first) * width + column;
  }
  int64_t own(int64_t t) const { return t < 0 ? 0 : part.own(rows.sizes[static_cast<size_t>(t)]); }
};

}  // namespace

template <class T, class S>
void run_forward(const Cell<T, S>& cell, const Recurrence& r, const at::Tensor& bias,
                 at::Tensor& gates, at::Tensor& cell_states, at::Tensor& out) {
  const int64_t hidden = r.hidden(), directions = r.directions(), width = row_width(cell, hidden);
  const auto weights = panels(cell, Pass::forward, r);
  auto* gate_data = static_cast<S*>(gates.mutable_data_ptr());
  auto* out_data = static_cast<S*>(out.mutable_data_ptr());
  auto* cell_data = cell_states.mutable_data_ptr<T>();
  const auto all = parts(r);
  in_parallel(static_cast<int64_t>(all.size()), [&](int64_t i) {
    const auto& part = all[static_cast<size_t>(i)];
    const View gate{r.rows, part, directions * 4 * hidden, part.direction * 4 * hidden};
    const View state{r.rows, part, directions * hidden, part.direction * hidden};
    const View kept{r.rows, part, directions * width, part.direction * width};
    ForwardStep<T, S> s;
    s.hidden = hidden;
    s.panels = weights[static_cast<size_t>(part.direction)].const_data_ptr();
    s.bias = bias.const_data_ptr<T>() + part.direction * 4 * hidden;
    s.gate_stride = gate.stride();
    s.out_stride = kept.stride();
    s.cell_stride = state.stride();
    for (const auto& step : steps(r.rows, part.direction)) {
      s.rows = state.own(step.at);
      s.linked = std::min(s.rows, state.own(step.before));
      s.gates = gate_data + gate.offset(step.at);
      s.before = out_data + kept.offset(step.before);
      s.out = out_data + kept.offset(step.at);
      s.cell_before = cell_data + state.offset(step.before);
      s.cell = cell_data + state.offset(step.at);
      if (s.rows > 0) cell.forward(s);
    }
  });
}

template <class T, class S>
void run_backward(const Cell<T, S>& cell, const Recurrence& r, const at::Tensor& gates,
                  const at::Tensor& cell_states, const at::Tensor& d_out, at::Tensor& d_gates) {
  const int64_t hidden = r.hidden(), directions = r.directions();
  const auto weights = panels(cell, Pass::backward, r);
  const auto* gate_data = static_cast<const S*>(gates.const_data_ptr());
  const auto* d_out_data = static_cast<const S*>(d_out.const_data_ptr());
  const auto* cell_data = cell_states.const_data_ptr<T>();
  auto* d_gate_data = static_cast<S*>(d_gates.mutable_data_ptr());
  const auto d_cell = at::empty({directions, r.rows.clips, hidden}, cell_states.options());
  auto* d_cell_data = d_cell.mutable_data_ptr<T>();
  const auto all = parts(r);
  in_parallel(static_cast<int64_t>(all.size()), [&](int64_t i) {
    const auto& part = all[static_cast<size_t>(i)];
    const View gate{r.rows, part, directions * 4 * hidden, part.direction * 4 * hidden};
    const View state{r.rows, part, directions * hidden, part.direction * hidden};
    BackwardStep<T, S> s;
    s.hidden = hidden;
    s.panels = weights[static_cast<size_t>(part.direction)].const_data_ptr();
    s.gate_stride = gate.stride();
    s.out_stride = s.cell_stride = state.stride();
    s.d_cell = d_cell_data + (part.direction * r.rows.clips + part.first) * hidden;
    s.d_cell_stride = part.shares * hidden;
    auto order = steps(r.rows, part.direction);
    std::reverse(order.begin(), order.end());
    for (const auto& step : order) {
      s.rows = state.own(step.at);
      s.linked = std::min(s.rows, state.own(step.before));
      s.followed = std::min(s.rows, state.own(step.after));
      s.gates = gate_data + gate.offset(step.at);
      s.after = d_gate_data + gate.offset(step.after);
      s.d_gates = d_gate_data + gate.offset(step.at);
      s.d_out = d_out_data + state.offset(step.at);
      s.cell = cell_data + state.offset(step.at);
      s.cell_before = cell_data + state.offset(step.before);
      if (s.rows > 0) cell.backward(s);
    }
  });
}

at::Tensor previous_states(const PackedRows& rows, const at::Tensor& out, int64_t direction,
                           int64_t hidden) {
  auto previous = at::empty({rows.total, hidden}, out.options());
  const auto size = static_cast<int64_t>(out.element_size());
  const auto* from = static_cast<const char*>(out.const_data_ptr());
  auto* to = static_cast<char*>(previous.mutable_data_ptr());
  const auto bytes = static_cast<size_t>(hidden * size);
  const auto order = steps(rows, direction);
  at::parallel_for(0, rows.longest(), 16, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const auto& step = order[static_cast<size_t>(i)];
      const auto at = static_cast<size_t>(step.at);
      for (int64_t clip = 0; clip < rows.sizes[at]; ++clip) {
        auto* row = to + (rows.offsets[at] + clip) * hidden * size;
        const auto before = static_cast<size_t>(step.before);
        if (step.before < 0 || clip >= rows.sizes[before]) {
          std::memset(row, 0, bytes);
        } else {
          std::memcpy(
              row, from + ((rows.offsets[before] + clip) * out.size(1) + direction * hidden) * size,
              bytes);
        }
      }
    }
  });
  return previous;
}

template <>
std::vector<Cell<float, float>> cells() {
  std::vector<Cell<float, float>> out;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    out.push_back(avx512_cell());
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) out.push_back(avx2_cell());
#endif
  out.push_back(portable_cell());
  return out;
}

template <>
std::vector<Cell<double, double>> cells() {
  return {portable_double_cell()};
}

template <>
std::vector<Cell<float, uint16_t>> cells() {
  std::vector<Cell<float, uint16_t>> out;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl")) {
    out.push_back(bfloat16_cell());
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    out.push_back(avx2_bfloat16_cell());
  }
#endif
  out.push_back(portable_bfloat16_cell());
  return out;
}

#define KUCHI_LSTM_RECURRENCE(T, S)                                                               \
  template void run_forward(const Cell<T, S>&, const Recurrence&, const at::Tensor&, at::Tensor&, \
                            at::Tensor&, at::Tensor&);                                            \
  template void run_backward(const Cell<T, S>&, const Recurrence&, const at::Tensor&,             \
                             const at::Tensor&, const at::Tensor&, at::Tensor&);
KUCHI_LSTM_RECURRENCE(float, float)
KUCHI_LSTM_RECURRENCE(double, double)
KUCHI_LSTM_RECURRENCE(float, uint16_t)
#undef KUCHI_LSTM_RECURRENCE

}  // namespace kuchi::models::recurrent
