#include "models/lstm_layer.h"

#include <ATen/ATen.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "encoders/packed.h"
#include "models/lstm_panels.h"
#include "models/lstm_recurrence.h"

namespace kuchi::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What both passes need beside tensors.
struct Held : torch::CustomClassHolder {
  std::shared_ptr<const PackedRows> rows;
  bool bfloat16 = false;
};

/// Weights of one layer; every tensor once a direction.
struct Layer {
  std::vector<at::Tensor> input, recurrent, input_bias, recurrent_bias;

  explicit Layer(at::TensorList flat) {
    for (size_t i = 0; i + 4 <= flat.size(); i += 4) {
      input.push_back(flat[i].contiguous());
      recurrent.push_back(flat[i + 1].contiguous());
      input_bias.push_back(flat[i + 2]);
      recurrent_bias.push_back(flat[i + 3]);
    }
  }
  int64_t directions() const { return static_cast<int64_t>(input.size()); }
  int64_t hidden() const { return recurrent[0].size(1); }
  int64_t gates() const { return 4 * hidden(); }
  at::Tensor bias() const {
    std::vector<at::Tensor> sums;
    for (size_t d = 0; d < input.size(); ++d) sums.push_back(input_bias[d] + recurrent_bias[d]);
    return at::stack(sums);
  }
  /// W_ih of all directions [directions · 4 hidden, dim], in the type that products take.
  at::Tensor joined(at::ScalarType type) const {
    if (directions() == 1) return input[0].to(type);
    auto out = at::empty({directions() * gates(), input[0].size(1)}, type);
    for (int64_t d = 0; d < directions(); ++d) {
      out.narrow(0, d * gates(), gates()).copy_(input[static_cast<size_t>(d)]);
    }
    return out;
  }
};

/// Numbers as a product takes them: bfloat16 only where the processor multiplies it, since the
/// library's own loops for it are many times slower than float32's products.
at::Tensor factor(const at::Tensor& x) {
  static const bool kMultiplies = encoders::has_bfloat16();
  return x.scalar_type() == at::kBFloat16 && !kMultiplies ? x.to(at::kFloat) : x;
}

/// a [m, k] · bᵀ of b [n, k] → [m, n], of a's type. In single precision through oneDNN where it can
/// be: on processors that are not Intel's the library's plain products take older instructions. b
/// is laid out anew for it, which is cheap beside the product.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  const auto x = factor(a), y = factor(b);
  if (x.scalar_type() == at::kFloat && x.size(0) > 0 && encoders::can_pack(y)) {
    return (*encoders::pack(y, {}, at::kFloat))(x.contiguous()).to(a.scalar_type());
  }
  return at::mm(x, y.t()).to(a.scalar_type());
}

/// aᵀ · b of a [k, m], b [k, n] → [m, n], of `type`.
at::Tensor product_over_rows(const at::Tensor& a, const at::Tensor& b, at::ScalarType type) {
  return at::mm(factor(a).t(), factor(b)).to(type);
}

template <class T, class S>
recurrent::Cell<T, S> best_cell() {
  static const auto kCell = recurrent::cells<T, S>().front();
  return kCell;
}

struct Forward {
  at::Tensor gates, cell, out;
};

/// h [total, directions · hidden] out of rows that a cell reads, where each direction ends in
/// zeros.
at::Tensor without_ends(const at::Tensor& rows, const Layer& layer) {
  const int64_t width = rows.size(1) / layer.directions();
  if (width == layer.hidden()) return rows;
  return rows.view({rows.size(0), layer.directions(), width})
      .narrow(2, 0, layer.hidden())
      .reshape({rows.size(0), layer.directions() * layer.hidden()});
}

/// `joined` is what Layer::joined() gives.
template <class T, class S>
Forward forward(const at::Tensor& x, const Layer& layer, const at::Tensor& joined,
                const PackedRows& rows) {
  const auto cell = best_cell<T, S>();
  const int64_t width = recurrent::row_width(cell, layer.hidden());
  Forward f;
  f.gates = product(x, joined);
  f.cell =
      at::empty({rows.total, layer.directions() * layer.hidden()}, layer.recurrent[0].options());
  // A product reads what stands between one direction's units and the next one's.
  const std::vector<int64_t> shape = {rows.total, layer.directions() * width};
  auto out =
      width == layer.hidden() ? at::empty(shape, x.options()) : at::zeros(shape, x.options());
  recurrent::run_forward(cell, {rows, layer.recurrent}, layer.bias(), f.gates, f.cell, out);
  f.out = without_ends(out, layer);
  return f;
}

/// d loss / d W_hh of a direction, [4 hidden, hidden], of the weights' type.
at::Tensor recurrent_gradient(const at::Tensor& d_gates, const at::Tensor& out, const Layer& layer,
                              int64_t direction, const PackedRows& rows) {
  auto d_z = d_gates.narrow(1, direction * layer.gates(), layer.gates());
  at::Tensor before;
  if (rows.same_length) {  // the frame before is so many rows away, and needs no copy
    const int64_t linked = rows.total - rows.clips;
    before = out.narrow(1, direction * layer.hidden(), layer.hidden())
                 .narrow(0, direction == 0 ? 0 : rows.clips, linked);
    d_z = d_z.narrow(0, direction == 0 ? rows.clips : 0, linked);
  } else {
    before = recurrent::previous_states(rows, out, direction, layer.hidden());
  }
  return product_over_rows(d_z, before, layer.recurrent[0].scalar_type());
}

struct Saved {
  at::Tensor x, gates, cell, out, joined;
};

/// Gradients of x (where wanted) and of each direction's four tensors, in Layer's order.
template <class T, class S>
variable_list backward(const Saved& s, const Layer& layer, const PackedRows& rows,
                       const at::Tensor& d_out, bool wants_x) {
  auto d_gates = at::empty_like(s.gates);
  recurrent::run_backward(best_cell<T, S>(), {rows, layer.recurrent}, s.gates, s.cell, d_out,
                          d_gates);
  const auto type = layer.input[0].scalar_type();
  variable_list out = {wants_x ? product(d_gates, s.joined.t()) : at::Tensor()};
  const auto d_input = product_over_rows(d_gates, s.x, type);
  const auto d_bias = at::sum(d_gates, 0, false, type);
  for (int64_t d = 0; d < layer.directions(); ++d) {
    const auto bias = d_bias.narrow(0, d * layer.gates(), layer.gates());
    out.push_back(d_input.narrow(0, d * layer.gates(), layer.gates()));
    out.push_back(recurrent_gradient(d_gates, s.out, layer, d, rows));
    out.push_back(bias);
    out.push_back(bias.clone());
  }
  return out;
}

struct LstmLayer : torch::autograd::Function<LstmLayer> {
  static at::Tensor forward(AutogradContext* ctx, const c10::intrusive_ptr<Held>& held,
                            const at::Tensor& input, at::TensorList weights) {
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
    const Layer layer(weights);
    const auto x = (held->bfloat16 ? input.to(at::kBFloat16) : input).contiguous();
    const auto joined = layer.joined(x.scalar_type());
    Forward f;
    if (held->bfloat16) {
      f = models::forward<float, uint16_t>(x, layer, joined, *held->rows);
    } else if (x.scalar_type() == at::kDouble) {
      f = models::forward<double, double>(x, layer, joined, *held->rows);
    } else {
      f = models::forward<float, float>(x, layer, joined, *held->rows);
    }
    variable_list kept = {x, f.gates, f.cell, f.out, joined};
    kept.insert(kept.end(), weights.begin(), weights.end());
    ctx->save_for_backward(kept);
    ctx->saved_data["held"] =
        c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>(held));
    ctx->saved_data["wants_x"] = input.requires_grad();
    ctx->saved_data["type"] = input.scalar_type();
    return f.out;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradient) {
    const at::NoGradGuard no_grad;
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
    const auto kept = ctx->get_saved_variables();
    const auto capsule = ctx->saved_data["held"].toCapsule();
    const auto& held = static_cast<const Held&>(*capsule);
    const Saved saved{kept[0], kept[1], kept[2], kept[3], kept[4]};
    const Layer layer(at::TensorList(kept).slice(5));
    const auto d_out = gradient[0].to(saved.out.scalar_type()).contiguous();
    const bool wants_x = ctx->saved_data["wants_x"].toBool();
    variable_list out;
    if (held.bfloat16) {
      out = models::backward<float, uint16_t>(saved, layer, *held.rows, d_out, wants_x);
    } else if (saved.x.scalar_type() == at::kDouble) {
      out = models::backward<double, double>(saved, layer, *held.rows, d_out, wants_x);
    } else {
      out = models::backward<float, float>(saved, layer, *held.rows, d_out, wants_x);
    }
    if (wants_x) out[0] = out[0].to(ctx->saved_data["type"].toScalarType());
    out.insert(out.begin(), at::Tensor());  // of `held`
    return out;
  }
};

}  // namespace

at::Tensor lstm_layer(const at::Tensor& x, const std::vector<LstmWeights>& directions,
                      std::shared_ptr<const PackedRows> rows, bool bfloat16) {
  auto held = c10::make_intrusive<Held>();
  held->rows = std::move(rows);
  held->bfloat16 = bfloat16;
  std::vector<at::Tensor> flat;
  for (const auto& d : directions) {
    flat.insert(flat.end(), {d.input, d.recurrent, d.input_bias, d.recurrent_bias});
  }
  return LstmLayer::apply(held, x, at::TensorList(flat));
}

}  // namespace kuchi::models
