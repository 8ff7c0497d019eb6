#include "models/lstm_head.h"

#include <ATen/ATen.h>

#include "golden_head.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

models::LstmOptions small(int64_t lookahead = 2) {
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
  models::LstmHead head(golden_shape(), small());
  check_golden(head, golden("lstm"));
}

TEST_CASE("lstm: gradients are the numeric ones, in double", "[models]") {
  torch::manual_seed(1);
  for (const int64_t lookahead : {0, 3}) {
    models::LstmHead head(golden_shape(), small(lookahead));
    check_gradients_numerically(head, 5);
  }
}

TEST_CASE("lstm: a clip's result does not depend on the clips beside it", "[models]") {
  torch::manual_seed(2);
  for (const int64_t lookahead : {0, 2, 10}) {
    models::LstmHead head(golden_shape(), small(lookahead));
    check_padding(head, 5);
  }
}

TEST_CASE("lstm: a frame hears so many frames ahead and none beyond", "[models]") {
  torch::manual_seed(3);
  for (const int64_t lookahead : {0, 1, 10}) {
    models::LstmHead head(golden_shape(), small(lookahead));
    CHECK(head.lookahead_frames() == lookahead);
    check_lookahead(head, 5, lookahead);
  }
}

TEST_CASE("lstm: a stream in pieces of any size is the whole clip", "[models]") {
  torch::manual_seed(4);
  for (const int64_t lookahead : {0, 2, 10}) {
    models::LstmHead head(golden_shape(), small(lookahead));
    for (const int64_t frames : {0, 1, 2, 3, 11, 300}) check_stream(head, 5, frames);
  }
  auto options = small();
  options.projection = {};
  options.layers = 3;
  models::LstmHead bare(golden_shape(), options);
  check_stream(bare, 5, 100);
}

TEST_CASE("lstm: two streams of one head do not know of each other", "[models]") {
  torch::manual_seed(5);
  models::LstmHead head(golden_shape(), small(0));
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
