#include "curves/visemes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "curves/least_squares.h"

namespace kuchi::curves {
namespace {

/// A rig's own words on a set; nullptr: none.
const VisemeSet* described(const Rig& rig, const VisemeNames& names) {
  for (const auto& set : rig.visemes) {
    if (set.name == names.set) return &set;
  }
  return nullptr;
}

/// Curves that some viseme moves and that a rig gives.
std::vector<int64_t> moved_curves(const VisemeSet& set, const Rig& rig,
                                  const std::vector<bool>& given) {
  std::set<int64_t> moved;
  for (const auto& viseme : set.visemes) {
    for (const auto& [curve, value] : viseme.curves) {
      const int64_t index = rig.index(curve);
      const bool moves = value != rig.curves[static_cast<size_t>(index)].rest;
      if (moves && given[static_cast<size_t>(index)]) moved.insert(index);
    }
  }
  return {moved.begin(), moved.end()};
}

MatrixOf<double> offsets_of(const VisemeSet& set, const VisemeNames& names, const Rig& rig,
                            const std::vector<int64_t>& curves) {
  MatrixOf<double> offsets(static_cast<int64_t>(names.names.size()),
                           static_cast<int64_t>(curves.size()));
  for (const auto& viseme : set.visemes) {
    for (const auto& [curve, value] : viseme.curves) {
      const auto at = std::find(curves.begin(), curves.end(), rig.index(curve));
      if (at == curves.end()) continue;
      const double rest = rig.curves[static_cast<size_t>(*at)].rest;
      offsets(names.index(viseme.name), at - curves.begin()) = value - rest;
    }
  }
  return offsets;
}

VisemeShapes shapes_in(const Rig& rig, const VisemeSet& set, const VisemeNames& names,
                       const std::vector<bool>& given) {
  VisemeShapes shapes;
  shapes.rig = rig;
  shapes.curves = moved_curves(set, rig, given);
  shapes.offsets = offsets_of(set, names, rig, shapes.curves);
  return shapes;
}

/// The rig, or ARKit's where the rig does not describe the set; all of its curves known.
VisemeShapes all_shapes(const Rig& rig, const VisemeNames& names) {
  const VisemeSet* own = described(rig, names);
  const Rig other = own ? Rig{} : load_rig("arkit");
  const Rig& from = own ? rig : other;
  const VisemeSet* set = own ? own : described(from, names);
  if (set == nullptr) {
    throw UserError(Exit::config,
                    cat("neither rig \"", rig.name, "\" nor the shipped rig arkit ",
                        "describes the visemes of ", names.set, "; add them to the rig's file"));
  }
  auto shapes = shapes_in(from, *set, names, std::vector<bool>(from.curves.size(), true));
  shapes.own = own != nullptr;
  return shapes;
}

/// Weights as they are, of a rig whose curves are the set's visemes; nothing of any other.
std::optional<Matrix> own_weights(const Rig& rig, const VisemeNames& set, const Matrix& values) {
  Matrix out(values.rows, static_cast<int64_t>(set.names.size()));
  for (int64_t v = 0; v < out.cols; ++v) {
    const int64_t curve = rig.index(set.names[static_cast<size_t>(v)]);
    if (curve < 0) return std::nullopt;
    for (int64_t t = 0; t < out.rows; ++t) out(t, v) = std::clamp(values(t, curve), 0.0f, 1.0f);
  }
  return out;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

int64_t VisemeNames::index(std::string_view name) const {
  const std::string wanted = plain_name(name);
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string own = plain_name(names[i]);
    if (own == wanted || "viseme" + own == wanted || own == "viseme" + wanted) {
      return static_cast<int64_t>(i);
    }
  }
  return -1;
}

const std::vector<VisemeNames>& viseme_sets() {
  static const std::vector<VisemeNames> sets = [] {
    VisemeNames mpeg4{"mpeg4", {}, 0};
    for (int i = 0; i < 15; ++i) mpeg4.names.push_back(cat("viseme_", i));
    return std::vector<VisemeNames>{
        {"oculus",
         {"sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"},
         0},
        {"vrm", {"aa", "ih", "ou", "ee", "oh"}, -1},
        mpeg4,
        {"rhubarb", {"A", "B", "C", "D", "E", "F", "G", "H", "X"}, 8}};
  }();
  return sets;
}

const VisemeNames* find_viseme_set(std::string_view name) {
  for (const auto& set : viseme_sets()) {
    if (set.set == name) return &set;
  }
  return nullptr;
}

const VisemeNames& viseme_set(std::string_view name) {
  const auto* found = find_viseme_set(name);
  if (found == nullptr) throw std::logic_error("no viseme set of this name");
  return *found;
}

std::vector<std::string> viseme_set_names() {
  std::vector<std::string> names;
  for (const auto& set : viseme_sets()) names.push_back(set.set);
  return names;
}

VisemeShapes viseme_shapes(const Rig& rig, const VisemeNames& set) {
  VisemeShapes shapes = all_shapes(rig, set);
  if (!shapes.own) {
    const Rig arkit = shapes.rig;
    shapes = shapes_in(arkit, *described(arkit, set), set, gives_arkit(rig));
  }
  if (shapes.curves.empty()) {
    throw UserError(Exit::config,
                    cat("rig \"", rig.name, "\" gives no curve that the visemes of ", set.set,
                        " move; describe them under \"visemes\" in its file"));
  }
  return shapes;
}

MatrixOf<double> viseme_offsets(const VisemeShapes& shapes, const Rig& rig, const Matrix& values) {
  const Matrix arkit = shapes.own ? Matrix{} : to_arkit(rig, values);
  const Matrix& from = shapes.own ? values : arkit;
  MatrixOf<double> out(values.rows, static_cast<int64_t>(shapes.curves.size()));
  for (int64_t k = 0; k < out.cols; ++k) {
    const int64_t curve = shapes.curves[static_cast<size_t>(k)];
    const double rest = shapes.rig.curves[static_cast<size_t>(curve)].rest;
    for (int64_t t = 0; t < out.rows; ++t) out(t, k) = from(t, curve) - rest;
  }
  return out;
}

Matrix to_visemes(const Rig& rig, const VisemeNames& set, const Matrix& values) {
  if (auto own = own_weights(rig, set, values)) return *own;
  const VisemeShapes shapes = viseme_shapes(rig, set);
  const auto offsets = viseme_offsets(shapes, rig, values);
  const int64_t n = shapes.offsets.rows;
  MatrixOf<double> gram(n, n);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) gram(i, j) = dot(shapes.offsets.row(i), shapes.offsets.row(j));
  }
  Matrix out(values.rows, n);
  std::vector<double> right(static_cast<size_t>(n));
  for (int64_t t = 0; t < values.rows; ++t) {
    for (int64_t i = 0; i < n; ++i) {
      right[static_cast<size_t>(i)] = dot(shapes.offsets.row(i), offsets.row(t));
    }
    const auto weights = non_negative_least_squares(gram, right);
    double left = 1;
    for (int64_t i = 0; i < n; ++i) {
      const double weight = std::min(weights[static_cast<size_t>(i)], 1.0);
      out(t, i) = static_cast<float>(weight);
      left -= weight;
    }
    if (set.rest >= 0) out(t, set.rest) = static_cast<float>(std::max(left, 0.0));
  }
  return out;
}

Track from_visemes(const Track& weights, const Rig& rig) {
  const VisemeNames& set = viseme_set(weights.visemes);
  const VisemeShapes shapes = all_shapes(rig, set);
  Track out = weights;
  out.visemes.clear();
  out.names = shapes.rig.names();
  out.values = Matrix(weights.values.rows, shapes.rig.size());
  std::vector<double> sums(static_cast<size_t>(shapes.rig.size()));
  for (int64_t t = 0; t < out.values.rows; ++t) {
    for (size_t c = 0; c < sums.size(); ++c) sums[c] = shapes.rig.curves[c].rest;
    for (size_t v = 0; v < weights.names.size(); ++v) {
      const int64_t viseme = set.index(weights.names[v]);
      if (viseme < 0) continue;
      const double weight = weights.values(t, static_cast<int64_t>(v));
      for (size_t k = 0; k < shapes.curves.size(); ++k) {
        sums[static_cast<size_t>(shapes.curves[k])] +=
            weight * shapes.offsets(viseme, static_cast<int64_t>(k));
      }
    }
    for (size_t c = 0; c < sums.size(); ++c) {
      const Curve& curve = shapes.rig.curves[c];
      out.values(t, static_cast<int64_t>(c)) =
          static_cast<float>(std::clamp(sums[c], curve.low, curve.high));
    }
  }
  return out;
}

}  // namespace kuchi::curves
