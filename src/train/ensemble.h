#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "audio/piece_reader.h"
#include "data/split.h"
#include "eval/clip.h"
#include "models/long_clip.h"
#include "train/run.h"

namespace kuchi::train {

/// Trained models that answer as one: the mean of their curves. One model is an ensemble of one.
/// They may differ in head, features and training data, but speak of the same curves (by name, in
/// any order, in the same ranges) at the same rate.
class Ensemble {
 public:
  /// `which`, `device`, `encoders`: see load_trained(). UserError (config) where the runs do not go
  /// together.
  Ensemble(const std::vector<std::filesystem::path>& runs, const std::string& which,
           const std::string& device = "auto", const std::vector<std::string>& encoders = {});

  struct Member {
    std::filesystem::path run;
    Trained trained;
    std::vector<int64_t> order;  // the ensemble's curve i is this model's curve order[i]
  };
  const std::vector<Member>& members() const { return members_; }
  /// The first member's: its rig orders the curves of all.
  const models::Card& card() const { return members_[0].trained.model->card(); }
  const models::Model& first() const { return *members_[0].trained.model; }
  std::string name() const;       // "runs/a + runs/b"
  Provenance provenance() const;  // of all the recordings that members learnt from

  /// 16 kHz mono → [frames, curves]
  Matrix predict(std::span<const float> audio, int64_t frames) const;

  /// What the members are told of recordings from now on, each what it was trained to be told.
  /// UserError (config) where none of them was, or where one that was does not know the name.
  void tell(const models::Asked& asked);

  struct Heard {
    Matrix curves;        // [frames, curves]
    int64_t samples = 0;  // of the recording, 16 kHz
  };
  /// The same of a recording of any length, read piece by piece (models/long_clip.h). Members that
  /// stand on a speech encoder hear all of it at once, and then it is held.
  Heard predict(audio::PieceReader& recording, const models::Windows& windows) const;

  /// What it says of every piece of a store, in the order of plan_batches().
  std::vector<eval::ClipResult> predict(const data::Store& store,
                                        const std::vector<data::Piece>& pieces) const;

 private:
  std::vector<Member> members_;
};

}  // namespace kuchi::train
