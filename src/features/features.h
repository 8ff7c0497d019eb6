#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "config/schema.h"
#include "core/matrix.h"

namespace kuchi::features {

/// What a model hears of a clip. Later kinds (a speech encoder) join `kind`.
struct Options {
  std::string kind = "logmel";
  int64_t stack = 3;  // neighbours 10 ms apart around a frame's time; odd
};
void describe(config::Section& section, Options& options);  // keys "kind", "stack"

/// Values a frame: 80 · stack for log-mel.
int64_t dim(const Options& options);
/// A short text that names the feature exactly ("logmel80-htk-hann400-hop160-stack3"), kept in
/// stores and runs and compared when they meet.
std::string signature(const Options& options);

/// floor(samples · fps / 16000), in exact integer arithmetic where fps is a whole number; at
/// rates like 29.97 a product within kWholeWithin of a whole number counts as that number.
inline constexpr double kWholeWithin = 1e-9;
int64_t frame_count(int64_t samples, double fps);

/// 16 kHz mono → [frames, dim], frame j at j / fps (see log_mel.h, at_times.h).
/// A frame's features depend only on the samples around its time: whole clips and pieces agree.
Matrix compute(const Options& options, std::span<const float> samples, double fps, int64_t frames);

/// The two halves of compute(): frames on the feature's own clock (10 ms: [samples/160 + 1, 80]),
/// and what a model hears at any times, [times, dim]. For augmentation in time.
Matrix base_frames(const Options& options, std::span<const float> samples);
Matrix frames_at(const Options& options, const Matrix& base, std::span<const double> times_s);

}  // namespace kuchi::features
