#include "models/live.h"

#include <torch/utils.h>

#include <cmath>

#include "caught.h"
#include "models/heard.h"

using namespace kuchi;
using test::caught;
using namespace test_heard;

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
    append_rows(got, rest);
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
