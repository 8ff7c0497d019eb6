#include "train/ensemble.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "audio/audio.h"
#include "core/log.h"
#include "core/text.h"
#include "encoders/load.h"
#include "train/clips.h"
#include "train/judge.h"

namespace kuchi::train {
namespace {

[[noreturn]] void refuse(const Ensemble::Member& a, const Ensemble::Member& b,
                         const std::string& why) {
  throw UserError(Exit::config,
                  cat(b.run.string(), ": cannot be averaged with ", a.run.string(), ": ", why));
}

/// Where a member's model keeps the first one's curves.
std::vector<int64_t> order_of_curves(const Ensemble::Member& first, const Ensemble::Member& other) {
  const auto& want = first.trained.model->card();
  const auto& have = other.trained.model->card();
  if (std::abs(want.fps - have.fps) > 1e-9) {
    refuse(first, other,
           cat("it speaks at ", number(have.fps), " frames a second, not ", number(want.fps)));
  }
  if (want.rig.size() != have.rig.size()) {
    refuse(first, other,
           cat("its rig ", have.rig.name, " has ", have.rig.size(), " curves, ", want.rig.name,
               " has ", want.rig.size()));
  }
  std::vector<int64_t> order;
  for (const auto& curve : want.rig.curves) {
    const auto i = have.rig.index(curve.name);
    if (i < 0) {
      refuse(first, other, cat("its rig ", have.rig.name, " has no curve \"", curve.name, "\""));
    }
    const auto& twin = have.rig.curves[static_cast<size_t>(i)];
    if (twin.low != curve.low || twin.high != curve.high) {
      refuse(first, other,
             cat("its \"", curve.name, "\" runs from ", number(twin.low), " to ", number(twin.high),
                 ", not from ", number(curve.low), " to ", number(curve.high)));
    }
    order.push_back(i);
  }
  return order;
}

/// sum += one model's curves, in the ensemble's order. Both [frames, curves].
void add_in_order(Matrix& sum, const Matrix& one, const std::vector<int64_t>& order) {
  for (int64_t j = 0; j < sum.rows; ++j) {
    for (int64_t c = 0; c < sum.cols; ++c) sum(j, c) += one(j, order[static_cast<size_t>(c)]);
  }
}

constexpr double kMostHeld_s = 6 * 3600;
constexpr auto kMostHeld = static_cast<int64_t>(kMostHeld_s * audio::kRate);

/// Features of one recording by signature: what several members hear is made once.
using Shared = std::map<std::string, Matrix>;

Matrix hear_whole(const Ensemble::Member& member, std::span<const float> audio, int64_t frames,
                  Shared& shared) {
  auto& model = *member.trained.model;
  const auto device = member.trained.device;
  if (model.hears_audio()) return predict(model, device, audio, frames);
  const auto& card = model.card();
  auto& x = shared[features::signature(card.features)];
  if (x.rows != frames) x = features::compute(card.features, audio, card.fps, frames);
  return predict(model, device, x);
}

/// What is heard during a piece: to its last frame's end, and to the recording's own with it.
std::vector<float> audio_of(const data::Store& store, const data::Segment& piece) {
  const auto& info = store.info();
  auto audio = store.read_audio(piece.clip);
  const auto sample_of = [&](int64_t frame) {
    const auto at = std::llround(static_cast<double>(frame) * audio::kRate / info.fps);
    return std::min<int64_t>(at, static_cast<int64_t>(audio.size()));
  };
  const int64_t begin = sample_of(piece.begin);
  if (piece.end < info.clips[static_cast<size_t>(piece.clip)].frames) {
    audio.resize(static_cast<size_t>(sample_of(piece.end)));
  }
  audio.erase(audio.begin(), audio.begin() + begin);
  return audio;
}

void divide(Matrix& sum, size_t count) {
  if (count == 1) return;
  for (auto& value : sum.data) value /= static_cast<float>(count);
}

/// An encoder that was named and that no member took would be a wish passed over.
void check_taken(const std::vector<Ensemble::Member>& members,
                 const std::vector<std::string>& encoders) {
  for (const auto& given : encoders) {
    bool taken = false;
    for (const auto& m : members) {
      const auto told = m.trained.model->head().metadata();
      const auto it = told.find("encoder");
      std::error_code ec;
      const auto& card = m.trained.model->card();
      if (!m.trained.model->hears_audio() && card.features.is_encoder()) {
        taken = taken ||
                (encoders::is_encoder(given) && encoders::hash(given) == card.features.facts.hash);
      }
      taken = taken || (it != told.end() && std::filesystem::equivalent(it->second, given, ec));
    }
    if (taken) continue;
    throw UserError(
        Exit::config,
        cat("--encoder ", given, ": ", members.size() > 1 ? "none of the runs" : "the run does not",
            " stand", members.size() > 1 ? "s" : "", " on this encoder; leave it out"));
  }
}

}  // namespace

Ensemble::Ensemble(const std::vector<std::filesystem::path>& runs, const std::string& which,
                   const std::string& device, const std::vector<std::string>& encoders) {
  for (const auto& run : runs) {
    members_.push_back({run, load_trained(run, which, device, encoders), {}});
    members_.back().order = order_of_curves(members_[0], members_.back());
  }
  check_taken(members_, encoders);
}

std::string Ensemble::name() const {
  std::vector<std::string> names;
  for (const auto& m : members_) names.push_back(m.run.string());
  return join(names, " + ");
}

Provenance Ensemble::provenance() const {
  std::vector<Provenance> parts;
  for (const auto& m : members_) parts.push_back(m.trained.model->card().provenance);
  return combined(parts);
}

void Ensemble::tell(const models::Asked& asked) {
  using Has = bool (*)(const models::Vocabulary&);
  const auto any = [&](Has has) {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const auto& m) { return has(m.trained.model->card().condition); });
  };
  const Has speakers = [](const auto& v) { return !v.speakers.empty(); };
  const Has styles = [](const auto& v) { return !v.styles.empty(); };
  const Has intensity = [](const auto& v) { return v.intensity; };
  for (const auto& m : members_) {
    const auto& v = m.trained.model->card().condition;
    const auto passes = [&](Has has) { return !has(v) && any(has); };
    auto own = asked;
    if (passes(speakers)) own.speaker.reset();
    if (passes(styles)) own.style.reset();
    if (passes(intensity)) own.intensity.reset();
    m.trained.model->tell(models::told_by_name(v, own, m.run.string()));
  }
}

Matrix Ensemble::predict(std::span<const float> audio, int64_t frames) const {
  Shared shared;
  Matrix sum(frames, card().rig.size());
  for (const auto& m : members_) {
    add_in_order(sum, hear_whole(m, audio, frames, shared), m.order);
  }
  divide(sum, members_.size());
  return sum;
}

Ensemble::Heard Ensemble::predict(audio::PieceReader& recording,
                                  const models::Windows& windows) const {
  std::vector<std::unique_ptr<models::LongClip>> clips;  // a member each; none where it hears all
  bool hold = false;
  for (const auto& m : members_) {
    auto& model = *m.trained.model;
    const bool pieces = models::can_hear_in_pieces(model);
    clips.push_back(pieces ? std::make_unique<models::LongClip>(model, m.trained.device, windows)
                           : nullptr);
    hold = hold || !pieces;
  }
  Heard heard;
  std::vector<float> all;
  Progress progress("seconds", std::llround(recording.seconds()));
  for (std::vector<float> piece; recording.next(piece);) {
    heard.samples += static_cast<int64_t>(piece.size());
    if (hold && heard.samples > kMostHeld) {
      throw UserError(Exit::data, cat("a recording of more than ", clock_text(kMostHeld_s),
                                      " is too long for a model on a speech encoder, which hears "
                                      "all of it at once; cut it into pieces"));
    }
    if (hold) all.insert(all.end(), piece.begin(), piece.end());
    for (auto& clip : clips) {
      if (clip) clip->push(piece);
    }
    progress.at(std::llround(recording.seconds_read()));
  }
  const auto frames = features::frame_count(heard.samples, card().fps);
  heard.curves = Matrix(frames, card().rig.size());
  Shared shared;
  for (size_t i = 0; i < members_.size(); ++i) {
    const auto curves =
        clips[i] ? clips[i]->finish() : hear_whole(members_[i], all, frames, shared);
    add_in_order(heard.curves, curves, members_[i].order);
  }
  divide(heard.curves, members_.size());
  return heard;
}

std::vector<eval::ClipResult> Ensemble::predict(const data::Store& store,
                                                const std::vector<data::Piece>& pieces) const {
  std::vector<eval::ClipResult> results;
  std::optional<Clips>
      clips;  // those of the last features: neighbours that hear the same share them
  std::string heard;
  for (const auto& m : members_) {
    const auto& model = m.trained.model;
    if (!clips || heard != model->hears()) {
      clips.emplace(store, model->card().features, pieces,
                    model->hears_audio() ? Keep::audio : Keep::features);
    }
    heard = model->hears();
    size_t next = 0;  // the pieces come in the same order from every member
    predict_pieces(*model, m.trained.device, *clips, store.info(), pieces, /*batch_frames=*/8000,
                   [&](eval::ClipResult&& one, const data::Segment& piece) {
                     if (next == results.size()) {
                       results.push_back(one);
                       results.back().audio = audio_of(store, piece);
                       results.back().prediction = Matrix(one.prediction.rows, card().rig.size());
                     }
                     add_in_order(results[next++].prediction, one.prediction, m.order);
                   });
  }
  for (auto& r : results) {
    divide(r.prediction, members_.size());
    if (r.target_aperture.empty()) continue;  // the clip lacks some of its curves
    r.prediction_aperture = curves::aperture(card().rig, r.prediction.data, r.prediction.rows);
  }
  return results;
}

}  // namespace kuchi::train
