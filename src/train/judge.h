// src/train/judge.h
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "distributed/group.h"
#include "eval/evaluate.h"
#include "models/model.h"
#include "train/batch.h"
#include "train/clips.h"

namespace kuchi::train {

/// What a model says of every piece, a clip at a time, as `take` wants it, and which piece it is.
/// The model must be in evaluation mode. Batches of like lengths, at most batch_frames padded
/// frames each.
void predict_pieces(models::Model& model, at::Device device, const Clips& clips,
                    const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                    int64_t batch_frames,
                    const std::function<void(eval::ClipResult&&, const data::Segment&)>& take);

/// Curves for one clip's raw features [frames, dim] → [frames, curves].
Matrix predict(models::Model& model, at::Device device, const Matrix& features);

/// The same of one clip's audio, 16 kHz, for a model that hears audio.
Matrix predict(models::Model& model, at::Device device, std::span<const float> audio,
               int64_t frames);

/// What a model says of a batch on its device. → [batch, frames, curves]
at::Tensor answer(models::Model& model, const Batch& batch);

/// The metric suite of a model over pieces, against its training statistics.
eval::Suite judge(models::Model& model, at::Device device, const Clips& clips,
                  const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                  const eval::Options& options);

/// The same by a group of processes, each of which predicts a part; the suite is rank 0's alone.
std::optional<eval::Suite> judge_together(const distributed::Group& group, models::Model& model,
                                          at::Device device, const Clips& clips,
                                          const data::StoreInfo& store,
                                          const std::vector<data::Piece>& pieces,
                                          const eval::Options& options);

/// The pieces that a split's name means; "all" is every clip whole. UserError (config) if empty.
std::vector<data::Piece> pieces_to_judge(const data::StoreInfo& store,
                                         const std::vector<data::Piece>& pieces,
                                         const std::string& split);

/// What r2 and nmse measure a model against: its training curves.
eval::Reference training_reference(const models::Model& model);

std::vector<eval::CurveInfo> curve_infos(const curves::Rig& rig);

}  // namespace kuchi::train
