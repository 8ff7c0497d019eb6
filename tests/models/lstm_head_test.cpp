#include "models/lstm_head.h"

#include <ATen/ATen.h>

#include "golden_head.h"
#include "models/live_matrix.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

models::LstmOptions small_lstm(int64_t lookahead = 2) {
  models::LstmOptions o;
  o.projection = {6, 4};
  o.hidden = 3;
  o.layers = 2;
  o.output = {5};
  o.lookahead = lookahead;
  return o;
}

}  // namespace

TEST_CASE("lstm: values and all gradients are PyTorch's, alone and in a padded batch", "[models]") {
  models::LstmHead head(golden_shape(), small_lstm());
  check_golden(head, golden("lstm"), kGoldenLengths);
}

TEST_CASE("lstm: gradients are the numeric ones, in double", "[models]") {
  torch::manual_seed(1);
  for (const int64_t lookahead : {0, 3}) {
    models::LstmHead head(golden_shape(), small_lstm(lookahead));
    check_gradients_numerically(head, 5);
  }
}

TEST_CASE("lstm: a clip's result does not depend on the clips beside it", "[models]") {
  torch::manual_seed(2);
  for (const int64_t lookahead : {0, 2, 10}) {
    models::LstmHead head(golden_shape(), small_lstm(lookahead));
    check_padding(head, 5);
  }
}

TEST_CASE("lstm: a frame hears so many frames ahead and none beyond", "[models]") {
  torch::manual_seed(3);
  for (const int64_t lookahead : {0, 1, 10}) {
    models::LstmHead head(golden_shape(), small_lstm(lookahead));
    CHECK(head.lookahead_frames() == lookahead);
    check_lookahead(head, 5, lookahead);
  }
}

TEST_CASE("lstm: a stream in pieces of any size is the whole clip", "[models]") {
  torch::manual_seed(4);
  for (const int64_t lookahead : {0, 2, 10}) {
    models::LstmHead head(golden_shape(), small_lstm(lookahead));
    for (const int64_t frames : {0, 1, 2, 3, 11, 300}) check_stream(head, 5, frames);
  }
  auto options = small_lstm();
  options.projection = {};
  options.layers = 3;
  models::LstmHead bare(golden_shape(), options);
  check_stream(bare, 5, 100);
}

TEST_CASE("lstm: two streams of one head do not know of each other", "[models]") {
  torch::manual_seed(5);
  models::LstmHead head(golden_shape(), small_lstm(0));
  head.eval();
  const auto x = at::randn({8, 5}), other = at::randn({8, 5});
  auto alone = head.stream(), one = head.stream(), two = head.stream();
  const auto want = alone->push(x);
  std::vector<at::Tensor> got;
  for (int64_t t = 0; t < 8; ++t) {
    two->push(other.slice(0, t, t + 1));
    got.push_back(one->push(x.slice(0, t, t + 1)));
  }
  CHECK(distance(at::cat(got), want) <= 1e-6);
}

TEST_CASE("live matrix: products are those of the weights it keeps, and these near the given",
          "[models]") {
  torch::manual_seed(6);
  for (const auto& [rows, cols] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {3, 7}, {4, 16}, {5, 17}, {9, 33}, {2048, 384}, {5, 4100}}) {
    const auto weight = at::randn({rows, cols}), x = at::randn({cols}), start = at::randn({rows});
    for (const auto kind :
         {models::LiveWeights::float32, models::LiveWeights::bfloat16, models::LiveWeights::int8}) {
      const models::LiveMatrix matrix(weight, kind);
      auto y = start.clone();
      matrix.add_product(x.const_data_ptr<float>(), y.mutable_data_ptr<float>());
      const auto want =
          start.to(at::kDouble) + at::mv(matrix.dense().to(at::kDouble), x.to(at::kDouble));
      INFO(rows << " x " << cols << ", kind " << static_cast<int>(kind));
      // Beside int8 the vector counts in steps of its own: 1e-4 of what its largest value gives.
      CHECK(distance(y, want) <= (kind == models::LiveWeights::int8 ? 4e-3 : 2e-4));
      // Half a unit in the last place of bfloat16, half a step of int8.
      const auto largest = weight.abs().amax(1, /*keepdim=*/true);
      const auto allowed = kind == models::LiveWeights::float32 ? at::zeros_like(weight)
                           : kind == models::LiveWeights::bfloat16
                               ? weight.abs() / 256
                               : (largest / 253).expand_as(weight);
      CHECK(((matrix.dense() - weight).abs() <= allowed).all().item<bool>());
    }
  }
}

TEST_CASE("lstm: a stream with weights of bfloat16 or int8 is near the one of float32",
          "[models]") {
  torch::manual_seed(7);
  auto options = small_lstm();
  options.hidden = 64;
  models::LstmHead head(golden_shape(), options);
  head.eval();
  const at::NoGradGuard no_grad;
  const auto x = at::randn({200, 5});
  const auto whole = head.forward(x.unsqueeze(0), at::tensor({200}, at::kLong))[0];
  for (const auto kind : {models::LiveWeights::bfloat16, models::LiveWeights::int8}) {
    REQUIRE(head.set_stream_weights(kind));
    auto stream = head.stream();
    const auto got = at::cat({stream->push(x), stream->finish()});
    CHECK(distance(got, whole) <= 0.02);
    CHECK(distance(got, whole) > 0);
  }
}
