// src/curves/rig.h
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curves/expression.h"

namespace kuchi::curves {

struct Curve {
  std::string name;
  double low = 0, high = 1;              // range
  double rest = 0;                       // value of the mouth at rest
  std::string group;                     // "jaw", "lips", … for tables; may be empty
  std::string mirror;                    // the curve across the midline; itself if central
  std::optional<Expression> from_arkit;  // how ARKit curves give this one, where known
};

/// One mouth shape in full, as values of a rig's curves; those that it does not name are at rest.
struct Viseme {
  std::string name;
  std::vector<std::pair<std::string, double>> curves;
};

/// How a rig makes the visemes of one of the sets in visemes.h.
struct VisemeSet {
  std::string name;  // "oculus", …
  std::vector<Viseme> visemes;
};

/// Which curves a model speaks, in which order and range. One YAML file in configs/rigs/.
struct Rig {
  std::string name;
  std::vector<Curve> curves;
  Expression aperture;                 // lip opening from this rig's curves
  std::optional<double> closed_below;  // aperture under which the lips count as closed
  std::vector<std::pair<std::string, Expression>> to_arkit;  // ARKit curve ← this rig's curves
  std::vector<VisemeSet> visemes;  // none: taken from ARKit's, see to_visemes()

  int64_t size() const { return static_cast<int64_t>(curves.size()); }
  std::vector<std::string> names() const;
  /// Index by plain_name(); -1 where there is none.
  int64_t index(std::string_view curve) const;
};

/// `name` is a shipped rig's name or a path to a YAML file. Search order: the path itself,
/// then configs/rigs/NAME.yaml under config::config_dir(). UserError (config) with place.
Rig load_rig(const std::string& name);
/// The names of the rigs in configs/rigs, sorted.
std::vector<std::string> shipped_rigs();

/// The rig as text that parse_rig reads back: travels inside stores and runs.
std::string rig_to_yaml(const Rig& rig);
Rig parse_rig(const std::string& yaml, const std::string& name_for_errors);

/// Adds to a rig the curves of another that it has not, after its own; one name is one curve. Where
/// both say something (aperture, closed_below, formulas) the first's word counts. `from` says whose
/// the other is. UserError (data) where one name has two ranges, rests or mirrors.
void join_rigs(Rig& joined, const Rig& other, const std::string& from);

/// Aperture of each frame: values [frames, rig.size()] → [frames].
std::vector<float> aperture(const Rig& rig, std::span<const float> values, int64_t frames);

}  // namespace kuchi::curves
