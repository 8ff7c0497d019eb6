// tests/models/heard.h
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "core/append_rows.h"
#include "core/random.h"
#include "farthest.h"
#include "models/live.h"
#include "models/lstm_head.h"
#include "models/model.h"
#include "models/tcn.h"

/// What tests of sound that comes in pieces share: small models, a sound, and its curves at once.
namespace kuchi::test_heard {

/// Noise that swells and dies away, with silences.
inline std::vector<float> swelling_noise(int64_t samples) {
  kuchi::Stream random(3, "live test");
  std::vector<float> out;
  for (int64_t i = 0; i < samples; ++i) {
    const double level = i / 3000 % 4 == 3 ? 0 : 0.3 * std::abs(std::sin(i / 2000.0));
    out.push_back(static_cast<float>(level * random.uniform(-1, 1)));
  }
  return out;
}

/// A small model of a kind, its features normalised by moments that are not 0 and 1.
inline std::shared_ptr<models::Model> small_model(models::HeadKind& kind,
                                                  const std::vector<std::string>& overrides,
                                                  double fps) {
  config::Schema schema;
  kind.describe(schema.section("model." + kind.name()));
  std::vector<config::Assignment> all;
  for (const auto& text : overrides) all.push_back(config::parse_override(text));
  schema.apply(all);
  models::Card card;
  card.head = kind.name();
  card.rig = curves::load_rig("arkit-mouth");
  card.fps = fps;
  auto model = std::make_shared<models::Model>(kind, card);
  const int64_t dim = features::dim(card.features), curves = card.rig.size();
  model->set_statistics({at::linspace(-8, -3, dim), at::linspace(1, 4, dim), at::zeros({curves}),
                         at::ones({curves})});
  model->eval();
  return model;
}

inline std::shared_ptr<models::Model> lstm_model(double fps = 30) {
  models::LstmKind kind;
  return small_model(kind,
                     {"model.lstm.projection=[16]", "model.lstm.hidden=12", "model.lstm.layers=2",
                      "model.lstm.output=[8]"},
                     fps);
}

inline std::shared_ptr<models::Model> tcn_model(bool causal) {
  models::TcnKind kind;
  return small_model(kind,
                     {"model.tcn.width=8", "model.tcn.blocks=3", "model.tcn.output=[8]",
                      causal ? "model.tcn.causal=true" : "model.tcn.causal=false"},
                     30);
}

inline Matrix at_once(models::Model& model, const std::vector<float>& samples) {
  const at::NoGradGuard no_grad;
  const auto& card = model.card();
  const auto frames = features::frame_count(static_cast<int64_t>(samples.size()), card.fps);
  if (frames == 0) return Matrix(0, card.rig.size());
  const auto x = features::compute(card.features, samples, card.fps, frames);
  const auto batch = at::from_blob(const_cast<float*>(x.data.data()), {1, x.rows, x.cols});
  const auto y = model.forward(batch, at::full({1}, frames, at::kLong))[0].contiguous();
  Matrix out(frames, card.rig.size());
  std::copy_n(y.const_data_ptr<float>(), out.data.size(), out.data.begin());
  return out;
}

/// Curves of a sound that comes in pieces, of a model that is told what it was told last.
inline Matrix live_in_pieces(models::Model& model, const std::vector<float>& samples,
                             size_t piece) {
  models::Live live(model, "run");
  Matrix all(0, model.card().rig.size());
  for (size_t i = 0; i < samples.size(); i += piece) {
    append_rows(all, live.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i))));
  }
  append_rows(all, live.finish());
  return all;
}

inline void check_equal(const Matrix& a, const Matrix& b, double within) {
  REQUIRE(a.rows == b.rows);
  REQUIRE(a.cols == b.cols);
  CHECK(test::farthest(a.data, b.data) <= within);
}

}  // namespace kuchi::test_heard
