#include "models/long_clip.h"

#include <torch/utils.h>

#include "caught.h"
#include "models/bilstm.h"
#include "models/heard.h"
#include "models/transformer.h"

using namespace kuchi;
using namespace test_heard;

namespace {

/// Of one second, so that a test's clip is longer than several.
constexpr models::Windows kShort{1.0, 0.2};

Matrix in_parts(models::Model& model, const std::vector<float>& samples,
                const models::Windows& windows, size_t piece = 5000) {
  models::LongClip clip(model, at::kCPU, windows);
  for (size_t i = 0; i < samples.size(); i += piece) {
    clip.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i)));
  }
  return clip.finish();
}

std::shared_ptr<models::Model> bilstm_model() {
  models::BilstmKind kind;
  return small_model(kind,
                     {"model.bilstm.projection=[8]", "model.bilstm.hidden=6",
                      "model.bilstm.layers=1", "model.bilstm.output=[]"},
                     30);
}

std::shared_ptr<models::Model> windowed_model() {
  models::TransformerKind kind;
  return small_model(kind,
                     {"model.transformer.width=16", "model.transformer.heads=2",
                      "model.transformer.layers=2", "model.transformer.feed_forward=32",
                      "model.transformer.attention=windowed", "model.transformer.left=8",
                      "model.transformer.right=2", "model.transformer.positions=rotary"},
                     30);
}

}  // namespace

TEST_CASE("long clip: a head that streams goes on without a seam", "[models]") {
  torch::manual_seed(21);
  const auto heard = swelling_noise(16000 * 7 + 123);
  for (const auto& model : {lstm_model(), lstm_model(59.94), tcn_model(false), windowed_model()}) {
    INFO(model->card().head << " at " << model->card().fps);
    check_equal(in_parts(*model, heard, kShort), at_once(*model, heard), 1e-5);
    check_equal(in_parts(*model, heard, kShort, 40000), at_once(*model, heard), 1e-5);
  }
}

TEST_CASE("long clip: what a window holds is heard at once, to the same bits", "[models]") {
  torch::manual_seed(22);
  const auto model = bilstm_model();
  for (const int64_t samples : {16000 * 3, 600, 1, 0}) {
    const auto heard = swelling_noise(samples);
    check_equal(in_parts(*model, heard, {3.0, 0.2}), at_once(*model, heard), 0);
    check_equal(in_parts(*model, heard, {0, 0}), at_once(*model, heard), 0);
  }
}

TEST_CASE("long clip: windows give a frame each, and away from seams what the whole gives",
          "[models]") {
  torch::manual_seed(23);
  const auto model = bilstm_model();
  const at::NoGradGuard no_grad;
  for (const int64_t samples : {16000 * 9 + 50, 16000 * 3 + 200, 3 * 16000 + 16000 / 30 + 1}) {
    const auto heard = swelling_noise(samples);
    const auto whole = at_once(*model, heard);
    INFO(samples << " samples");
    // An untrained LSTM's gates stand half open: what is 2 s away weighs 2^-60.
    check_equal(in_parts(*model, heard, {6.0, 2.0}), whole, 1e-5);
    // Windows of 3 s with 0.3 s on either side: near the seams, 2.4 s apart, they know less.
    const auto parts = in_parts(*model, heard, {3.0, 0.3});
    REQUIRE(parts.rows == whole.rows);
    for (int64_t c = 0; c < whole.cols; ++c)
      CHECK(parts(20, c) == Approx(whole(20, c)).margin(1e-5));
  }
}

TEST_CASE("long clip: at a seam two windows pass over into one another", "[models]") {
  // A head that says how far from the beginning of what it hears a frame is: windows differ by
  // all they can, and a sudden seam would show as a step of 30 frames.
  class Counting : public models::Head {
   public:
    at::Tensor forward(const at::Tensor& features, const at::Tensor&) override {
      const auto places = at::arange(features.size(1), at::kFloat);
      return places.view({1, -1, 1}).expand({1, -1, curves}).contiguous();
    }
    onnx::Value emit(onnx::Graph&, const models::OnnxBatch&) const override { return {}; }
    int64_t curves = 0;
  };
  class CountingKind : public models::HeadKind {
   public:
    std::string name() const override { return "counting"; }
    std::string about() const override { return "counts"; }
    std::shared_ptr<models::Head> make(const models::Shape& shape) const override {
      auto head = std::make_shared<Counting>();
      head->curves = shape.size();
      return head;
    }
  };
  CountingKind kind;
  const auto model = small_model(kind, {}, 30);
  const auto y = in_parts(*model, swelling_noise(16000 * 4), {2.0, 0.4});
  REQUIRE(y.rows == 120);
  // Windows of 60 frames begin at 0, 36, 72; seams at 48, 84; over 12 frames they pass over.
  for (int64_t j = 0; j < 42; ++j) REQUIRE(y(j, 0) == static_cast<float>(j));
  for (int64_t j = 54; j < 78; ++j) REQUIRE(y(j, 0) == static_cast<float>(j - 36));
  for (int64_t j = 90; j < 120; ++j) REQUIRE(y(j, 0) == static_cast<float>(j - 72));
  for (int64_t j = 42; j < 54; ++j) {
    const double share = (static_cast<double>(j) - 42 + 0.5) / 12;
    REQUIRE(y(j, 0) == Approx(static_cast<double>(j) - 36 * share));
  }
}

TEST_CASE("long clip: windows that overlap by half are refused", "[models]") {
  const auto model = bilstm_model();
  CHECK(test::caught([&] {
          models::LongClip(*model, at::kCPU, {10.0, 5.0});
        }).has("more than twice as long as the overlap"));
}
