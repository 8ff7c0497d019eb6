#include <algorithm>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/track.h"
#include "curves/visemes.h"

namespace kuchi::curves {
namespace {

/// Finds a file's column by name: the exact spelling first, then without case and separators.
class Columns {
 public:
  Columns(const Track& track, const std::filesystem::path& file) : file_(file) {
    for (size_t i = 0; i < track.names.size(); ++i) {
      exact_.emplace(track.names[i], i);
      plain_.emplace(plain_name(track.names[i]), i);
    }
  }

  /// The column, or -1. UserError (data) where two columns differ in case or separators alone.
  int64_t find(const std::string& name) const {
    if (const auto found = exact_.find(name); found != exact_.end()) {
      return static_cast<int64_t>(found->second);
    }
    const auto [first, last] = plain_.equal_range(plain_name(name));
    if (first == last) return -1;
    if (std::next(first) != last) {
      fail_data(file_, cat("two columns may be meant by \"", name,
                           "\": they differ in case or separators alone; rename one"));
    }
    return static_cast<int64_t>(first->second);
  }

 private:
  const std::filesystem::path& file_;
  std::map<std::string, size_t> exact_;
  std::multimap<std::string, size_t> plain_;
};

/// Columns of a formula's names; nothing if one is lacking.
std::optional<std::vector<int64_t>> columns_of(const Expression& formula, const Columns& columns) {
  std::vector<int64_t> places;
  for (const auto& name : formula.names()) {
    const int64_t place = columns.find(name);
    if (place < 0) return std::nullopt;
    places.push_back(place);
  }
  return places;
}

/// A rig may be one of visemes: then their weights are its curves.
bool is_of_visemes(const Rig& rig, const Track& track) {
  return std::all_of(rig.curves.begin(), rig.curves.end(), [&](const Curve& curve) {
    return std::any_of(track.names.begin(), track.names.end(), [&](const auto& name) {
      return plain_name(name) == plain_name(curve.name);
    });
  });
}

/// With a column at rest, which is 0 in ARKit, for each curve that the format never holds.
Track with_unheld(const Track& track) {
  Track out = track;
  out.unheld.clear();
  for (const auto& name : track.unheld) {
    const bool there = std::any_of(track.names.begin(), track.names.end(), [&](const auto& other) {
      return plain_name(other) == plain_name(name);
    });
    if (!there) out.names.push_back(name);
  }
  out.values = Matrix(track.values.rows, static_cast<int64_t>(out.names.size()));
  for (int64_t t = 0; t < out.values.rows; ++t) {
    const auto row = track.values.row(t);
    std::copy(row.begin(), row.end(), out.values.row(t).begin());
  }
  return out;
}

}  // namespace

Track on_rig(const Track& track, const Rig& rig, const std::filesystem::path& file_for_errors) {
  if (!track.visemes.empty() && !is_of_visemes(rig, track)) {
    return on_rig(from_visemes(track, rig), rig, file_for_errors);
  }
  if (!track.unheld.empty()) return on_rig(with_unheld(track), rig, file_for_errors);
  const Columns columns(track, file_for_errors);
  Track out;
  out.format = track.format;
  out.names = rig.names();
  out.times_s = track.times_s;
  out.fps = track.fps;
  out.repeated = track.repeated;
  out.provenance = track.provenance;
  out.start_s = track.start_s;
  out.clock = track.clock;
  out.values = Matrix(track.values.rows, rig.size());
  for (int64_t c = 0; c < rig.size(); ++c) {
    const Curve& curve = rig.curves[static_cast<size_t>(c)];
    if (const int64_t from = columns.find(curve.name); from >= 0) {
      for (int64_t t = 0; t < out.values.rows; ++t) out.values(t, c) = track.values(t, from);
      continue;
    }
    std::optional<std::vector<int64_t>> places;
    if (curve.from_arkit) places = columns_of(*curve.from_arkit, columns);
    if (!places) {
      fail_data(file_for_errors,
                cat("curve \"", curve.name, "\" of rig \"", rig.name, "\" is not in the file",
                    advice(curve.name, track.names, "choose another rig or name it so")));
    }
    std::vector<double> arguments(places->size());
    for (int64_t t = 0; t < out.values.rows; ++t) {
      for (size_t i = 0; i < places->size(); ++i) arguments[i] = track.values(t, (*places)[i]);
      out.values(t, c) = static_cast<float>(curve.from_arkit->evaluate(arguments));
    }
  }
  return out;
}

}  // namespace kuchi::curves
