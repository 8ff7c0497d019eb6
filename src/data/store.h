#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "core/provenance.h"
#include "curves/rig.h"
#include "data/recipe.h"
#include "data/split.h"
#include "features/features.h"

namespace kuchi::data {

/// A clip in a store. What was not measured is not there.
struct StoreClip {
  std::string id;
  Labels labels;
  int64_t first_frame = 0, frames = 0;
  int64_t first_sample = 0, samples = 0;  // 16 kHz mono
  std::optional<double> lag_ms;           // positive: the audio is late against the curves
  std::optional<double> drift_ppm;
  std::optional<double> confidence;
  std::vector<bool> captured = {};  // [curves] which of them it has; empty: all
};

/// One of the data sets that a store was joined from; its clips lie together.
struct StoreSet {
  std::string name;
  int64_t first_clip = 0, clips = 0;
  SplitSpec split;
};

/// All that is known of a store without reading its arrays.
struct StoreInfo {
  std::filesystem::path file;
  std::string hash;       // content, see Store::verify
  std::string version;    // of Kuchi, that wrote it
  Provenance provenance;  // .data is the data set's name
  curves::Rig rig;
  double fps = 0;
  features::Options features;
  std::string feature_signature;
  SplitSpec split;             // of a store of one data set
  std::vector<StoreSet> sets;  // of a joined one, else empty: see join_stores()
  std::vector<StoreClip> clips;
  int64_t frames = 0, samples = 0, dim = 0;  // totals, and values a feature frame
  int64_t lag_frames = 0;                    // see Store::set_lag(); never of the file

  int64_t curves() const { return rig.size(); }
  int64_t clip_index(const std::string& id) const;  // -1: none
  /// Whether a clip has every curve that the rig's aperture is made of.
  bool has_aperture(int64_t clip) const;
  /// How many clips have a curve.
  int64_t clips_with(int64_t curve) const;
};

std::vector<ClipFacts> clip_facts(const StoreInfo& info);
/// The store's own split with what the options change; UserError (config). Of a joined store each
/// data set is split by itself, as where it stands alone, but for data.split.by=list, which names
/// clips of all. By speaker, one who is in two data sets must not be in two splits.
std::vector<Piece> split_store(const StoreInfo& info, const SplitOptions& options = {});

/// Reads a store (HDF5; layout in docs/formats and store_layout.h). Arrays are read piece by
/// piece, never whole.
/// HDF5 holds one global lock and its handles are not for sharing: one thread opens, reads and
/// closes, and nobody forks meanwhile.
class Store {
 public:
  /// UserError (data): no such file, no HDF5, no Kuchi store, truncated, of another version, or
  /// tables that contradict each other. UserError (environment): no permission.
  static Store open(const std::filesystem::path& file);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const StoreInfo& info() const;

  /// From here on curves are those of another rig, in its order; what the store lacks of them no
  /// clip has captured, what the rig lacks is left out. UserError (data) where one name has two
  /// ranges.
  void map_to(const curves::Rig& rig);

  /// From here on features and audio are those of so many frames later, in time with the curves
  /// (lag.h), of all clips alike.
  void set_lag(int64_t frames);

  /// Frames begin … end-1 of a clip; the range is the caller's contract (std::logic_error). Curves
  /// that the clip has not captured are NaN.
  Matrix read_features(int64_t clip, int64_t begin, int64_t end) const;  // [end-begin, dim]
  Matrix read_curves(int64_t clip, int64_t begin, int64_t end) const;    // [end-begin, curves]
  Matrix read_features(int64_t clip) const;
  Matrix read_curves(int64_t clip) const;
  std::vector<float> read_audio(int64_t clip) const;
  /// The audio as it was recorded, whatever set_lag() said.
  std::vector<float> read_recording(int64_t clip) const;

  /// Reads everything and recomputes the content hash; UserError (data) if it differs. Not after
  /// map_to() or set_lag().
  void verify() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Takes clips one after another; made by write_store.
class StoreWriter {
 public:
  /// features [frames, dim], curves [frames, rig.size()], audio [samples] at 16 kHz. What stands in
  /// columns that the clip has not captured does not matter. The clip's counts and offsets are
  /// filled in here. UserError (environment) if the disk is full.
  void add(StoreClip clip, const Matrix& features, const Matrix& curves,
           std::span<const float> audio);
  int64_t clips() const;
  /// Replaces the split that write_store was given.
  void set_split(const SplitSpec& split);

 private:
  friend StoreInfo write_store(const std::filesystem::path&, StoreInfo,
                               const std::function<void(StoreWriter&)>&);
  struct Impl;
  explicit StoreWriter(Impl& impl) : impl_(impl) {}
  Impl& impl_;
};

/// Writes a store whole or not at all: a temporary name, synced, renamed. `head` gives
/// provenance, rig, fps, features and split; hash, version, clips and totals are filled in
/// and returned. The hash depends on the contents alone, not on the machine, time or file name.
StoreInfo write_store(const std::filesystem::path& file, StoreInfo head,
                      const std::function<void(StoreWriter&)>& fill);

/// True if the file begins as HDF5 does (for `inspect`); no errors.
bool looks_like_hdf5(const std::filesystem::path& file);

}  // namespace kuchi::data
