#include "quality/findings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/text.h"

namespace kuchi::quality {
namespace {

constexpr double kMoves = 0.005;  // deviation, as a share of the range, from which a curve moves

std::string percent(double share) { return number(100 * share, 2) + " %"; }
std::string at(double begin_s, double end_s) {
  return cat("from ", number(begin_s, 4), " to ", number(end_s, 4), " s");
}

std::string list(const std::vector<std::string>& words, size_t most) {
  std::vector<std::string> shown(
      words.begin(), words.begin() + static_cast<int64_t>(std::min(most, words.size())));
  return join(shown, ", ") +
         (words.size() > most ? cat(" and ", words.size() - most, " more") : "");
}

/// Adds findings of one clip.
class Teller {
 public:
  Teller(const Facts& facts, std::vector<Finding>& out) : facts_(facts), out_(out) {}
  Finding& tell(const char* kind, Weight weight, const std::string& text) {
    out_.push_back({kind, weight, facts_.id, text});
    return out_.back();
  }

 private:
  const Facts& facts_;
  std::vector<Finding>& out_;
};

void tell_times(const Facts& f, const Limits& limits, Teller& teller) {
  const double should = static_cast<double>(f.rows + f.missing);
  const double lost = should > 0 ? static_cast<double>(f.missing) / should : 0;
  if (lost > limits.dropped || f.longest_gap_s > limits.longest_gap_s) {
    teller.tell(
        "dropped", f.longest_gap_s > 5 * limits.longest_gap_s ? Weight::error : Weight::warning,
        cat(f.missing, " of ", f.rows + f.missing, " frames are missing in ", f.gaps,
            f.gaps == 1 ? " place" : " places", ", the longest gap is ", number(f.longest_gap_s, 3),
            " s: gaps are filled with straight lines, so cut the clip there or record it "
            "again with fewer programs running"));
  }
  const double twice =
      f.rows > 0 ? static_cast<double>(f.repeated) / static_cast<double>(f.rows) : 0;
  if (twice > limits.repeated) {
    teller.tell(
        "repeated", Weight::note,
        cat(f.repeated, " rows bear the time of the row before and are left out: the rate is ",
            number(f.fps, 4), " frames a second, whatever the file says"));
  }
  if (f.held > limits.repeated) {
    teller.tell(
        "held", Weight::warning,
        cat(percent(f.held),
            " of the moving frames repeat the frame before: the capture ran "
            "slower than its file's ",
            number(f.fps, 4), " frames a second, so give the true rate as fps of the recipe"));
  }
}

void tell_curves(const Facts& f, const curves::Rig& rig, const Limits& limits, Teller& teller) {
  std::map<std::pair<double, double>, std::vector<std::string>> frozen;  // by begin and end
  for (size_t c = 0; c < f.curves.size(); ++c) {
    const auto& own = f.curves[c];
    const auto& curve = rig.curves[c];
    if (!own.there) continue;
    const double span = curve.high - curve.low;
    if (own.clipped > limits.clipped) {
      auto& finding = teller.tell(
          "clipped", Weight::warning,
          cat(curve.name, " lies on its bound in ", percent(own.clipped),
              " of the frames: movement beyond it is lost, so calibrate the capture, or widen the "
              "range in the rig if the file goes further"));
      finding.curve = curve.name;
    }
    if (own.jitter > limits.jitter && own.jitter * span > limits.jitter_of_moves * own.deviation) {
      auto& finding = teller.tell(
          "jitter", Weight::warning,
          cat(curve.name, " trembles by ", percent(own.jitter),
              " of its range from frame to frame: smooth the curves, or light the face better"));
      finding.curve = curve.name;
    }
    const bool moves = own.deviation > kMoves * span;
    if (own.frozen_s > limits.curve_frozen_s && moves && f.frozen_s < own.frozen_s) {
      frozen[{own.frozen_at_s, own.frozen_at_s + own.frozen_s}].push_back(curve.name);
    }
  }
  for (const auto& [when, names] : frozen) {
    auto& finding = teller.tell("frozen", Weight::warning,
                                cat(list(names, 4), names.size() == 1 ? " does" : " do",
                                    " not change ", at(when.first, when.second),
                                    " while other curves do: cut this part, or capture it again"));
    finding.curve = names.front();
    finding.begin_s = when.first;
    finding.end_s = when.second;
  }
  if (f.frozen_s > limits.frozen_s) {
    auto& finding =
        teller.tell("frozen", f.frozen_s > 1 ? Weight::error : Weight::warning,
                    cat("no curve changes ", at(f.frozen_at_s, f.frozen_at_s + f.frozen_s),
                        " though somebody speaks: the face was lost, so cut this part"));
    finding.begin_s = f.frozen_at_s;
    finding.end_s = f.frozen_at_s + f.frozen_s;
  }
  if (f.outside > limits.outside) {
    teller.tell(
        "outside", f.outside > 0.05 ? Weight::error : Weight::warning,
        cat(percent(f.outside), " of the values are outside the rig's ranges and ",
            f.outside > 0.05 ? "prepare skips the clip: is it the right rig and unit?"
                             : "are clamped: widen the range in the rig, or clean the curves"));
  }
  if (f.asymmetry && std::abs(*f.asymmetry) > limits.asymmetry) {
    const auto& curve = rig.curves[static_cast<size_t>(rig.index(f.asymmetric))];
    auto& finding = teller.tell(
        "asymmetry", Weight::note,
        cat(curve.name, " is ", percent(std::abs(*f.asymmetry)), " of the range ",
            *f.asymmetry > 0 ? "above " : "below ", curve.mirror,
            " on average: calibrate the neutral face, or let augment.mirror even it out"));
    finding.curve = curve.name;
  }
}

void tell_sound(const Facts& f, const Limits& limits, Teller& teller) {
  if (f.audio_peak < 1e-4) {
    teller.tell("silent", Weight::error,
                "there is no sound in the audio: is the right file paired?");
    return;
  }
  if (f.silence > limits.silence) {
    teller.tell("silence", Weight::warning,
                cat(percent(f.silence),
                    " of the time nobody speaks: cut the pauses, from which "
                    "little is learnt but rest"));
  }
  if (f.audio_clipped > limits.audio_clipped) {
    teller.tell("audio-clipped", Weight::warning,
                cat(percent(f.audio_clipped),
                    " of the samples are cut off at full scale: record with less gain"));
  }
  if (f.closures_per_min && f.speech_s >= limits.closures_least_s &&
      *f.closures_per_min < limits.closures_per_min) {
    teller.tell("closures", Weight::warning,
                cat("the lips close ", f.closures, f.closures == 1 ? " time" : " times", " in ",
                    number(f.speech_s, 3),
                    " s of speech, where p, b and m close them many times a minute: check the "
                    "neutral face, and aperture and closed_below of the rig"));
  }
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Distance from the median in spreads.
std::vector<double> robust(const std::vector<double>& values, double least_spread) {
  const double middle = median(values);
  std::vector<double> off;
  for (const double v : values) off.push_back(std::abs(v - middle));
  const double spread = std::max(least_spread, 1.4826 * median(off));
  std::vector<double> out;
  for (const double v : values) out.push_back((v - middle) / spread);
  return out;
}

void tell_outliers(std::vector<Facts>& clips, const curves::Rig& rig, const Limits& limits,
                   std::vector<Finding>& out) {
  if (clips.size() < static_cast<size_t>(limits.outlier_clips)) return;
  std::vector<double> squares(clips.size(), 0);
  std::vector<std::pair<double, size_t>> farthest(clips.size(), {0, 0});
  int64_t counted = 0;
  for (size_t c = 0; c < rig.curves.size(); ++c) {
    const double span = rig.curves[c].high - rig.curves[c].low;
    const bool everywhere =
        std::all_of(clips.begin(), clips.end(), [&](const Facts& f) { return f.curves[c].there; });
    if (!everywhere || !(span > 0)) continue;
    for (const bool means : {true, false}) {
      std::vector<double> values;
      for (const auto& f : clips) {
        values.push_back((means ? f.curves[c].mean : f.curves[c].deviation) / span);
      }
      const auto off = robust(values, 0.02);
      for (size_t i = 0; i < clips.size(); ++i) {
        squares[i] += off[i] * off[i];
        if (std::abs(off[i]) > farthest[i].first) farthest[i] = {std::abs(off[i]), c};
      }
      ++counted;
    }
  }
  if (counted == 0) return;
  std::vector<double> distance;
  for (const double s : squares) distance.push_back(std::sqrt(s / static_cast<double>(counted)));
  const auto odd = robust(distance, 0.2);
  for (size_t i = 0; i < clips.size(); ++i) {
    clips[i].odd = odd[i];
    if (odd[i] <= limits.outlier || distance[i] < limits.outlier_least) continue;
    Finding finding{"outlier", Weight::warning, clips[i].id,
                    cat("its curves lie ", number(distance[i], 3),
                        " of the set's spreads from the other clips, most of all ",
                        rig.curves[farthest[i].second].name,
                        ": look at it, it may be of another speaker, calibration or unit")};
    finding.curve = rig.curves[farthest[i].second].name;
    out.push_back(finding);
  }
}

void tell_still_curves(const std::vector<Facts>& clips, const curves::Rig& rig,
                       std::vector<Finding>& out) {
  std::vector<std::string> nowhere;
  for (size_t c = 0; c < rig.curves.size(); ++c) {
    const double span = rig.curves[c].high - rig.curves[c].low;
    std::vector<std::string> still;
    size_t there = 0, moving = 0;
    for (const auto& f : clips) {
      if (!f.curves[c].there) continue;
      ++there;
      moving += f.curves[c].deviation > kMoves * span ? 1 : 0;
      if (f.curves[c].least == f.curves[c].most) still.push_back(f.id);
    }
    if (there > 0 && still.size() == there) nowhere.push_back(rig.curves[c].name);
    // In most clips it moves, so that it being still to the last digit is no style of speaking.
    if (still.empty() || 4 * moving < 3 * there || there < 3) continue;
    for (const auto& id : still) {
      Finding finding{"frozen", Weight::warning, id,
                      cat(rig.curves[c].name, " never changes here, and does in ", moving, " of ",
                          there, " clips: was it tracked? Leave the clip out or capture it again")};
      finding.curve = rig.curves[c].name;
      out.push_back(finding);
    }
  }
  if (!nowhere.empty()) {
    out.push_back(
        {"still", Weight::note, "",
         cat(nowhere.size(), nowhere.size() == 1 ? " curve never changes" : " curves never change",
             " in any clip (", list(nowhere, 6),
             "): a model learns a constant there; choose a rig without them")});
  }
}

std::string splits_text(const Facts& f) {
  return f.splits.empty() ? "no split" : join(f.splits, "+");
}

bool across(const Facts& a, const Facts& b) {
  for (const auto& one : a.splits) {
    for (const auto& other : b.splits) {
      if (one != other) return true;
    }
  }
  return false;
}

}  // namespace

std::string to_string(Weight weight) {
  return weight == Weight::error ? "error" : weight == Weight::warning ? "warning" : "note";
}

std::vector<Finding> findings_of(const Facts& facts, const curves::Rig& rig, const Limits& limits) {
  std::vector<Finding> out;
  Teller teller(facts, out);
  tell_times(facts, limits, teller);
  tell_curves(facts, rig, limits, teller);
  tell_sound(facts, limits, teller);
  return out;
}

std::vector<Finding> findings_of_set(std::vector<Facts>& clips, const curves::Rig& rig,
                                     const Limits& limits) {
  std::vector<Finding> out;
  tell_still_curves(clips, rig, out);
  tell_outliers(clips, rig, limits, out);
  return out;
}

std::vector<Finding> findings_of_same(const std::vector<Facts>& clips,
                                      const std::vector<Same>& sounds,
                                      const std::vector<Same>& curves) {
  struct Both {
    const Same *sound = nullptr, *curves = nullptr;
  };
  std::map<std::pair<size_t, size_t>, Both> pairs;
  for (const auto& same : sounds) pairs[{same.a, same.b}].sound = &same;
  for (const auto& same : curves) pairs[{same.a, same.b}].curves = &same;
  std::vector<Finding> out;
  for (const auto& [key, both] : pairs) {
    const auto &a = clips[key.first], &b = clips[key.second];
    const bool leaks = across(a, b);
    std::string what = both.sound && both.curves ? "sound and curves"
                       : both.sound              ? "sound"
                                                 : "curves";
    const Same& same = both.sound != nullptr ? *both.sound : *both.curves;
    std::string part;
    if (both.sound != nullptr && same.share < 0.9)
      part = cat(percent(same.share), " of the shorter: ");
    std::string advice = leaks ? cat("it is in ", splits_text(a), " and in ", splits_text(b),
                                     ", so that what is measured was learnt; leave one of them out")
                               : "it counts twice; leave one of them out";
    if (both.curves == nullptr) advice += ", and if the takes do differ, see which sound is whose";
    if (both.sound == nullptr) advice += ", and if the takes do differ, see which curves are whose";
    out.push_back({"duplicate", leaks ? Weight::error : Weight::warning, b.id,
                   cat("its ", what, " are ", a.id, "'s too (", part, "agreement ",
                       number(same.agreement, 3), "): ", advice)});
  }
  return out;
}

}  // namespace kuchi::quality
