#include "eval/phones.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "data/phones.h"
#include "eval/lips.h"
#include "stats/bootstrap.h"

namespace kuchi::eval {
namespace {

constexpr double kAround_s = 0.04;
constexpr double kShown = 0.1;
constexpr double kAnswered = 0.5;

constexpr int64_t kRollLower = curves::arkit_index("mouthRollLower");
constexpr int64_t kFunnel = curves::arkit_index("mouthFunnel");
constexpr int64_t kPucker = curves::arkit_index("mouthPucker");
constexpr int64_t kSmileLeft = curves::arkit_index("mouthSmileLeft");
constexpr int64_t kSmileRight = curves::arkit_index("mouthSmileRight");
constexpr int64_t kStretchLeft = curves::arkit_index("mouthStretchLeft");
constexpr int64_t kStretchRight = curves::arkit_index("mouthStretchRight");

/// A posture of frame t of ARKit's 52 curves.
double posture(const Matrix& arkit, int64_t t, PhoneClass kind) {
  const auto at = [&](int64_t column) { return static_cast<double>(arkit(t, column)); };
  switch (kind) {
    case PhoneClass::labiodental:
      return at(kRollLower);
    case PhoneClass::rounded:
      return at(kFunnel) + at(kPucker);
    default:
      return (at(kSmileLeft) + at(kSmileRight) + at(kStretchLeft) + at(kStretchRight)) / 2;
  }
}

int64_t frame_at(double time_s, double fps, int64_t frames) {
  // The first frame at or after a time; 1e-9: times that decimals round.
  return std::clamp<int64_t>(static_cast<int64_t>(std::ceil(time_s * fps - 1e-9)), 0, frames);
}

}  // namespace

void PhoneJudge::Sums::add(const Sums& other) {
  occurrences += other.occurrences;
  frames += other.frames;
  shown += other.shown;
  answered += other.answered;
  squared += other.squared;
  values += other.values;
  lips += other.lips;
  lip_frames += other.lip_frames;
  for (const auto& [unit, sums] : other.by_unit) {
    by_unit[unit].first += sums.first;
    by_unit[unit].second += sums.second;
  }
}

PhoneJudge::PhoneJudge(const curves::Rig& rig, const Options& options)
    : rig_(rig), options_(options) {
  const auto gives = curves::gives_arkit(rig);
  asks_bite_ = gives[kRollLower];
  asks_round_ = gives[kFunnel] || gives[kPucker];
  asks_spread_ = gives[kSmileLeft] || gives[kStretchLeft];
}

void PhoneJudge::trained(const std::string& label, int64_t occurrences) {
  const auto phone = data::phone_of(label);
  if (!phone.empty()) trained_[phone] += occurrences;
}

void PhoneJudge::ask(const ClipResult& clip, const Matrix& p, const Matrix& y, int64_t begin,
                     int64_t end, PhoneClass kind, double closed, Sums& sums) const {
  const bool by_aperture = kind == PhoneClass::bilabial || kind == PhoneClass::open;
  if (by_aperture && clip.target_aperture.empty()) return;
  if (!by_aperture && y.rows == 0) return;
  if (kind == PhoneClass::labiodental && !asks_bite_) return;
  if (kind == PhoneClass::rounded && !asks_round_) return;
  if (kind == PhoneClass::spread && !asks_spread_) return;
  if (kind == PhoneClass::other || kind == PhoneClass::silence) return;
  double peak_p = -1e300, peak_y = -1e300, low_p = 1e300, low_y = 1e300;
  for (int64_t t = begin; t < end; ++t) {
    const auto i = static_cast<size_t>(t);
    const double a = by_aperture ? clip.prediction_aperture[i] : posture(p, t, kind);
    const double b = by_aperture ? clip.target_aperture[i] : posture(y, t, kind);
    peak_p = std::max(peak_p, a);
    peak_y = std::max(peak_y, b);
    low_p = std::min(low_p, a);
    low_y = std::min(low_y, b);
  }
  if (begin >= end) return;
  if (kind == PhoneClass::bilabial) {
    if (!(low_y < closed)) return;
    ++sums.shown;
    if (low_p < closed) ++sums.answered;
    return;
  }
  if (!(peak_y >= kShown)) return;
  ++sums.shown;
  if (peak_p >= kAnswered * peak_y) ++sums.answered;
}

void PhoneJudge::add(const ClipResult& clip, double begin_s,
                     std::span<const data::Interval> phones) {
  if (phones.empty()) {
    ++unlabelled_;
    return;
  }
  const int64_t frames = clip.target.rows;
  const double closed = !clip.target_aperture.empty()
                            ? options_.closed_below.value_or(closed_threshold(clip.target_aperture))
                            : 0;
  // What a clip lacks is NaN, and no posture can be made of it.
  const bool whole =
      clip.captured.empty() ||
      std::all_of(clip.captured.begin(), clip.captured.end(), [](bool b) { return b; });
  const bool arkit = whole && (asks_bite_ || asks_round_ || asks_spread_);
  const Matrix p = arkit ? curves::to_arkit(rig_, clip.prediction) : Matrix();
  const Matrix y = arkit ? curves::to_arkit(rig_, clip.target) : Matrix();
  const double block_frames = std::max(1.0, options_.block_seconds * clip.fps);
  for (const auto& interval : phones) {
    const auto phone = data::phone_of(interval.label);
    if (phone.empty()) continue;
    const int64_t begin = frame_at(interval.begin_s - begin_s, clip.fps, frames);
    const int64_t end = frame_at(interval.end_s - begin_s, clip.fps, frames);
    if (begin >= end) continue;
    auto& sums = by_phone_[phone];
    ++sums.occurrences;
    sums.frames += end - begin;
    for (int64_t t = begin; t < end; ++t) {
      const auto block = static_cast<int64_t>(static_cast<double>(t) / block_frames);
      auto& unit = sums.by_unit[{clips_, block}];
      for (int64_t c = 0; c < clip.target.cols; ++c) {
        if (!clip.has(c)) continue;
        const double e = static_cast<double>(clip.prediction(t, c)) - clip.target(t, c);
        unit.first += e * e;
        unit.second += 1;
        sums.squared += e * e;
        sums.values += 1;
      }
      if (clip.target_aperture.empty()) continue;
      const auto i = static_cast<size_t>(t);
      sums.lips +=
          std::abs(static_cast<double>(clip.prediction_aperture[i]) - clip.target_aperture[i]);
      sums.lip_frames += 1;
    }
    ask(clip, p, y, frame_at(interval.begin_s - begin_s - kAround_s, clip.fps, frames),
        frame_at(interval.end_s - begin_s + kAround_s, clip.fps, frames), phone_class(phone),
        closed, sums);
  }
  ++clips_;
}

PhoneScore PhoneJudge::score(const std::string& name, PhoneClass kind, const Sums& sums,
                             double all) const {
  PhoneScore out;
  out.name = name;
  out.kind = kind;
  out.occurrences = sums.occurrences;
  out.frames = sums.frames;
  out.mse.value = ratio(sums.squared, sums.values);
  out.error_share = all > 0 ? sums.squared / all : 0;
  out.lips = ratio(sums.lips, sums.lip_frames);
  out.shown = sums.shown;
  out.answered = sums.answered;
  const bool by_clip = clips_ >= options_.clips_for_units;
  std::map<Unit, std::pair<double, double>> units;
  for (const auto& [own, errors] : sums.by_unit) {
    auto& unit = units[by_clip ? Unit(own.first, 0) : own];
    unit.first += errors.first;
    unit.second += errors.second;
  }
  stats::Matrix64 rows(static_cast<int64_t>(units.size()), 2);
  int64_t u = 0;
  for (const auto& [id, errors] : units) {
    rows(u, 0) = errors.first;
    rows(u++, 1) = errors.second;
  }
  const auto interval =
      stats::bootstrap(rows, [](std::span<const double> s) { return ratio(s[0], s[1]); },
                       {options_.resamples, options_.seed, options_.level});
  if (interval) {
    out.mse.low = interval->low;
    out.mse.high = interval->high;
  }
  return out;
}

PhoneReport PhoneJudge::finish() const {
  PhoneReport report;
  report.clips = clips_;
  report.unlabelled_clips = unlabelled_;
  if (clips_ > 0 && clips_ < options_.clips_for_units) {
    report.evidence = cat("intervals are over blocks of ", number(options_.block_seconds, 3),
                          " s: evidence within these clips only");
  }
  double all = 0;
  std::map<PhoneClass, Sums> by_class;
  for (const auto& [phone, sums] : by_phone_) {
    all += sums.squared;
    report.frames += sums.frames;
    by_class[phone_class(phone)].add(sums);
  }
  for (const auto kind : phone_classes()) {
    const auto found = by_class.find(kind);
    if (found == by_class.end()) continue;
    report.classes.push_back(score(to_string(kind), kind, found->second, all));
    if (trained_.empty()) continue;
    int64_t count = 0;
    for (const auto& [phone, n] : trained_) count += phone_class(phone) == kind ? n : 0;
    report.classes.back().trained = count;
  }
  for (const auto& [phone, sums] : by_phone_) {
    auto one = score(phone, phone_class(phone), sums, all);
    if (!trained_.empty()) {
      const auto found = trained_.find(phone);
      one.trained = found == trained_.end() ? 0 : found->second;
      const auto n = static_cast<double>(*one.trained);
      one.saving = one.error_share * (1 - std::sqrt(n / (n + PhoneReport::kMore)));
    }
    report.phones.push_back(std::move(one));
  }
  std::stable_sort(report.phones.begin(), report.phones.end(), [](const auto& a, const auto& b) {
    return a.saving.value_or(a.error_share) > b.saving.value_or(b.error_share);
  });
  return report;
}

nlohmann::ordered_json to_json(const PhoneReport& report) {
  using Json = nlohmann::ordered_json;
  const auto or_null = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  const auto table = [&](const std::vector<PhoneScore>& scores) {
    Json out = Json::array();
    for (const auto& s : scores) {
      out.push_back({{"name", s.name},
                     {"class", to_string(s.kind)},
                     {"occurrences", s.occurrences},
                     {"frames", s.frames},
                     {"mse",
                      {{"value", or_null(s.mse.value)},
                       {"low", or_null(s.mse.low)},
                       {"high", or_null(s.mse.high)}}},
                     {"error_share", s.error_share},
                     {"lips", or_null(s.lips)},
                     {"shown", s.shown},
                     {"answered", s.answered},
                     {"trained", or_null(s.trained)},
                     {"saving", or_null(s.saving)}});
    }
    return out;
  };
  return {{"clips", report.clips},         {"unlabelled_clips", report.unlabelled_clips},
          {"frames", report.frames},       {"more", PhoneReport::kMore},
          {"evidence", report.evidence},   {"classes", table(report.classes)},
          {"phones", table(report.phones)}};
}

}  // namespace kuchi::eval
