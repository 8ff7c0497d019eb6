#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "curves/rig.h"

namespace kuchi::curves {
namespace {

bool is_central(const Curve& curve) { return plain_name(curve.mirror) == plain_name(curve.name); }

std::string range_text(const Curve& curve) {
  return cat("from ", number(curve.low), " to ", number(curve.high), ", at rest ",
             number(curve.rest));
}

/// A curve that both rigs have: it must be one and the same.
void join_curve(Curve& known, const Curve& other, const Rig& joined, const std::string& from) {
  if (known.low != other.low || known.high != other.high || known.rest != other.rest) {
    fail_data(Location{from},
              cat("its curve \"", other.name, "\" runs ", range_text(other), ", that of rig ",
                  joined.name, " ", range_text(known),
                  "; prepare both with the same range, or give one of the curves another name"));
  }
  // A rig with one side only has nothing across the midline.
  if (is_central(known)) {
    known.mirror = other.mirror;
  } else if (!is_central(other) && plain_name(known.mirror) != plain_name(other.mirror)) {
    fail_data(Location{from},
              cat("its curve \"", other.name, "\" mirrors \"", other.mirror, "\", that of rig ",
                  joined.name, " \"", known.mirror, "\"; let both mirror the same"));
  }
  if (!known.from_arkit) known.from_arkit = other.from_arkit;
}

bool gives(const Rig& rig, const std::string& arkit) {
  const auto same = [&](const auto& entry) { return plain_name(entry.first) == plain_name(arkit); };
  return rig.index(arkit) >= 0 || std::any_of(rig.to_arkit.begin(), rig.to_arkit.end(), same);
}

}  // namespace

void join_rigs(Rig& joined, const Rig& other, const std::string& from) {
  auto formulas = other.to_arkit;
  std::erase_if(formulas, [&](const auto& entry) { return gives(joined, entry.first); });
  for (const auto& curve : other.curves) {
    const auto known = joined.index(curve.name);
    if (known < 0) {
      joined.curves.push_back(curve);
    } else {
      join_curve(joined.curves[static_cast<size_t>(known)], curve, joined, from);
    }
  }
  joined.to_arkit.insert(joined.to_arkit.end(), formulas.begin(), formulas.end());
  for (const auto& set : other.visemes) {
    const auto same = [&](const VisemeSet& own) { return own.name == set.name; };
    if (std::any_of(joined.visemes.begin(), joined.visemes.end(), same)) continue;
    joined.visemes.push_back(set);
  }
  if (joined.aperture.names().empty()) {
    joined.aperture = other.aperture;
    joined.closed_below = other.closed_below;
  }
  const auto parts = split(joined.name, '+');
  if (std::find(parts.begin(), parts.end(), other.name) == parts.end() &&
      joined.name != other.name) {
    joined.name += "+" + other.name;
  }
  joined = parse_rig(rig_to_yaml(joined), from);  // pairs of mirrors hold in the whole too
}

}  // namespace kuchi::curves
