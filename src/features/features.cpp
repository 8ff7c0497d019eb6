#include "features/features.h"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "core/append_rows.h"
#include "core/text.h"
#include "features/at_times.h"
#include "features/log_mel.h"
#include "features/state_stream.h"

namespace kuchi::features {

void describe(config::Section& section, Options& options) {
  section.about("What a model hears: speech features, brought to the curves' frames by time.");
  section.add("kind", options.kind).choices({"logmel", "encoder"}).help("the feature");
  section.add("stack", options.stack)
      .at_least(1)
      .at_most(31)
      .odd()
      .unit("frames")
      .help(
          "neighbours around a curve frame's time, 10 ms apart, so that bursts are not missed; "
          "of an encoder its own frames apart, and 1 where nothing is said");
  section.add("encoder", options.encoder)
      .help("directory of a speech encoder as Hugging Face lays it out, for kind encoder");
  section.add("layer", options.layer)
      .help(
          "which states of the encoder: last, a layer's number (0: what goes into the first), all "
          "side by side, or weighted: the model learns a weighted sum of all");
  auto window = section.section("window");
  window.about(
      "Of an encoder: it hears a window of the clip at a time, so that its states can be had while "
      "the sound comes in (kuchi live), and are the same offline. Every step encodes a window "
      "anew.");
  window.add("seconds", options.window.seconds)
      .at_least(0)
      .at_most(600)
      .unit("s")
      .help("encoded at a time, at most; 0: the whole clip");
  window.add("ahead_seconds", options.window.ahead_seconds)
      .at_least(0)
      .at_most(60)
      .unit("s")
      .help("of the window after the states that are taken of it: better states, more delay");
  window.add("step_seconds", options.window.step_seconds)
      .above(0)
      .at_most(60)
      .unit("s")
      .help("of states taken at a time: longer is less work and more delay");
}

std::string trouble(const Window& window) {
  if (window.seconds <= 0 || window.seconds >= window.ahead_seconds + window.step_seconds) {
    return "";
  }
  return cat("a window of ", number(window.seconds), " s cannot hold states of ",
             number(window.step_seconds), " s and ", number(window.ahead_seconds),
             " s after them; give features.window.seconds more, or a shorter ahead_seconds or "
             "step_seconds");
}

void describe_facts(config::Section& section, Options& options) {
  auto& f = options.facts;
  section.add("family", f.family).help("the encoder's family");
  section.add("hash", f.hash).help("names its configuration and weights");
  section.add("hidden", f.hidden).at_least(0).at_most(1 << 16).help("values of a state");
  section.add("layers", f.layers).at_least(0).at_most(1 << 12).help("Transformer layers");
  section.add("hop_s", f.hop_s).at_least(0).unit("s").help("from state to state");
  section.add("first_s", f.first_s).at_least(0).unit("s").help("time of the first");
}

int64_t base_dim(const Options& options) {
  if (!options.is_encoder()) return kMels;
  if (options.facts.hidden < 1) throw std::logic_error("features of an encoder nobody looked at");
  return options.facts.hidden * (options.all_layers() ? options.facts.layers + 1 : 1);
}

int64_t dim(const Options& options) { return base_dim(options) * options.stack; }

std::string signature(const Options& options) {
  if (options.is_encoder()) {
    const auto& f = options.facts;
    if (f.hash.empty()) throw std::logic_error("features of an encoder nobody looked at");
    const auto layer = options.all_layers()      ? std::string("alllayers")
                       : options.layer == "last" ? options.layer
                                                 : "layer" + options.layer;
    std::string heard;
    if (options.is_windowed()) {
      const auto w = state_windows(options);
      heard = cat("-window", w.length, "-ahead", w.ahead, "-step", w.step);
    }
    return cat(f.family, "-", f.hash, "-", layer, "-stack", options.stack, heard);
  }
  return cat("logmel", kMels, "-htk-hann", kWindowSamples, "-hop", kHopSamples, "-stack",
             options.stack);
}

double spacing_s(const Options& options) {
  return options.is_encoder() ? options.facts.hop_s : kSpacing_s;
}

int64_t frame_count(int64_t samples, double fps) {
  if (samples < 0 || !(fps > 0) || fps > 1e6) {
    throw std::logic_error("frame_count: samples or fps out of range");
  }
  const auto whole = static_cast<int64_t>(fps);
  if (static_cast<double>(whole) == fps) {
    // In two steps: the product of a long clip and a high rate need not fit.
    return samples / audio::kRate * whole + samples % audio::kRate * whole / audio::kRate;
  }
  return static_cast<int64_t>(
      std::floor(static_cast<double>(samples) * fps / audio::kRate + kWholeWithin));
}

Matrix compute(const Options& options, std::span<const float> samples, double fps, int64_t frames) {
  return frames_at(options, base_frames(options, samples), frame_times(fps, frames));
}

Matrix base_frames(const Options& options, std::span<const float> samples) {
  if (!options.is_encoder()) return log_mel(samples);
  if (!options.source) throw std::logic_error("features of an encoder that is not attached");
  if (options.is_windowed()) {
    StateStream stream(options);
    auto rows = stream.push(samples);
    append_rows(rows, stream.finish());
    return rows;
  }
  return options.source->states(samples);
}

Matrix frames_at(const Options& options, const Matrix& base, std::span<const double> times_s) {
  if (!options.is_encoder()) return at_times(base, kHop_s, times_s, options.stack, kSpacing_s);
  const auto& f = options.facts;
  std::vector<double> times(times_s.begin(), times_s.end());  // from the first state's centre
  for (auto& t : times) t -= f.first_s;
  return at_times(base, f.hop_s, times, options.stack, f.hop_s);
}

}  // namespace kuchi::features
