// src/synth/synth.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"

/// The embedded data set: speech from an articulatory synthesiser and the mouth that made it.
/// Everything depends on (seed, index) alone: the same samples and curves on every machine.
namespace kuchi::synth {

inline constexpr double kFps = 30;

struct Options {
  int64_t clips = 240;
  double seconds = 6;  // mean length of a clip; lengths vary by ±40 %
  int64_t seed = 0;
  std::string rig = "arkit-mouth";
};

struct Phone {
  std::string label;
  double begin_s = 0, end_s = 0;
};

struct Clip {
  std::string id;             // "synth_0007"
  std::string speaker;        // "s03"
  std::string language;       // "ja", "en", "zh"
  std::string style;          // "calm", "plain", "lively"
  std::vector<float> audio;   // 16 kHz, whole multiples of 1/32768: a 16-bit file holds it exactly
  Matrix curves;              // [frames, 27] arkit-mouth order, frames = floor(n · 30 / 16000)
  std::vector<Phone> phones;  // tile the clip from 0 to its end, silence first and last
  double lead_s = 0;          // the mouth is this far ahead of the sound: -0.040 … 0.120
};

/// Clip `index` of the set; safe to call from several threads.
Clip make_clip(const Options& options, int64_t index);

/// The 27 names in the order of Clip::curves.
std::vector<std::string> curve_names();

/// Two clips that are the same up to and through one sound, label, time and sample, and whose
/// lips differ there because of what follows `distance` phones later.
struct ProbePair {
  std::string id;  // "d2_013"
  int distance = 1;
  Clip a, b;
  double begin_s = 0, end_s = 0;  // the shared sound
  double middle_s = 0;            // its middle: where the lips are compared
  bool a_closed = false;          // truth: a's aperture is the smaller one there
};

/// The curve frame nearest to the shared sound's middle: where the lips are compared.
int64_t probe_frame(const ProbePair& pair);

/// pairs_per_distance pairs for each of the distances 1, 2, 3, in that order.
std::vector<ProbePair> make_probe(uint64_t seed, int pairs_per_distance);

struct ProbeScore {
  int distance = 1;
  int pairs = 0;
  double share = 0;  // of pairs whose predicted lips are on the right side
};

/// One pair as a model sees it: apertures predicted for the middle of the shared sound.
struct ProbeAnswer {
  int distance = 1;
  bool a_closed = false;
  double aperture_a = 0, aperture_b = 0;
};

/// Share of right answers for each distance present; a difference under 1e-4 counts one half, so
/// that a model without context scores 0.5.
std::vector<ProbeScore> score(std::span<const ProbeAnswer> answers);

/// clamp(jawOpen - mouthClose, 0, 1) of one row of arkit-mouth curves.
double aperture(std::span<const float> curves);

/// [frames, 27] arkit-mouth → [frames, rig], by the rig's own ARKit names or from_arkit formulas,
/// clamped to its ranges; the upper face is taken as still. UserError (data) for a rig that ARKit
/// curves cannot give.
Matrix on_rig(const Matrix& arkit_mouth, const curves::Rig& rig);

/// (clips done, clips in all); called under a lock, from any of the threads.
using ProgressFn = std::function<void(int64_t, int64_t)>;

/// The data set's recipe.yaml.
std::string recipe_yaml(const Options& options);

struct WriteOptions {
  bool force = false;
  int threads = 1;
  ProgressFn progress;
  int probe_pairs = 40;  // a distance; 0: no probe
};

/// Writes wav/S_L_Y/ID.wav, curves/S_L_Y/ID.npy and phones/S_L_Y/ID.TextGrid (speaker, language,
/// style: the recipe reads them as labels), curve_names.txt, recipe.yaml and the probe under
/// probe/ (probe.json, wav/ID.wav, curves/ID.npy, phones/ID.TextGrid, curve_names.txt). Made in a
/// temporary sibling and renamed at the end, so that an interrupted run leaves nothing that looks
/// finished. UserError: dir exists and not force (config), unknown rig or options out of range
/// (config), no space (environment), interrupted.
void write_dataset(const Options& options, const std::filesystem::path& dir,
                   const WriteOptions& write);

}  // namespace kuchi::synth
