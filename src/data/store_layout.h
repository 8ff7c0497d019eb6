#pragma once

#include <cstdint>
#include <string>

#include "core/hash.h"
#include "data/store.h"

/// Names inside a store file, for its reader and writer.
///
///   /features [frames, dim] f4     /curves [frames, curves] f4      /audio [samples] f4, 16 kHz
///   /clips/ids, frame_offsets [clips + 1] i8, sample_offsets, lag_ms, drift_ppm, confidence
///   /clips/labels/NAME [clips] text
/// From version 2 on, each only where it says something:
///   /clips/captured [clips] text, a 1 or 0 a curve    /datasets/names, splits [sets] text,
///   /datasets/clip_offsets [sets + 1] i8
/// Clip i has the rows frame_offsets[i] … frame_offsets[i + 1] - 1. NaN: not measured.
/// Attributes of / are below; /curves has names, units [curves] and ranges [curves, 2].
namespace kuchi::data::layout {

inline constexpr const char* kFormat = "kuchi_format";  // attributes of /
inline constexpr const char* kFormatValue = "kuchi-store";
inline constexpr const char* kFormatVersion = "format_version";
inline constexpr int64_t kFormatVersionValue = 1;
inline constexpr int64_t kFormatVersionMasked = 2;  // of stores with `captured` or `datasets`
inline constexpr const char* kVersion = "kuchi_version";
inline constexpr const char* kHash = "hash";
inline constexpr const char* kName = "name";
inline constexpr const char* kLicence = "licence";
inline constexpr const char* kConsent = "consent";
inline constexpr const char* kPermittedUse = "permitted_use";  // older stores lack it
inline constexpr const char* kMark = "synthetic_mark";         // likewise
inline constexpr const char* kFps = "fps";
inline constexpr const char* kSampleRate = "sample_rate";
inline constexpr const char* kRig = "rig";                         // YAML
inline constexpr const char* kFeatureOptions = "feature_options";  // YAML
inline constexpr const char* kFeatureSignature = "feature_signature";
inline constexpr const char* kSplit = "split";  // YAML

inline constexpr const char* kFeatures = "features";  // datasets
inline constexpr const char* kCurves = "curves";
inline constexpr const char* kAudio = "audio";
inline constexpr const char* kClips = "clips";  // group
inline constexpr const char* kIds = "ids";
inline constexpr const char* kFrameOffsets = "frame_offsets";
inline constexpr const char* kSampleOffsets = "sample_offsets";
inline constexpr const char* kLag = "lag_ms";
inline constexpr const char* kDrift = "drift_ppm";
inline constexpr const char* kConfidence = "confidence";
inline constexpr const char* kLabels = "labels";  // group
inline constexpr const char* kCaptured = "captured";
inline constexpr const char* kSets = "datasets";  // group
inline constexpr const char* kSetNames = "names";
inline constexpr const char* kSetSplits = "splits";  // YAML each
inline constexpr const char* kClipOffsets = "clip_offsets";

/// "1101": which curves a clip has; "" where it has all.
std::string captured_text(const StoreClip& clip);
/// The version that a store needs: the first where it says nothing that is younger.
int64_t format_version(const StoreInfo& info);

/// The arrays' bytes, added as they come, clip by clip.
struct ArrayHashes {
  Hasher features, curves, audio;
};

/// The content hash: what the file says of itself (rig_yaml as it stands there), its clips in
/// order, then the arrays. Not the version of the program, which does not change the data.
std::string content_hash(const StoreInfo& info, const std::string& rig_yaml,
                         const ArrayHashes& arrays);

std::string features_to_yaml(const features::Options& options);
features::Options parse_features(const std::string& yaml, const std::string& name_for_errors);

}  // namespace kuchi::data::layout
