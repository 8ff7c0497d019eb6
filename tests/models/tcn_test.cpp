#include "models/tcn.h"

#include <ATen/ATen.h>

#include <functional>

#include "golden_head.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

models::TcnOptions small(bool causal, int64_t lookahead = 0) {
  models::TcnOptions o;
  o.width = 4;
  o.blocks = 2;
  o.kernel = causal ? 2 : 3;
  o.output = {5};
  o.causal = causal;
  o.lookahead = lookahead;
  return o;
}

/// The message of options that are refused; "" where none are.
std::string mistake(const std::vector<std::string>& overrides) {
  models::TcnKind kind;
  config::Schema schema;
  kind.describe(schema.section("model.tcn"));
  std::vector<config::Assignment> all;
  for (const auto& text : overrides) all.push_back(config::parse_override(text));
  schema.apply(all);
  try {
    kind.check([](const std::string& name) { return Location{name}; });
  } catch (const UserError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("tcn: values and all gradients are PyTorch's, alone and in a padded batch", "[models]") {
  models::TcnHead centred(golden_shape(), small(false));
  check_golden(centred, golden("tcn"));
  models::TcnHead causal(golden_shape(), small(true, 1));
  check_golden(causal, golden("tcn_causal"));
}

TEST_CASE("tcn: gradients are the numeric ones, in double", "[models]") {
  torch::manual_seed(1);
  models::TcnHead centred(golden_shape(), small(false));
  check_gradients_numerically(centred, 5);
  models::TcnHead causal(golden_shape(), small(true, 3));
  check_gradients_numerically(causal, 5);
}

TEST_CASE("tcn: a clip's result does not depend on the clips beside it", "[models]") {
  torch::manual_seed(2);
  models::TcnHead centred(golden_shape(), small(false));
  check_padding(centred, 5);
  models::TcnHead causal(golden_shape(), small(true, 2));
  check_padding(causal, 5);
}

TEST_CASE("tcn: a frame hears so many frames ahead and none beyond", "[models]") {
  torch::manual_seed(3);
  models::TcnHead centred(golden_shape(), small(false));
  CHECK(centred.lookahead_frames() == 6);  // 2 convolutions × (1 + 2) frames to a side
  check_lookahead(centred, 5, 6);
  for (const int64_t lookahead : {0, 4}) {
    models::TcnHead causal(golden_shape(), small(true, lookahead));
    CHECK(causal.lookahead_frames() == lookahead);
    check_lookahead(causal, 5, lookahead);
  }
}

TEST_CASE("tcn: a stream in pieces of any size is the whole clip", "[models]") {
  torch::manual_seed(4);
  models::TcnHead centred(golden_shape(), small(false));
  models::TcnHead causal(golden_shape(), small(true, 2));
  auto options = small(true);
  options.kernel = 5;
  options.growth = 3;
  options.blocks = 3;
  models::TcnHead wide(golden_shape(), options);
  for (const int64_t frames : {0, 1, 2, 6, 7, 13, 300}) {
    check_stream(centred, 5, frames);
    check_stream(causal, 5, frames);
    check_stream(wide, 5, frames);
  }
}

TEST_CASE("tcn: options that cannot go together are refused with their place", "[models]") {
  CHECK(mistake({}).empty());
  CHECK(mistake({"model.tcn.causal=true", "model.tcn.lookahead=3", "model.tcn.kernel=2"}).empty());
  CHECK(mistake({"model.tcn.lookahead=3"}).find("model.tcn.causal=true") != std::string::npos);
  CHECK(mistake({"model.tcn.kernel=4"}).find("model.tcn.kernel: an even kernel (4)") == 0);
  CHECK(mistake({"model.tcn.blocks=16", "model.tcn.growth=2"}).find("model.tcn.growth") == 0);
}
