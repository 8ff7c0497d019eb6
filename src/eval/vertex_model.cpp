#include "eval/vertex_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"

namespace kuchi::eval {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

int64_t arkit_column(const std::string& name) {
  for (size_t i = 0; i < curves::kArkitNames.size(); ++i) {
    if (plain_name(curves::kArkitNames[i]) == plain_name(name)) return static_cast<int64_t>(i);
  }
  return -1;
}

/// Sums the moves of all curves by their weights [curves]: out [vertices, 3].
void move_all(const VertexBasis& basis, std::span<const size_t> curves,
              std::span<const double> weights, std::vector<double>& out) {
  std::fill(out.begin(), out.end(), 0.0);
  for (size_t u = 0; u < curves.size(); ++u) {
    if (weights[u] == 0) continue;
    const float* move = basis.move(curves[u]);
    for (size_t i = 0; i < out.size(); ++i) out[i] += weights[u] * static_cast<double>(move[i]);
  }
}

double length(std::span<const double> moved, int64_t vertex) {
  const double* at = moved.data() + 3 * vertex;
  return std::sqrt(at[0] * at[0] + at[1] * at[1] + at[2] * at[2]);
}

/// Running spread of a value for each of several vertices (Welford).
class Spreads {
 public:
  explicit Spreads(size_t vertices) : mean_(vertices, 0), squares_(vertices, 0) {}
  void begin_frame() { count_ += 1; }
  void add(size_t v, double x) {
    const double delta = x - mean_[v];
    mean_[v] += delta / count_;
    squares_[v] += delta * (x - mean_[v]);
  }
  double of(size_t v) const { return std::sqrt(squares_[v] / count_); }

 private:
  double count_ = 0;
  std::vector<double> mean_, squares_;
};

}  // namespace

VertexModel::VertexModel(VertexBasis basis, curves::Rig rig)
    : basis_(std::move(basis)), rig_(std::move(rig)) {
  const auto gives = curves::gives_arkit(rig_);
  for (size_t c = 0; c < basis_.curves.size(); ++c) {
    const auto own = rig_.index(basis_.curves[c]);
    const auto other = arkit_column(basis_.curves[c]);
    if (own >= 0) {
      sources_.push_back({c, own, false});
    } else if (other >= 0 && gives[static_cast<size_t>(other)]) {
      sources_.push_back({c, other, true});
      through_arkit_ = true;
    }
  }
  if (sources_.empty()) {
    fail_data(basis_.name, cat("none of its ", basis_.curves.size(), " curves, like \"",
                               printable(basis_.curves.at(0)), "\", is one of the rig ", rig_.name,
                               "; take a basis made for this rig"));
  }
}

std::string VertexModel::about() const {
  return cat(basis_.name, ": ", basis_.vertices, " vertices, ", sources_.size(), " of its ",
             basis_.curves.size(), " curves known",
             basis_.lips.empty() ? "; it does not say which vertices are lips" : "",
             basis_.upper.empty() ? "; no upper face" : "");
}

Matrix VertexModel::weights(const Matrix& values, const std::vector<bool>& captured) const {
  Matrix known = values;
  for (int64_t t = 0; t < known.rows; ++t) {
    for (size_t c = 0; c < captured.size(); ++c) {
      if (!captured[c]) {
        known(t, static_cast<int64_t>(c)) = static_cast<float>(rig_.curves[c].rest);
      }
    }
  }
  const Matrix arkit = through_arkit_ ? curves::to_arkit(rig_, known) : Matrix();
  Matrix out(values.rows, static_cast<int64_t>(sources_.size()));
  for (int64_t t = 0; t < out.rows; ++t) {
    for (size_t u = 0; u < sources_.size(); ++u) {
      const auto& from = sources_[u];
      out(t, static_cast<int64_t>(u)) = from.arkit ? arkit(t, from.column) : known(t, from.column);
    }
  }
  return out;
}

VertexErrors VertexModel::measure(const ClipResult& clip) const {
  const Matrix p = weights(clip.prediction, clip.captured), y = weights(clip.target, clip.captured);
  std::vector<size_t> curves;
  for (const auto& source : sources_) curves.push_back(source.curve);
  const size_t used = curves.size();
  std::vector<double> off(used), of_p(used), of_y(used);
  std::vector<double> moved(static_cast<size_t>(3 * basis_.vertices)), other = moved;
  const size_t upper = basis_.upper.size();
  Spreads spread_p(upper), spread_y(upper), square_p(upper), square_y(upper);
  VertexErrors out;
  for (int64_t t = 0; t < p.rows; ++t) {
    bool finite = true;
    for (size_t u = 0; u < used; ++u) {
      of_p[u] = p(t, static_cast<int64_t>(u));
      of_y[u] = y(t, static_cast<int64_t>(u));
      off[u] = of_p[u] - of_y[u];
      finite = finite && std::isfinite(off[u]);
    }
    move_all(basis_, curves, off, moved);
    double sum = 0, largest = 0;
    for (int64_t v = 0; v < basis_.vertices; ++v) sum += length(moved, v);
    for (const int64_t v : basis_.lips) largest = std::max(largest, length(moved, v));
    out.all.push_back(finite ? sum / static_cast<double>(basis_.vertices) : kUndefined);
    if (!basis_.lips.empty()) out.lips.push_back(finite ? largest : kUndefined);
    if (upper == 0) continue;
    move_all(basis_, curves, of_p, moved);
    move_all(basis_, curves, of_y, other);
    for (auto* s : {&spread_p, &spread_y, &square_p, &square_y}) s->begin_frame();
    for (size_t i = 0; i < upper; ++i) {
      const double a = length(moved, basis_.upper[i]), b = length(other, basis_.upper[i]);
      spread_p.add(i, a);
      spread_y.add(i, b);
      square_p.add(i, a * a);
      square_y.add(i, b * b);
    }
  }
  if (upper == 0 || p.rows == 0) return out;
  double fdd = 0, fdd_abs = 0, fdd_sq = 0;
  for (size_t i = 0; i < upper; ++i) {
    const double less = spread_y.of(i) - spread_p.of(i);
    fdd += less;
    fdd_abs += std::abs(less);
    fdd_sq += square_y.of(i) - square_p.of(i);
  }
  const auto n = static_cast<double>(upper);
  out.fdd = fdd / n;
  out.fdd_abs = fdd_abs / n;
  out.fdd_sq = fdd_sq / n;
  return out;
}

std::shared_ptr<const VertexModel> vertex_model(const std::string& choice, const std::string& unit,
                                                const curves::Rig& rig) {
  if (choice == "none") return nullptr;
  if (choice != "auto") {
    const double metres = unit == "mm" ? 1e-3 : unit == "cm" ? 1e-2 : 1;
    return std::make_shared<const VertexModel>(read_vertex_basis(choice, metres), rig);
  }
  auto lips = shipped_lips();
  const auto gives = curves::gives_arkit(rig);
  const bool some = std::any_of(lips.curves.begin(), lips.curves.end(), [&](const auto& name) {
    const auto column = arkit_column(name);
    return rig.index(name) >= 0 || (column >= 0 && gives[static_cast<size_t>(column)]);
  });
  if (!some) return nullptr;
  return std::make_shared<const VertexModel>(std::move(lips), rig);
}

}  // namespace kuchi::eval
