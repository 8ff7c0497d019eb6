#include "cli/inspect_augment.h"

#include <algorithm>

#include "audio/audio.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/track.h"
#include "io/atomic_file.h"
#include "train/cut.h"
#include "train/sampler.h"
#include "train/source.h"

namespace kuchi::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void refuse(const train::Experiment& e, const fs::path& config) {
  if (augment::changes_audio(e.augment)) return;
  fail_config(
      {config.string()},
      "no change to audio is switched on, so all variants are the clip as it is; add one, as "
      "augment.pitch.p=0.5 (kuchi config --reference, section augment)");
}

/// The first training piece of the clip; of any clip where no id is given.
data::Piece find_piece(const data::StoreInfo& info, const std::vector<data::Piece>& pieces,
                       const std::string& id) {
  std::vector<std::string> ids;
  for (const auto& piece : pieces) {
    const auto& name = info.clips[static_cast<size_t>(piece.clip)].id;
    if (id.empty() || name == id) return piece;
    ids.push_back(name);
  }
  fail_config({"command line"},
              cat("--clip: the training part has no clip \"", id, "\"", did_you_mean(id, ids)));
}

/// One WAV with its curves, and what was done to it.
struct Writer {
  const data::StoreInfo& info;
  const fs::path dir;
  const bool force;

  Json write(const std::string& name, const augment::Take& take) const {
    const auto wav = dir / (name + ".wav"), csv = dir / (name + ".csv");
    io::refuse_overwrite(wav, force);
    io::refuse_overwrite(csv, force);
    audio::write_wav(wav, train::framed_audio(take));
    curves::WriteOptions options;
    options.fps = info.fps;
    options.audio_name = wav.filename().string();
    options.force = force;
    options.provenance = info.provenance;
    const auto there = train::present_columns(take.curves);  // what the clip lacks is no column
    curves::write_track(csv, "csv", rig_of(there), columns_of(take.curves, there), options);
    Json drawn = Json::array();
    for (const auto& d : take.drawn) {
      drawn.push_back({{"change", d.change}, {"value", d.value}, {"unit", d.unit}});
    }
    return {{"audio", wav.string()}, {"curves", csv.string()}, {"drawn", drawn}};
  }

 private:
  curves::Rig rig_of(const std::vector<bool>& there) const {
    curves::Rig rig;
    rig.name = info.rig.name;
    for (size_t c = 0; c < there.size(); ++c) {
      if (there[c]) rig.curves.push_back(info.rig.curves[c]);
    }
    return rig;
  }

  static Matrix columns_of(const Matrix& curves, const std::vector<bool>& there) {
    Matrix out(curves.rows, std::count(there.begin(), there.end(), true));
    int64_t to = 0;
    for (int64_t c = 0; c < curves.cols; ++c) {
      if (!there[static_cast<size_t>(c)]) continue;
      for (int64_t t = 0; t < curves.rows; ++t) out(t, to) = curves(t, c);
      ++to;
    }
    return out;
  }
};

/// A clip's id as a file name.
std::string file_name(const std::string& id) {
  std::string out = printable(id);
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

augment::Take as_it_is(const train::Clips& clips, const data::Piece& piece, double fps) {
  std::vector<double> places;
  for (int64_t j = piece.begin; j < piece.end; ++j) places.push_back(static_cast<double>(j));
  return train::cut(clips, piece.clip, places, fps, {});
}

}  // namespace

Json write_augmented(const fs::path& config, const std::vector<std::string>& overrides,
                     const AugmentArgs& args, bool force) {
  train::Experiment experiment;
  train::load(experiment, config, overrides);
  refuse(experiment, config);
  experiment.augment.audio = augment::Computed::loop;  // a variant is heard as it is drawn
  train::attach_encoder(experiment);
  const auto store = train::open_data(
      train::find_store(experiment.data, experiment.features, {config.string()}), experiment.data);
  const auto& info = store.info();
  const auto all = train::cut_data(info, experiment.data, experiment.train.seed);
  const auto piece = find_piece(info, data::pieces_of(all, data::Split::train), args.clip);
  const train::Clips clips(store, experiment.features, {piece}, train::what_to_keep(experiment));
  const train::Marks marks(store, {piece}, experiment.loss);
  const train::Sampler sampler(experiment, clips, marks, info, {piece}, {});
  io::make_directories(args.out);
  const Writer writer{info, args.out, force};
  const auto name = file_name(info.clips[static_cast<size_t>(piece.clip)].id);
  Json out = {
      {"kind", "configuration"}, {"head", experiment.model.head}, {"variants", Json::array()}};
  out["variants"].push_back(writer.write(name, as_it_is(clips, piece, info.fps)));
  for (int64_t v = 1; v <= args.variants; ++v) {
    const auto take = sampler.take({piece.clip, piece.begin, piece.end}, v - 1);
    out["variants"].push_back(writer.write(cat(name, "_", v), take));
  }
  return out;
}

}  // namespace kuchi::cli
