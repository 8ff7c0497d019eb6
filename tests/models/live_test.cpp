#include "models/live.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <cmath>

#include "catch.h"
#include "caught.h"
#include "core/random.h"
#include "models/lstm_head.h"
#include "models/tcn.h"

using namespace kuchi;
using test::caught;

namespace {

/// Noise that swells and dies away, with silences.
std::vector<float> swelling_noise(int64_t samples) {
  kuchi::Stream random(3, "live test");
  std::vector<float> out;
  for (int64_t i = 0; i < samples; ++i) {
    const double level = i / 3000 % 4 == 3 ? 0 : 0.3 * std::abs(std::sin(i / 2000.0));
    out.push_back(static_cast<float>(level * random.uniform(-1, 1)));
  }
  return out;
}

/// A small model of a kind, its features normalised by moments that are not 0 and 1.
std::shared_ptr<models::Model> small_model(models::HeadKind& kind,
                                           const std::vector<std::string>& overrides, double fps) {
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

std::shared_ptr<models::Model> lstm_model(double fps = 30) {
  models::LstmKind kind;
  return small_model(kind,
                     {"model.lstm.projection=[16]", "model.lstm.hidden=12", "model.lstm.layers=2",
                      "model.lstm.output=[8]"},
                     fps);
}

std::shared_ptr<models::Model> tcn_model(bool causal) {
  models::TcnKind kind;
  return small_model(kind,
                     {"model.tcn.width=8", "model.tcn.blocks=3", "model.tcn.output=[8]",
                      causal ? "model.tcn.causal=true" : "model.tcn.causal=false"},
                     30);
}

Matrix at_once(models::Model& model, const std::vector<float>& samples) {
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

Matrix live_in_pieces(models::Model& model, const std::vector<float>& samples, size_t piece) {
  models::Live live(model, "run");
  Matrix all(0, model.card().rig.size());
  const auto take = [&](const Matrix& more) {
    all.data.insert(all.data.end(), more.data.begin(), more.data.end());
    all.rows += more.rows;
  };
  for (size_t i = 0; i < samples.size(); i += piece) {
    take(live.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i))));
  }
  take(live.finish());
  return all;
}

void check_equal(const Matrix& a, const Matrix& b, double within) {
  REQUIRE(a.rows == b.rows);
  REQUIRE(a.cols == b.cols);
  double worst = 0;
  for (size_t i = 0; i < a.data.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a.data[i]) - b.data[i]));
  }
  CHECK(worst <= within);
}

}  // namespace

TEST_CASE("live: sound in pieces of any size gives the curves of the whole", "[models]") {
  torch::manual_seed(1);
  for (const auto& model : {lstm_model(), lstm_model(59.94), tcn_model(true), tcn_model(false)}) {
    for (const int64_t samples : {16000 * 3 + 77, 16000, 600, 1}) {
      const auto heard = swelling_noise(samples);
      const auto whole = at_once(*model, heard);
      for (const size_t piece : {1, 7, 160, 1000, 16000}) {
        if (piece == 1 && samples > 20000) continue;  // the same, for long
        INFO(model->card().head << ", " << samples << " samples in pieces of " << piece);
        check_equal(live_in_pieces(*model, heard, piece), whole, 1e-5);
      }
    }
  }
}

TEST_CASE("live: a frame comes when its stated delay is over, and its audio ends before",
          "[models]") {
  torch::manual_seed(2);
  const auto model = lstm_model();
  const auto late = models::delay(model->head(), model->card().features, 30).value();
  CHECK(late.lookahead_frames == 2);
  CHECK(late.audio_s <= 0.1);
  CHECK(late.audio_s == Approx(2.0 / 30 + 0.01 + 0.02 / 3 + 0.0125));  // stack, next row, window
  CHECK(late.known_s == Approx(0.1));

  const auto heard = swelling_noise(16000 * 2);
  models::Live live(*model, "run");
  int64_t given = 0;
  for (size_t i = 0; i < heard.size(); ++i) {
    given += live.push(std::span(heard).subspan(i, 1)).rows;
    // Frame `given` is not out yet: no more than its delay, to the whole sample, has passed.
    const double next_s = static_cast<double>(given) / 30;
    REQUIRE(static_cast<double>(i + 1) / 16000 < next_s + late.known_s + 1e-9);
  }
  // What comes later than a frame's audio changes nothing of it.
  auto changed = heard;
  const auto from = static_cast<size_t>(std::ceil((20.0 / 30 + late.audio_s) * 16000));
  for (size_t i = from; i < changed.size(); ++i) changed[i] = -0.5F;
  const auto a = at_once(*model, heard), b = at_once(*model, changed);
  for (int64_t c = 0; c < a.cols; ++c) CHECK(a(20, c) == b(20, c));
  CHECK(a(24, 0) != b(24, 0));
}

TEST_CASE("live: curves at another rate are those of the model in straight lines", "[models]") {
  torch::manual_seed(3);
  const auto model = lstm_model();
  const auto heard = swelling_noise(16000 * 2 + 300);
  const auto own = at_once(*model, heard);
  for (const double fps : {60.0, 24.0, 100.0}) {
    models::Live live(*model, "run", fps);
    Matrix got = live.push(heard);
    const auto rest = live.finish();
    got.data.insert(got.data.end(), rest.data.begin(), rest.data.end());
    got.rows += rest.rows;
    REQUIRE(got.rows == features::frame_count(static_cast<int64_t>(heard.size()), fps));
    for (int64_t j = 0; j < got.rows; ++j) {
      const double position = static_cast<double>(j) * 30 / fps;
      const auto low = std::min(static_cast<int64_t>(position + 1e-9), own.rows - 1);
      const auto high = std::min(low + 1, own.rows - 1);
      const double share = position - static_cast<double>(low);
      for (int64_t c = 0; c < got.cols; ++c) {
        const double want =
            low == high ? own(low, c) : own(low, c) + share * (own(high, c) - own(low, c));
        REQUIRE(got(j, c) == Approx(want).margin(1e-5));
      }
    }
  }
}

TEST_CASE("live: a head that hears the whole clip is refused", "[models]") {
  models::BilstmKind kind;
  const auto model = small_model(
      kind, {"model.bilstm.projection=[4]", "model.bilstm.hidden=2", "model.bilstm.output=[]"}, 30);
  CHECK_FALSE(models::delay(model->head(), model->card().features, 30).has_value());
  CHECK(test::caught([&] {
          models::Live(*model, "runs/a");
        }).has("runs/a: its head bilstm answers only when the clip is over"));
}
