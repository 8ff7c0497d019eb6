#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "audio/audio.h"
#include "core/text.h"
#include "data/hdf5.h"
#include "data/store.h"
#include "data/store_layout.h"
#include "data/version.h"
#include "io/atomic_file.h"

namespace kuchi::data {
namespace {

double or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

void write_head(hid_t root, const StoreInfo& info, const std::string& rig_yaml) {
  h5::put_text(root, layout::kFormat, layout::kFormatValue);
  h5::put_integer(root, layout::kFormatVersion, layout::format_version(info));
  h5::put_text(root, layout::kVersion, info.version);
  h5::put_text(root, layout::kHash, info.hash);
  h5::put_text(root, layout::kName, info.provenance.data);
  h5::put_text(root, layout::kLicence, info.provenance.licence);
  h5::put_text(root, layout::kConsent, info.provenance.consent);
  h5::put_text(root, layout::kPermittedUse, info.provenance.permitted_use);
  h5::put_text(root, layout::kMark, info.provenance.synthetic_mark);
  h5::put_number(root, layout::kFps, info.fps);
  h5::put_integer(root, layout::kSampleRate, audio::kRate);
  h5::put_text(root, layout::kRig, rig_yaml);
  h5::put_text(root, layout::kFeatureOptions, layout::features_to_yaml(info.features));
  h5::put_text(root, layout::kFeatureSignature, info.feature_signature);
  h5::put_text(root, layout::kSplit, split_to_yaml(info.split));
}

void describe_curves(hid_t dataset, const curves::Rig& rig) {
  std::vector<double> ranges;
  for (const auto& curve : rig.curves) {
    ranges.push_back(curve.low);
    ranges.push_back(curve.high);
  }
  h5::put_texts(dataset, "names", rig.names());
  h5::put_texts(dataset, "units", std::vector<std::string>(rig.curves.size(), "1"));  // weights
  h5::put_table(dataset, "ranges", ranges, 2);
}

void write_labels(hid_t group, const std::vector<StoreClip>& clips) {
  const h5::Handle labels(H5Gcreate2(group, layout::kLabels, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                          H5Gclose, layout::kLabels);
  Labels names;  // all that any clip has
  for (const auto& clip : clips) names.insert(clip.labels.begin(), clip.labels.end());
  for (const auto& [name, unused] : names) {
    std::vector<std::string> values;
    for (const auto& clip : clips) {
      const auto label = clip.labels.find(name);
      values.push_back(label == clip.labels.end() ? "" : label->second);
    }
    h5::write_texts(labels, name.c_str(), values);
  }
}

void write_clips(hid_t root, const std::vector<StoreClip>& clips) {
  const h5::Handle group(H5Gcreate2(root, layout::kClips, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Gclose, layout::kClips);
  std::vector<int64_t> frames = {0}, samples = {0};
  std::vector<std::string> ids;
  std::vector<double> lag, drift, confidence;
  for (const auto& clip : clips) {
    ids.push_back(clip.id);
    frames.push_back(clip.first_frame + clip.frames);
    samples.push_back(clip.first_sample + clip.samples);
    lag.push_back(or_nan(clip.lag_ms));
    drift.push_back(or_nan(clip.drift_ppm));
    confidence.push_back(or_nan(clip.confidence));
  }
  h5::write_texts(group, layout::kIds, ids);
  h5::write_integers(group, layout::kFrameOffsets, frames);
  h5::write_integers(group, layout::kSampleOffsets, samples);
  h5::write_numbers(group, layout::kLag, lag);
  h5::write_numbers(group, layout::kDrift, drift);
  h5::write_numbers(group, layout::kConfidence, confidence);
  write_labels(group, clips);
  const auto is_whole = [](const StoreClip& clip) { return clip.captured.empty(); };
  if (std::all_of(clips.begin(), clips.end(), is_whole)) return;
  std::vector<std::string> captured;
  for (const auto& clip : clips) captured.push_back(layout::captured_text(clip));
  h5::write_texts(group, layout::kCaptured, captured);
}

void write_sets(hid_t root, const std::vector<StoreSet>& sets) {
  if (sets.empty()) return;
  const h5::Handle group(H5Gcreate2(root, layout::kSets, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Gclose, layout::kSets);
  std::vector<std::string> names, splits;
  std::vector<int64_t> offsets = {0};
  for (const auto& set : sets) {
    names.push_back(set.name);
    splits.push_back(split_to_yaml(set.split));
    offsets.push_back(set.first_clip + set.clips);
  }
  h5::write_texts(group, layout::kSetNames, names);
  h5::write_texts(group, layout::kSetSplits, splits);
  h5::write_integers(group, layout::kClipOffsets, offsets);
}

/// The curves of a clip as they are kept: NaN where it has none.
Matrix without_absent(const Matrix& curves, const std::vector<bool>& captured) {
  Matrix out = curves;
  for (int64_t c = 0; c < out.cols; ++c) {
    if (captured[static_cast<size_t>(c)]) continue;
    for (int64_t t = 0; t < out.rows; ++t) out(t, c) = std::numeric_limits<float>::quiet_NaN();
  }
  return out;
}

}  // namespace

struct StoreWriter::Impl {
  StoreInfo info;
  h5::Handle features, curves, audio;
  layout::ArrayHashes hashes;
};

int64_t StoreWriter::clips() const { return static_cast<int64_t>(impl_.info.clips.size()); }

void StoreWriter::set_split(const SplitSpec& split) { impl_.info.split = split; }

void StoreWriter::add(StoreClip clip, const Matrix& features, const Matrix& given,
                      std::span<const float> audio) {
  StoreInfo& info = impl_.info;
  const bool masked = !clip.captured.empty();
  if (features.rows < 1 || features.rows != given.rows || features.cols != info.dim ||
      given.cols != info.curves() || audio.empty() ||
      (masked && static_cast<int64_t>(clip.captured.size()) != info.curves())) {
    throw std::logic_error("store: clip of another shape: " + clip.id);
  }
  const Matrix kept = masked ? without_absent(given, clip.captured) : Matrix();
  const Matrix& curves = masked ? kept : given;
  clip.first_frame = info.frames;
  clip.first_sample = info.samples;
  clip.frames = features.rows;
  clip.samples = static_cast<int64_t>(audio.size());
  const auto rows = static_cast<hsize_t>(clip.frames);
  const auto before = static_cast<hsize_t>(info.frames);
  h5::append_floats(impl_.features, before, rows, static_cast<hsize_t>(features.cols),
                    features.data.data());
  h5::append_floats(impl_.curves, before, rows, static_cast<hsize_t>(curves.cols),
                    curves.data.data());
  h5::append_floats(impl_.audio, static_cast<hsize_t>(info.samples), audio.size(), 0, audio.data());
  impl_.hashes.features.add(features.data.data(), features.data.size() * sizeof(float));
  impl_.hashes.curves.add(curves.data.data(), curves.data.size() * sizeof(float));
  impl_.hashes.audio.add(audio.data(), audio.size_bytes());
  info.frames += clip.frames;
  info.samples += clip.samples;
  info.clips.push_back(std::move(clip));
}

StoreInfo write_store(const std::filesystem::path& file, StoreInfo head,
                      const std::function<void(StoreWriter&)>& fill) {
  head.file = file;
  head.version = kVersion;
  head.feature_signature = features::signature(head.features);
  head.dim = features::dim(head.features);
  head.frames = head.samples = 0;
  head.clips.clear();
  const std::string rig_yaml = curves::rig_to_yaml(head.rig);
  StoreInfo written;
  h5::prepare_library();
  const auto write = [&](const std::filesystem::path& temporary) {
    h5::Handle out(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose,
                   "creating the file");
    const auto dim = static_cast<hsize_t>(head.dim);
    const auto curves = static_cast<hsize_t>(head.rig.size());
    StoreWriter::Impl impl{std::move(head),
                           h5::make_floats(out, layout::kFeatures, dim),
                           h5::make_floats(out, layout::kCurves, curves),
                           h5::make_floats(out, layout::kAudio, 0),
                           {}};
    StoreWriter writer(impl);
    fill(writer);
    impl.info.hash = layout::content_hash(impl.info, rig_yaml, impl.hashes);
    write_head(out, impl.info, rig_yaml);
    describe_curves(impl.curves, impl.info.rig);
    h5::put_text(impl.features, "signature", impl.info.feature_signature);
    h5::put_integer(impl.audio, layout::kSampleRate, audio::kRate);
    write_clips(out, impl.info.clips);
    write_sets(out, impl.info.sets);
    impl.features.close(layout::kFeatures);
    impl.curves.close(layout::kCurves);
    impl.audio.close(layout::kAudio);
    h5::check(H5Fflush(out, H5F_SCOPE_GLOBAL), "flushing");
    out.close("closing the file");
    written = std::move(impl.info);
  };
  try {
    io::write_path_atomically(file, write);
  } catch (const h5::Failure& failure) {
    fail_environment(cat(file.string(), ": HDF5 could not write this store (", failure.what,
                         "); is the disk full, or the directory read-only?"));
  }
  return written;
}

}  // namespace kuchi::data
