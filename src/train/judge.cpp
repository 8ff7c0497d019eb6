#include "train/judge.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

#include "core/interrupt.h"
#include "core/text.h"
#include "edge/matrix_tensor.h"
#include "train/batch.h"

namespace kuchi::train {
namespace {

std::vector<double> to_vector(const at::Tensor& tensor) {
  const auto t = tensor.to(at::kCPU, at::kDouble).contiguous();
  return {t.const_data_ptr<double>(), t.const_data_ptr<double>() + t.numel()};
}

/// Frames in a batch of a validation, padding included.
constexpr int64_t kBatchFrames = 8000;

data::Plan plan_of(const std::vector<data::Piece>& pieces, int64_t batch_frames) {
  data::BatchOptions options;
  options.batch_frames = batch_frames;
  options.shuffle = false;
  options.random_offset = false;
  return data::plan_batches(pieces, options, 0, 0);
}

/// Segments as they are, with what their labels tell the model.
std::vector<Sample> samples_of(const models::Model& model, const Clips& clips,
                               const data::StoreInfo& store,
                               const std::vector<data::Segment>& segments) {
  std::vector<Sample> out;
  for (const auto& s : segments) {
    out.push_back(clips.sample(s));
    out.back().told = models::told_by_labels(model.card().condition, store, s.clip);
  }
  return out;
}

eval::ClipResult result_of(const data::StoreInfo& store, const data::Segment& segment,
                           Matrix&& target, Matrix&& prediction) {
  eval::ClipResult result;
  result.id = store.clips[static_cast<size_t>(segment.clip)].id;
  result.fps = store.fps;
  result.target = std::move(target);
  result.prediction = std::move(prediction);
  result.captured = store.clips[static_cast<size_t>(segment.clip)].captured;
  if (!store.has_aperture(segment.clip)) return result;
  result.target_aperture = curves::aperture(store.rig, result.target.data, result.target.rows);
  result.prediction_aperture =
      curves::aperture(store.rig, result.prediction.data, result.prediction.rows);
  return result;
}

}  // namespace

void predict_pieces(models::Model& model, at::Device device, const Clips& clips,
                    const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                    int64_t batch_frames,
                    const std::function<void(eval::ClipResult&&, const data::Segment&)>& take) {
  const at::NoGradGuard no_grad;
  for (const auto& segments : plan_of(pieces, batch_frames).batches) {
    check_interrupt();
    auto samples = samples_of(model, clips, store, segments);
    const auto batch = collate(samples);
    const auto out = answer(model, batch.to(device));
    for (size_t i = 0; i < segments.size(); ++i) {
      take(result_of(
               store, segments[i], std::move(samples[i].targets),
               edge::to_matrix(out[static_cast<int64_t>(i)].slice(0, 0, segments[i].frames()))),
           segments[i]);
    }
  }
}

Matrix predict(models::Model& model, at::Device device, const Matrix& features) {
  const at::NoGradGuard no_grad;
  if (features.rows == 0) return Matrix(0, model.card().rig.size());
  const auto x = edge::to_tensor(features.data, {1, features.rows, features.cols});
  return edge::to_matrix(model.forward(x.to(device), at::full({1}, features.rows, at::kLong))[0]);
}

Matrix predict(models::Model& model, at::Device device, std::span<const float> audio,
               int64_t frames) {
  const at::NoGradGuard no_grad;
  if (frames == 0) return Matrix(0, model.card().rig.size());
  const auto x = edge::to_tensor(audio, {static_cast<int64_t>(audio.size())});
  return edge::to_matrix(model.hear({x.to(device)}, at::full({1}, frames, at::kLong))[0]);
}

at::Tensor answer(models::Model& model, const Batch& batch) {
  if (model.hears_audio()) return model.hear(batch.audio, batch.lengths, batch.told);
  return model.forward(batch.features, batch.lengths, batch.told);
}

std::vector<eval::CurveInfo> curve_infos(const curves::Rig& rig) {
  std::vector<eval::CurveInfo> out;
  for (const auto& c : rig.curves) out.push_back({c.name, c.high - c.low, c.rest});
  return out;
}

eval::Reference training_reference(const models::Model& model) {
  const auto s = model.statistics();
  return {to_vector(s.curve_mean), to_vector(s.curve_variance)};
}

eval::Suite judge(models::Model& model, at::Device device, const Clips& clips,
                  const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                  const eval::Options& options) {
  eval::Evaluator evaluator(curve_infos(store.rig), training_reference(model), options);
  predict_pieces(model, device, clips, store, pieces, kBatchFrames,
                 [&](eval::ClipResult&& clip, const data::Segment&) { evaluator.add(clip); });
  return evaluator.finish();
}

std::optional<eval::Suite> judge_together(
    const distributed::Group& group, models::Model& model, at::Device device, const Clips& clips,
    const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
    const eval::Options& options, const std::function<void(const eval::ClipResult&)>& look) {
  const at::NoGradGuard no_grad;
  const auto batches = plan_of(pieces, kBatchFrames).batches;
  const auto rank_of = [&](size_t batch) { return batch % static_cast<size_t>(group.size()); };
  std::string own;  // predictions of this process's batches, as they lie in memory
  for (size_t b = 0; b < batches.size(); ++b) {
    if (rank_of(b) != static_cast<size_t>(group.rank())) continue;
    const auto out = answer(model, collate(samples_of(model, clips, store, batches[b])).to(device));
    for (size_t i = 0; i < batches[b].size(); ++i) {
      const auto m =
          edge::to_matrix(out[static_cast<int64_t>(i)].slice(0, 0, batches[b][i].frames()));
      own.append(reinterpret_cast<const char*>(m.data.data()), m.data.size() * sizeof(float));
    }
  }
  const auto all = group.gather(own);
  if (!group.leads()) return std::nullopt;
  eval::Evaluator evaluator(curve_infos(store.rig), training_reference(model), options);
  std::vector<size_t> read(all.size(), 0);
  for (size_t b = 0; b < batches.size(); ++b) {
    for (const auto& segment : batches[b]) {
      Matrix prediction(segment.frames(), store.rig.size());
      const size_t bytes = prediction.data.size() * sizeof(float);
      auto& at = read[rank_of(b)];
      std::memcpy(prediction.data.data(), all[rank_of(b)].data() + at, bytes);
      at += bytes;
      const auto result = result_of(store, segment, clips.curves(segment), std::move(prediction));
      look(result);
      evaluator.add(result);
    }
  }
  return evaluator.finish();
}

std::vector<data::Piece> pieces_to_judge(const data::StoreInfo& store,
                                         const std::vector<data::Piece>& pieces,
                                         const std::string& split) {
  std::vector<data::Piece> out;
  if (split == "all") {
    for (size_t i = 0; i < store.clips.size(); ++i) {
      out.push_back({static_cast<int64_t>(i), data::Split::test, 0, store.clips[i].frames});
    }
    return out;
  }
  for (const auto& p : pieces) {
    if (data::to_string(p.split) == split) out.push_back(p);
  }
  if (out.empty()) {
    throw UserError(Exit::config, cat("the split \"", split,
                                      "\" is empty here; choose another with --split "
                                      "(test, valid, train or all)"));
  }
  return out;
}

}  // namespace kuchi::train
