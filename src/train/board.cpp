#include "train/board.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace kuchi::train {
namespace {

constexpr int64_t kUpdatesEvery = 20;
constexpr int64_t kBins = 64;
constexpr int64_t kCurvesShown = 6;
constexpr double kShown_s = 8;
constexpr int64_t kWidth = 640, kHeight = 140, kEdge = 4;

/// {"valid": {"mse": 1}} as "valid/mse", names of events' fields as they stand there.
void scalars_of(const nlohmann::json& json, const std::string& prefix, io::EventFile& file) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      scalars_of(value, prefix + key + "/", file);
    } else if (value.is_number()) {
      file.scalar(prefix + key, value.get<double>());
    }
  }
}

double variance_of(const Matrix& m, int64_t column) {
  double sum = 0, squares = 0;
  for (int64_t t = 0; t < m.rows; ++t) {
    sum += m(t, column);
    squares += double{m(t, column)} * m(t, column);
  }
  const auto n = static_cast<double>(std::max<int64_t>(m.rows, 1));
  return squares / n - (sum / n) * (sum / n);
}

void draw(io::Picture& picture, const Matrix& m, int64_t curve, int64_t frames, double low,
          double high, uint8_t colour) {
  const auto x = [&](int64_t t) {
    return kEdge + static_cast<double>(t) * static_cast<double>(picture.width - 1 - 2 * kEdge) /
                       static_cast<double>(std::max<int64_t>(frames - 1, 1));
  };
  const auto y = [&](double value) {
    const double share = (std::clamp(value, low, high) - low) / (high - low);
    return kEdge + (1 - share) * static_cast<double>(picture.height - 1 - 2 * kEdge);
  };
  for (int64_t t = 0; t + 1 < frames; ++t) {
    for (const int thick : {0, 1}) {
      picture.line(x(t), y(m(t, curve)) + thick, x(t + 1), y(m(t + 1, curve)) + thick, colour);
    }
  }
}

}  // namespace

Board::Board(const std::filesystem::path& run, int64_t from_step) : file_(run / "tb", from_step) {}

void Board::update(int64_t step, int64_t updates, double loss, double gradient_norm, double lr) {
  loss_sum_ += loss * static_cast<double>(updates);
  updates_ += updates;
  if (step % kUpdatesEvery != 0) return;
  file_.scalar("update/loss", loss_sum_ / static_cast<double>(updates_));
  file_.scalar("update/gradient_norm", gradient_norm);
  file_.scalar("update/lr", lr);
  file_.write(step);
  loss_sum_ = 0;
  updates_ = 0;
}

void Board::epoch(const nlohmann::json& event) {
  auto shown = event;
  for (const char* key : {"event", "step", "best"}) shown.erase(key);
  scalars_of(shown, "epoch/", file_);
  file_.write(event.value("step", int64_t{0}));
}

void Board::histograms(int64_t step, const models::Model& model) {
  for (const auto& item : model.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    file_.histogram("weights/" + item.key(), histogram_of(item.value()));
    if (item.value().grad().defined()) {
      file_.histogram("gradients/" + item.key(), histogram_of(item.value().grad()));
    }
  }
  file_.write(step);
}

void Board::curves(int64_t step, const eval::ClipResult& clip, const curves::Rig& rig) {
  std::vector<int64_t> order(static_cast<size_t>(rig.size()));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::vector<double> moves;  // in shares of each curve's range
  for (int64_t c = 0; c < rig.size(); ++c) {
    const auto& curve = rig.curves[static_cast<size_t>(c)];
    const double range = curve.high - curve.low;
    moves.push_back(clip.has(c) ? variance_of(clip.target, c) / (range * range) : -1);
  }
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return moves[static_cast<size_t>(a)] > moves[static_cast<size_t>(b)];
  });
  std::erase_if(order, [&](int64_t c) { return !clip.has(c); });
  order.resize(std::min(order.size(), static_cast<size_t>(kCurvesShown)));
  for (const int64_t c : order) {
    const auto& curve = rig.curves[static_cast<size_t>(c)];
    file_.image("curves/" + clip.id + "/" + curve.name,
                curve_picture(clip, c, curve.low, curve.high));
  }
  file_.write(step);
}

// Two passes over the values as they lie: a model of 17 million weights has its histograms, and
// those of its gradients, within a share of a second, where tensors of doubles took twelve.
io::Histogram histogram_of(const at::Tensor& values) {
  const auto flat = values.detach().to(at::kCPU, at::kFloat).contiguous();
  const std::span<const float> all(flat.const_data_ptr<float>(), static_cast<size_t>(flat.numel()));
  float low = std::numeric_limits<float>::infinity(), high = -low;
  int64_t count = 0;
  io::Histogram out;
  for (const float x : all) {
    if (!std::isfinite(x)) continue;
    low = std::min(low, x);
    high = std::max(high, x);
    out.sum += x;
    out.squares += double{x} * x;
    ++count;
  }
  if (count == 0) return {};
  out.min = low;
  out.max = high;
  out.count = static_cast<double>(count);
  if (low == high) {
    out.limits = {out.max};
    out.counts = {out.count};
    return out;
  }
  const double width = (out.max - out.min) / kBins;
  std::array<int64_t, kBins> counts{};
  for (const float x : all) {
    if (!std::isfinite(x)) continue;
    const auto bin = static_cast<int64_t>((double{x} - out.min) / width);
    ++counts[static_cast<size_t>(std::min(bin, kBins - 1))];  // the highest belongs to the last
  }
  for (int64_t i = 0; i < kBins; ++i) {
    out.limits.push_back(i + 1 == kBins ? out.max : out.min + width * static_cast<double>(i + 1));
    out.counts.push_back(static_cast<double>(counts[static_cast<size_t>(i)]));
  }
  return out;
}

io::Picture curve_picture(const eval::ClipResult& clip, int64_t curve, double low, double high) {
  constexpr uint8_t kGrid = 1, kTarget = 2, kPrediction = 3;
  io::Picture picture(kWidth, kHeight,
                      {{255, 255, 255}, {221, 221, 221}, {31, 119, 180}, {255, 127, 14}});
  const int64_t frames = std::min<int64_t>(clip.target.rows, std::llround(kShown_s * clip.fps));
  const double below = static_cast<double>(kHeight - 1 - kEdge);
  for (const double y : {double{kEdge}, below}) picture.line(0, y, kWidth - 1, y, kGrid);
  if (frames < 2 || high <= low) return picture;
  draw(picture, clip.target, curve, frames, low, high, kTarget);
  draw(picture, clip.prediction, curve, frames, low, high, kPrediction);
  return picture;
}

}  // namespace kuchi::train
