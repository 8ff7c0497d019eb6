// Small data sets whose curves can be heard: a low and a high tone, each as loud as a curve says.
#pragma once

#include <map>

#include "fixture.h"

namespace kuchi::test {

/// low and high: loudness of the tones, on a logarithmic scale; both: their mean; inverse: 1 - low.
inline double tone_curve(const std::string& name, double low, double high) {
  if (name == "low") return low;
  if (name == "high") return high;
  return name == "both" ? (low + high) / 2 : 1 - low;
}

/// A walk in straight lines between random points, one each 0.2 s.
inline double walk(const std::vector<double>& points, double at_s) {
  const double place = at_s / 0.2;
  const auto below = static_cast<size_t>(place);
  return points[below] + (place - static_cast<double>(below)) * (points[below + 1] - points[below]);
}

/// Writes a data set of clips of 3 s as DIR/NAME.yaml, its files in DIR/NAME; ids are ID0, ID1 ….
struct ToneSet {
  std::string name;
  std::vector<std::string> curves;
  std::string id = name;
  int64_t clips = 8;
  uint64_t seed = 1;
  std::string fps = "30";
  std::map<std::string, std::string> ranges = {};   // "[0, 1]" where nothing is said
  std::map<std::string, std::string> mirrors = {};  // itself where nothing is said
  std::string aperture = curves[0];

  fs::path write_to(const fs::path& dir) const {
    std::string rig = "name: " + name + "\ncurves:\n";
    for (const auto& curve : curves) {
      const auto said = [&](const auto& map, const std::string& otherwise) {
        const auto found = map.find(curve);
        return found == map.end() ? otherwise : found->second;
      };
      rig += cat("  - {name: ", curve, ", range: ", said(ranges, "[0, 1]"),
                 ", mirror: ", said(mirrors, curve), "}\n");
    }
    write(dir / name / "rig.yaml", rig + "aperture: " + aperture + "\n");
    write(dir / name / "names.txt", join(curves, "\n") + "\n");
    for (int64_t i = 0; i < clips; ++i) clip(dir / name, cat(id, i), static_cast<uint64_t>(i));
    const auto file = dir / (name + ".yaml");
    write(file,
          cat("name: ", name, "\nlicence: CC0\nroot: ", name, "\nfps: ", fps, "\nrig: ", name,
              "/rig.yaml\nclips: {audio: \"{id}.wav\", curves: \"{id}.npy\", names: names.txt}\n",
              "split: {by: clip, valid: 0.25, test: 0.25}\n"));
    return file;
  }

 private:
  void clip(const fs::path& dir, const std::string& called, uint64_t index) const {
    Stream draw(seed, "test.tones", index);
    std::vector<double> low, high;
    for (int i = 0; i < 18; ++i) {
      low.push_back(draw.uniform());
      high.push_back(draw.uniform());
    }
    double rate = 30;
    parse_number(fps, rate);
    const auto frames = static_cast<int64_t>(3 * rate);
    Matrix values(frames, static_cast<int64_t>(curves.size()));
    for (int64_t t = 0; t < frames; ++t) {
      const double at_s = static_cast<double>(t) / rate;
      for (size_t c = 0; c < curves.size(); ++c) {
        values(t, static_cast<int64_t>(c)) =
            static_cast<float>(tone_curve(curves[c], walk(low, at_s), walk(high, at_s)));
      }
    }
    io::write_npy(dir / (called + ".npy"), values);
    std::vector<float> audio;
    for (int64_t i = 0; i < 48000; ++i) {
      const double at_s = static_cast<double>(i) / 16000;
      const auto tone = [&](const std::vector<double>& loud, double hz) {
        return 0.4 * std::exp(3 * (walk(loud, at_s) - 1)) * std::sin(6.283185307179586 * hz * at_s);
      };
      audio.push_back(static_cast<float>(tone(low, 400) + tone(high, 3000)));
    }
    audio::write_wav(dir / (called + ".wav"), audio);
  }
};

/// Two data sets with names in common, in another order: {low, high, both} and {high, inverse,
/// low}.
inline const ToneSet& tones_a() {
  static const ToneSet set{"a", {"low", "high", "both"}};
  return set;
}
inline const ToneSet& tones_b() {
  static const ToneSet set{"b", {"high", "inverse", "low"}, "b", 8, 2};
  return set;
}

}  // namespace kuchi::test
