// Live use of a head over an encoder's states under features.window.
#include <torch/utils.h>

#include "caught.h"
#include "edge/matrix_tensor.h"
#include "encoders/small_encoder.h"
#include "models/heard.h"

using namespace kuchi;
using namespace test_heard;

namespace {

/// A small encoder's states.
class OfEncoder : public features::Source {
 public:
  explicit OfEncoder(std::shared_ptr<encoders::Encoder> encoder) : encoder_(std::move(encoder)) {}
  Matrix states(std::span<const float> samples) const override {
    const at::NoGradGuard no_grad;
    const auto given = edge::to_tensor(samples, {static_cast<int64_t>(samples.size())});
    return edge::to_matrix(
        encoder_->forward({encoders::long_enough(encoder_->config(), given)}, {}).last);
  }

 private:
  std::shared_ptr<encoders::Encoder> encoder_;
};

/// An lstm over an encoder under a window (0: whole clips).
std::shared_ptr<models::Model> encoder_model(double window_s) {
  const auto config = test::small_config();
  models::LstmKind kind;
  config::Schema schema;
  kind.describe(schema.section("lstm"));
  std::vector<config::Assignment> all;
  for (const char* text : {"lstm.projection=[16]", "lstm.hidden=12", "lstm.output=[8]"}) {
    all.push_back(config::parse_override(text));
  }
  schema.apply(all);
  models::Card card;
  card.head = "lstm";
  card.rig = curves::load_rig("arkit-mouth");
  auto& f = card.features;
  f.kind = "encoder";
  f.stack = 1;
  f.window = {window_s, 0.1, 0.1};
  f.facts = {"wav2vec2",    "0123456789abcdef", config.hidden,
             config.layers, config.hop_s(),     config.first_frame_s()};
  f.source = std::make_shared<OfEncoder>(test::small_encoder(config));
  auto model = std::make_shared<models::Model>(kind, card);
  model->eval();
  return model;
}

}  // namespace

TEST_CASE("live: over an encoder under a window, sound in pieces gives the curves of the whole",
          "[models]") {
  torch::manual_seed(4);
  const auto model = encoder_model(0.6);
  for (const int64_t samples : {16000 * 2 + 77, 9000, 600, 1}) {
    const auto heard = swelling_noise(samples);
    const auto whole = at_once(*model, heard);
    for (const size_t piece : {1, 7, 160, 1000, 16000}) {
      if (piece < 100 && samples > 20000) continue;  // the same, for long
      INFO(samples << " samples in pieces of " << piece);
      check_equal(live_in_pieces(*model, heard, piece), whole, 1e-5);
    }
  }
  const auto late = models::delay(model->head(), model->card().features, 30).value();
  CHECK(late.lookahead_frames == 2);
  CHECK(late.audio_s > 2.0 / 30 + 0.1 + 0.08);
  CHECK(late.audio_s <= 2.0 / 30 + 0.1 + 0.1 + 0.0125 + 0.02);
}

TEST_CASE("live: over an encoder without a window it is refused, with what would help",
          "[models]") {
  const auto model = encoder_model(0);
  CHECK_FALSE(models::delay(model->head(), model->card().features, 30).has_value());
  CHECK(test::caught([&] { models::Live(*model, "runs/a"); })
            .has("runs/a: stands on a speech encoder, which hears the whole clip; live use needs a "
                 "model of log-mel features, or of an encoder's under features.window"));
}
