#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "config/schema.h"
#include "core/matrix.h"

namespace kuchi::features {

/// What must be known of a speech encoder to know what its features are, without having it.
struct EncoderFacts {
  std::string family, hash;        // "wavlm", of encoders::hash(); "" before it is known
  int64_t hidden = 0, layers = 0;  // values of a state; Transformer layers
  double hop_s = 0, first_s = 0;   // row k of its states is at first_s + k · hop_s
};

/// Where an encoder's states come from. This room knows no LibTorch: encoders::attach() gives one.
class Source {
 public:
  virtual ~Source() = default;
  /// 16 kHz mono → states on the encoder's own clock, [rows, width]; rows > 0. Any thread.
  virtual Matrix states(std::span<const float> samples) const = 0;
};

/// How much of a clip an encoder hears at once (state_stream.h). seconds 0: all of it.
struct Window {
  double seconds = 0;          // encoded at a time
  double ahead_seconds = 0.2;  // of it after the states that are taken
  double step_seconds = 0.1;   // of states taken at a time
};

/// What a model hears of a clip.
struct Options {
  std::string kind = "logmel";                     // or "encoder"
  int64_t stack = 3;                               // neighbours around a frame's time; odd
  std::string encoder = "";                        // directory of the speech encoder
  std::string layer = "last";                      // a number, "last", "all" or "weighted"
  Window window = {};                              // of kind encoder
  EncoderFacts facts = {};                         // of kind encoder
  std::shared_ptr<const Source> source = nullptr;  // of kind encoder, where features are computed

  bool is_encoder() const { return kind == "encoder"; }
  bool is_windowed() const { return is_encoder() && window.seconds > 0; }
  bool all_layers() const { return layer == "all" || layer == "weighted"; }
};
void describe(config::Section& section, Options& options);  // keys "kind", "stack", …
/// Why a window cannot be, as a sentence for the user; "" where it can.
std::string trouble(const Window& window);
/// The facts too, for a file that must explain itself without the encoder.
void describe_facts(config::Section& section, Options& options);

/// Values on the feature's own clock: 80 mel bands, an encoder's state or those of all its layers.
int64_t base_dim(const Options& options);
/// Values a frame: base_dim · stack. std::logic_error for an encoder that nothing is known of.
int64_t dim(const Options& options);
/// A short text that names the feature exactly ("logmel80-htk-hann400-hop160-stack3",
/// "wavlm-0123456789abcdef-layer9-stack1"), kept in stores and runs and compared when they meet.
/// Weighted layers are stored as all layers are: it is the model that adds them up.
std::string signature(const Options& options);
/// A frame's neighbours are this far apart: 10 ms, or an encoder's hop.
double spacing_s(const Options& options);

/// floor(samples · fps / 16000), in exact integer arithmetic where fps is a whole number; at
/// rates like 29.97 a product within kWholeWithin of a whole number counts as that number.
inline constexpr double kWholeWithin = 1e-9;
int64_t frame_count(int64_t samples, double fps);

/// 16 kHz mono → [frames, dim], frame j at j / fps (see log_mel.h, at_times.h).
/// A frame's features depend only on the samples around its time: whole clips and pieces agree.
Matrix compute(const Options& options, std::span<const float> samples, double fps, int64_t frames);

/// The two halves of compute(): frames on the feature's own clock (10 ms: [samples/160 + 1, 80], or
/// an encoder's), and what a model hears at any times, [times, dim]. For augmentation in time.
Matrix base_frames(const Options& options, std::span<const float> samples);
Matrix frames_at(const Options& options, const Matrix& base, std::span<const double> times_s);

}  // namespace kuchi::features
