#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "audio/audio.h"
#include "core/text.h"
#include "data/hdf5.h"
#include "data/lag.h"
#include "data/store.h"
#include "data/store_layout.h"

namespace kuchi::data {
namespace fs = std::filesystem;

struct Store::Impl {
  StoreInfo info;
  std::string rig_yaml;          // as it stands in the file: what the hash is over
  std::vector<int64_t> columns;  // where each curve stands in the file, -1: nowhere; empty: there
  int64_t file_curves;
  h5::Handle file, features, curves, audio;
};

namespace {

constexpr const char* kAgain = "make it anew with kuchi prepare";

[[noreturn]] void fail_damaged(const fs::path& file, const std::string& what) {
  fail_data(file, cat("this store is damaged (", what, "); ", kAgain));
}

h5::Handle open_file(const fs::path& file) {
  std::error_code ec;
  const auto status = fs::status(file, ec);
  if (!fs::exists(status)) fail_data(file, "no such file; kuchi prepare makes a store");
  if (fs::is_directory(status)) fail_data(file, "is a directory, a store is one file");
  if (fs::file_size(file, ec) == 0 && !ec) fail_data(file, cat("is empty; ", kAgain));
  if (std::FILE* readable = std::fopen(file.c_str(), "rb"); readable != nullptr) {
    std::fclose(readable);
  } else {
    fail_environment(file.string() + ": cannot be opened", errno);
  }
  if (!looks_like_hdf5(file)) {
    fail_data(file, "is no store: not an HDF5 file; kuchi prepare makes a store");
  }
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    fail_data(file, cat("this store is cut short or damaged: HDF5 cannot open it; ", kAgain));
  return {id, H5Fclose, "file"};
}

void check_kind(hid_t root, const fs::path& file) {
  if (!h5::has(root, layout::kFormat) ||
      h5::get_text(root, layout::kFormat) != layout::kFormatValue) {
    fail_data(file, "is an HDF5 file, but no store of Kuchi; kuchi prepare makes one");
  }
  const int64_t version = h5::get_integer(root, layout::kFormatVersion);
  if (version < layout::kFormatVersionValue || version > layout::kFormatVersionMasked) {
    fail_data(file, cat("is a store of format version ", version, ", this program reads versions ",
                        layout::kFormatVersionValue, " and ", layout::kFormatVersionMasked, "; ",
                        kAgain));
  }
}

// Older stores lack the last two: their recipes could not say them, which is as if they had not.
Provenance read_provenance(hid_t root) {
  const auto younger = [&](const char* name, const char* silence) {
    return h5::has(root, name) ? h5::get_text(root, name) : std::string(silence);
  };
  Provenance out;
  out.data = h5::get_text(root, layout::kName);
  out.licence = h5::get_text(root, layout::kLicence);
  out.consent = h5::get_text(root, layout::kConsent);
  out.permitted_use = younger(layout::kPermittedUse, "");
  out.synthetic_mark = younger(layout::kMark, kSyntheticMark);
  return out;
}

StoreInfo read_head(hid_t root, const fs::path& file, std::string& rig_yaml) {
  StoreInfo info;
  info.file = file;
  info.hash = h5::get_text(root, layout::kHash);
  info.version = h5::get_text(root, layout::kVersion);
  info.provenance = read_provenance(root);
  info.fps = h5::get_number(root, layout::kFps);
  if (!(info.fps > 0 && info.fps <= 1e5)) fail_damaged(file, "fps");
  if (h5::get_integer(root, layout::kSampleRate) != audio::kRate) fail_damaged(file, "sample rate");
  rig_yaml = h5::get_text(root, layout::kRig);
  const std::string where = file.string();
  info.rig = curves::parse_rig(rig_yaml, where + " (rig)");
  info.features =
      layout::parse_features(h5::get_text(root, layout::kFeatureOptions), where + " (features)");
  info.feature_signature = h5::get_text(root, layout::kFeatureSignature);
  info.dim = features::dim(info.features);
  info.split = parse_split(h5::get_text(root, layout::kSplit), where + " (split)");
  return info;
}

std::optional<double> measured(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

// n + 1 offsets that rise from 0 to the total: each clip has rows, none reaches outside.
void check_offsets(const std::vector<int64_t>& offsets, size_t clips, int64_t total,
                   const char* name, const fs::path& file) {
  const bool whole =
      offsets.size() == clips + 1 && offsets.front() == 0 && offsets.back() == total &&
      std::adjacent_find(offsets.begin(), offsets.end(), std::greater_equal<>()) == offsets.end();
  if (!whole) fail_damaged(file, name);
}

void read_labels(hid_t group, uint64_t limit, std::vector<StoreClip>& clips, const fs::path& file) {
  const h5::Handle labels(H5Gopen2(group, layout::kLabels, H5P_DEFAULT), H5Gclose, layout::kLabels);
  for (const auto& name : h5::links(labels)) {
    const auto values = h5::read_texts(labels, name.c_str(), limit);
    if (values.size() != clips.size()) fail_damaged(file, "labels");
    for (size_t i = 0; i < clips.size(); ++i) {
      if (!values[i].empty()) clips[i].labels[name] = values[i];
    }
  }
}

bool has_link(hid_t group, const char* name) { return H5Lexists(group, name, H5P_DEFAULT) > 0; }

void read_captured(hid_t group, uint64_t limit, StoreInfo& info) {
  if (!has_link(group, layout::kCaptured)) return;
  const auto texts = h5::read_texts(group, layout::kCaptured, limit);
  if (texts.size() != info.clips.size()) fail_damaged(info.file, layout::kCaptured);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto& text = texts[i];
    if (text.empty()) continue;  // all
    if (static_cast<int64_t>(text.size()) != info.curves() ||
        text.find_first_not_of("01") != std::string::npos) {
      fail_damaged(info.file, layout::kCaptured);
    }
    for (const char c : text) info.clips[i].captured.push_back(c == '1');
  }
}

void read_clips(hid_t root, uint64_t limit, StoreInfo& info) {
  const h5::Handle group(H5Gopen2(root, layout::kClips, H5P_DEFAULT), H5Gclose, layout::kClips);
  const auto ids = h5::read_texts(group, layout::kIds, limit);
  const auto frames = h5::read_integers(group, layout::kFrameOffsets, limit);
  const auto samples = h5::read_integers(group, layout::kSampleOffsets, limit);
  const auto lag = h5::read_numbers(group, layout::kLag, limit);
  const auto drift = h5::read_numbers(group, layout::kDrift, limit);
  const auto confidence = h5::read_numbers(group, layout::kConfidence, limit);
  check_offsets(frames, ids.size(), info.frames, layout::kFrameOffsets, info.file);
  check_offsets(samples, ids.size(), info.samples, layout::kSampleOffsets, info.file);
  if (std::set<std::string>(ids.begin(), ids.end()).size() != ids.size() ||
      lag.size() != ids.size() || drift.size() != ids.size() || confidence.size() != ids.size()) {
    fail_damaged(info.file, "table of clips");
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    StoreClip clip;
    clip.id = ids[i];
    clip.first_frame = frames[i];
    clip.frames = frames[i + 1] - frames[i];
    clip.first_sample = samples[i];
    clip.samples = samples[i + 1] - samples[i];
    clip.lag_ms = measured(lag[i]);
    clip.drift_ppm = measured(drift[i]);
    clip.confidence = measured(confidence[i]);
    info.clips.push_back(std::move(clip));
  }
  read_labels(group, limit, info.clips, info.file);
  read_captured(group, limit, info);
}

void read_sets(hid_t root, uint64_t limit, StoreInfo& info) {
  if (!has_link(root, layout::kSets)) return;
  const h5::Handle group(H5Gopen2(root, layout::kSets, H5P_DEFAULT), H5Gclose, layout::kSets);
  const auto names = h5::read_texts(group, layout::kSetNames, limit);
  const auto splits = h5::read_texts(group, layout::kSetSplits, limit);
  const auto offsets = h5::read_integers(group, layout::kClipOffsets, limit);
  check_offsets(offsets, names.size(), static_cast<int64_t>(info.clips.size()),
                layout::kClipOffsets, info.file);
  if (splits.size() != names.size()) fail_damaged(info.file, layout::kSetSplits);
  for (size_t i = 0; i < names.size(); ++i) {
    info.sets.push_back({names[i], offsets[i], offsets[i + 1] - offsets[i],
                         parse_split(splits[i], info.file.string() + " (split)")});
  }
}

const StoreClip& checked_clip(const StoreInfo& info, int64_t clip) {
  if (clip < 0 || clip >= static_cast<int64_t>(info.clips.size())) {
    throw std::logic_error("store: no such clip");
  }
  return info.clips[static_cast<size_t>(clip)];
}

Matrix read_rows(const StoreInfo& info, hid_t dataset, int64_t cols, int64_t clip, int64_t begin,
                 int64_t end) {
  const StoreClip& c = checked_clip(info, clip);
  if (begin < 0 || begin > end || end > c.frames) throw std::logic_error("store: frames outside");
  Matrix out(end - begin, cols);
  try {
    h5::read_floats(dataset, static_cast<hsize_t>(c.first_frame + begin),
                    static_cast<hsize_t>(out.rows), static_cast<hsize_t>(cols), out.data.data());
  } catch (const h5::Failure& failure) {
    fail_damaged(info.file, failure.what);
  }
  return out;
}

}  // namespace

bool looks_like_hdf5(const fs::path& file) {
  h5::prepare_library();
  return H5Fis_hdf5(file.c_str()) > 0;
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::open(const fs::path& file) {
  h5::prepare_library();
  h5::Handle opened = open_file(file);
  try {
    check_kind(opened, file);
    std::string rig_yaml;
    StoreInfo info = read_head(opened, file, rig_yaml);
    const uint64_t limit = fs::file_size(file);  // no array is larger than its file
    auto floats = [&](const char* name, int64_t cols, int64_t& rows) {
      return h5::open_floats(opened, name, static_cast<hsize_t>(cols), limit, rows);
    };
    int64_t curve_rows = 0;
    h5::Handle features = floats(layout::kFeatures, info.dim, info.frames);
    h5::Handle curves = floats(layout::kCurves, info.curves(), curve_rows);
    h5::Handle audio = floats(layout::kAudio, 0, info.samples);
    if (curve_rows != info.frames) fail_damaged(file, "curves and features differ in length");
    read_clips(opened, limit, info);
    read_sets(opened, limit, info);
    const int64_t file_curves = info.curves();
    return Store(std::unique_ptr<Impl>(new Impl{std::move(info),
                                                std::move(rig_yaml),
                                                {},
                                                file_curves,
                                                std::move(opened),
                                                std::move(features),
                                                std::move(curves),
                                                std::move(audio)}));
  } catch (const h5::Failure& failure) {
    fail_damaged(file, failure.what);
  } catch (const UserError& error) {  // a rig, feature or split text that does not read
    if (error.code() != Exit::config) throw;
    fail_damaged(file, error.what());
  }
}

const StoreInfo& Store::info() const { return impl_->info; }

void Store::set_lag(int64_t frames) { impl_->info.lag_frames = frames; }

Matrix Store::read_features(int64_t clip, int64_t begin, int64_t end) const {
  const auto& info = impl_->info;
  const auto read = [&](int64_t from, int64_t to) {
    return read_rows(info, impl_->features, info.dim, clip, from, to);
  };
  if (info.lag_frames == 0 || begin >= end) return read(begin, end);
  const auto frames = checked_clip(info, clip).frames;
  if (begin < 0 || end > frames) throw std::logic_error("store: frames outside");
  const int64_t first = heard_frame(begin, info.lag_frames, frames);
  const Matrix heard = read(first, heard_frame(end - 1, info.lag_frames, frames) + 1);
  Matrix out(end - begin, heard.cols);
  for (int64_t t = begin; t < end; ++t) {
    const auto row = heard.row(heard_frame(t, info.lag_frames, frames) - first);
    std::copy(row.begin(), row.end(), out.row(t - begin).begin());
  }
  return out;
}

Matrix Store::read_curves(int64_t clip, int64_t begin, int64_t end) const {
  Matrix kept = read_rows(impl_->info, impl_->curves, impl_->file_curves, clip, begin, end);
  const auto& captured = checked_clip(impl_->info, clip).captured;
  const auto& columns = impl_->columns;
  if (columns.empty() && captured.empty()) return kept;
  Matrix out(kept.rows, impl_->info.curves());
  for (int64_t c = 0; c < out.cols; ++c) {
    const auto i = static_cast<size_t>(c);
    const int64_t from = columns.empty() ? c : columns[i];
    const bool there = captured.empty() || captured[i];
    for (int64_t t = 0; t < out.rows; ++t) {
      out(t, c) = there ? kept(t, from) : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return out;
}

void Store::map_to(const curves::Rig& rig) {
  auto& info = impl_->info;
  std::vector<int64_t> columns;
  bool whole = true;
  for (const auto& curve : rig.curves) {
    const int64_t own = info.rig.index(curve.name);
    columns.push_back(own < 0 || impl_->columns.empty() ? own
                                                        : impl_->columns[static_cast<size_t>(own)]);
    whole = whole && own >= 0;
    if (own < 0) continue;
    const auto& twin = info.rig.curves[static_cast<size_t>(own)];
    if (twin.low == curve.low && twin.high == curve.high) continue;
    fail_data(info.file,
              cat("its curve \"", twin.name, "\" runs from ", number(twin.low), " to ",
                  number(twin.high), ", that of rig ", rig.name, " from ", number(curve.low),
                  " to ", number(curve.high), "; prepare it with that range"));
  }
  for (auto& clip : info.clips) {
    if (whole && clip.captured.empty()) continue;
    std::vector<bool> captured;
    for (const auto& curve : rig.curves) {
      const int64_t own = info.rig.index(curve.name);
      captured.push_back(own >= 0 &&
                         (clip.captured.empty() || clip.captured[static_cast<size_t>(own)]));
    }
    const bool all = std::find(captured.begin(), captured.end(), false) == captured.end();
    clip.captured = all ? std::vector<bool>() : captured;
  }
  impl_->columns = std::move(columns);
  info.rig = rig;
}

Matrix Store::read_features(int64_t clip) const {
  return read_features(clip, 0, checked_clip(impl_->info, clip).frames);
}

Matrix Store::read_curves(int64_t clip) const {
  return read_curves(clip, 0, checked_clip(impl_->info, clip).frames);
}

std::vector<float> Store::read_audio(int64_t clip) const {
  auto recorded = read_recording(clip);
  const auto lag = impl_->info.lag_frames;
  return lag == 0 ? std::move(recorded) : on_curve_time(recorded, lag, impl_->info.fps);
}

std::vector<float> Store::read_recording(int64_t clip) const {
  const StoreClip& c = checked_clip(impl_->info, clip);
  std::vector<float> out(static_cast<size_t>(c.samples));
  try {
    h5::read_floats(impl_->audio, static_cast<hsize_t>(c.first_sample),
                    static_cast<hsize_t>(c.samples), 0, out.data());
  } catch (const h5::Failure& failure) {
    fail_damaged(impl_->info.file, failure.what);
  }
  return out;
}

void Store::verify() const {
  if (!impl_->columns.empty() || impl_->info.lag_frames != 0) {
    throw std::logic_error("store: verified after it was mapped or shifted");
  }
  layout::ArrayHashes hashes;
  const auto add = [](Hasher& hasher, const std::vector<float>& values) {
    hasher.add(values.data(), values.size() * sizeof(float));
  };
  for (int64_t i = 0; i < static_cast<int64_t>(impl_->info.clips.size()); ++i) {
    add(hashes.features, read_features(i).data);
    add(hashes.curves, read_curves(i).data);
    add(hashes.audio, read_audio(i));
  }
  if (layout::content_hash(impl_->info, impl_->rig_yaml, hashes) != impl_->info.hash) {
    fail_damaged(impl_->info.file, "its contents are not what was written: the hash differs");
  }
}

}  // namespace kuchi::data
