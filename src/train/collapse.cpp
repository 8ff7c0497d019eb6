#include "train/collapse.h"

#include <cmath>

#include "core/text.h"
#include "eval/metric.h"

namespace kuchi::train {
namespace {

constexpr int64_t kEpochs = 3;          // in a row
constexpr int64_t kUpdates = 100;       // before which a model has only begun, and may move little
constexpr double kFeatureFloor = 1e-3;  // what MomentSum::finish() gives a dimension that stands
constexpr size_t kNamesTold = 8;

/// "0-79, 120" of rising numbers.
std::string ranges(const std::vector<int64_t>& numbers) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    parts.push_back(end - i == 1 ? std::to_string(numbers[i])
                                 : cat(numbers[i], "-", numbers[end - 1]));
    i = end;
  }
  if (parts.size() > kNamesTold) {
    const auto more = parts.size() - kNamesTold;
    parts.resize(kNamesTold);
    return cat(join(parts, ", "), " and ", more, " more ranges");
  }
  return join(parts, ", ");
}

[[noreturn]] void fail_at(const data::StoreInfo& store, const data::Piece& piece, const char* what,
                          int64_t frame, const std::string& which) {
  fail_data(store.file,
            cat("clip ", store.clips[static_cast<size_t>(piece.clip)].id, ": ", what, " of frame ",
                frame, which, " is not finite; mend the clip, or leave it out and prepare again"));
}

/// The first value that is not finite, or -1; of rows, in the columns that are `present` (empty:
/// all).
int64_t first_broken(const std::vector<float>& values, const std::vector<bool>& present = {}) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    if (present.empty() || present[i % present.size()]) return static_cast<int64_t>(i);
  }
  return -1;
}

}  // namespace

bool has_collapsed(State& state, std::optional<double> std_ratio, bool at_the_end) {
  if (!std_ratio || state.step < kUpdates) return false;
  state.still_epochs = *std_ratio < kCollapsed ? state.still_epochs + 1 : 0;
  return state.still_epochs == kEpochs || (at_the_end && state.still_epochs > 0);
}

void refuse_broken(const Clips& clips, const data::StoreInfo& store,
                   const std::vector<data::Piece>& pieces) {
  for (const auto& piece : pieces) {
    const data::Segment segment{piece.clip, piece.begin, piece.end};
    const auto sample = clips.sample(segment);
    if (const auto i = first_broken(sample.features.data); i >= 0) {
      const auto dim = sample.features.cols;
      fail_at(store, piece, "the feature", piece.begin + i / dim, cat(", value ", i % dim, ","));
    }
    if (const auto i = first_broken(sample.targets.data, sample.present); i >= 0) {
      const auto curves = sample.targets.cols;
      fail_at(store, piece, "the curve", piece.begin + i / curves,
              cat(", ", store.rig.curves[static_cast<size_t>(i % curves)].name, ","));
    }
    if (const auto i = first_broken(sample.audio); i >= 0) {
      const auto frame = static_cast<int64_t>(static_cast<double>(i) / 16000 * store.fps);
      fail_at(store, piece, "the audio", piece.begin + frame, "");
    }
  }
}

void refuse_unseen(const eval::Reference& curves, const data::StoreInfo& store) {
  for (size_t c = 0; c < curves.frames.size(); ++c) {
    if (curves.frames[c] > 0) continue;
    fail_config({"data.split"},
                cat("no clip of the training part has the curve \"", store.rig.curves[c].name,
                    "\", though others have it; give the training part some of those, or leave "
                    "that data set out"));
  }
}

std::vector<std::string> Constants::lines() const {
  std::vector<std::string> out;
  if (!features.empty() && static_cast<int64_t>(features.size()) == dim) {
    out.push_back(cat("all ", dim,
                      " feature values are constant over the training part: the model hears "
                      "nothing; look at the audio and at section features"));
  } else if (!features.empty()) {
    out.push_back(cat(features.size(), " of ", dim,
                      " feature values are constant over the training part: ", ranges(features)));
  }
  if (!curves.empty()) {
    auto names = curves;
    std::string more;
    if (names.size() > kNamesTold) {
      more = cat(" and ", names.size() - kNamesTold, " more");
      names.resize(kNamesTold);
    }
    out.push_back(
        cat(curves.size(), " of ", curve_count,
            " curves do not move in the training part, so nothing can be learnt of them: ",
            join(names, ", "), more));
  }
  return out;
}

Constants constants(const PieceStatistics& statistics, const curves::Rig& rig) {
  Constants out;
  out.dim = static_cast<int64_t>(statistics.features.std.size());
  for (int64_t d = 0; d < out.dim; ++d) {
    if (statistics.features.std[static_cast<size_t>(d)] <= kFeatureFloor) out.features.push_back(d);
  }
  out.curve_count = rig.size();
  for (size_t c = 0; c < rig.curves.size(); ++c) {
    const auto& curve = rig.curves[c];
    const double deviation = std::sqrt(statistics.curves.variance[c]);
    if (deviation < eval::kMoves * (curve.high - curve.low)) out.curves.push_back(curve.name);
  }
  return out;
}

}  // namespace kuchi::train
