// src/train/judge.h
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "models/model.h"
#include "train/clips.h"

namespace kuchi::train {

/// What a model says of every piece, a clip at a time, as `take` wants it. The model must be in
/// evaluation mode. Batches of like lengths, at most batch_frames padded frames each.
void predict_pieces(models::Model& model, at::Device device, const Clips& clips,
                    const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                    int64_t batch_frames, const std::function<void(eval::ClipResult&&)>& take);

/// Curves for one clip's raw features [frames, dim] → [frames, curves].
Matrix predict(models::Model& model, at::Device device, const Matrix& features);

/// The metric suite of a model over pieces, against its training statistics. `see`, where given,
/// gets each clip's result after it was measured.
eval::Suite judge(models::Model& model, at::Device device, const Clips& clips,
                  const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                  const eval::Options& options,
                  const std::function<void(eval::ClipResult&&)>& see = {});

/// The pieces that a split's name means; "all" is every clip whole. UserError (config) if empty.
std::vector<data::Piece> pieces_to_judge(const data::StoreInfo& store,
                                         const std::vector<data::Piece>& pieces,
                                         const std::string& split);

std::vector<eval::CurveInfo> curve_infos(const curves::Rig& rig);

}  // namespace kuchi::train
