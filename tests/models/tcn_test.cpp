#include "models/tcn.h"

#include <ATen/ATen.h>

#include "caught.h"
#include "golden_head.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

models::TcnOptions small_tcn(bool causal, int64_t lookahead = 0) {
  models::TcnOptions o;
  o.width = 4;
  o.blocks = 2;
  o.kernel = causal ? 2 : 3;
  o.output = {5};
  o.causal = causal;
  o.lookahead = lookahead;
  return o;
}

/// What is said of options; "" where they are taken.
std::string told_of(const std::vector<std::string>& overrides) {
  models::TcnKind kind;
  config::Schema schema;
  kind.describe(schema.section("model.tcn"));
  std::vector<config::Assignment> all;
  for (const auto& text : overrides) all.push_back(config::parse_override(text));
  schema.apply(all);
  return caught([&] { kind.check([](const std::string& name) { return Location{name}; }); }).text;
}

}  // namespace

TEST_CASE("tcn: values and all gradients are PyTorch's, alone and in a padded batch", "[models]") {
  models::TcnHead centred(golden_shape(), small_tcn(false));
  check_golden(centred, golden("tcn"), kGoldenLengths);
  models::TcnHead causal(golden_shape(), small_tcn(true, 1));
  check_golden(causal, golden("tcn_causal"), kGoldenLengths);
}

TEST_CASE("tcn: gradients are the numeric ones, in double", "[models]") {
  torch::manual_seed(1);
  models::TcnHead centred(golden_shape(), small_tcn(false));
  check_gradients_numerically(centred, 5);
  models::TcnHead causal(golden_shape(), small_tcn(true, 3));
  check_gradients_numerically(causal, 5);
}

TEST_CASE("tcn: a clip's result does not depend on the clips beside it", "[models]") {
  torch::manual_seed(2);
  models::TcnHead centred(golden_shape(), small_tcn(false));
  check_padding(centred, 5);
  models::TcnHead causal(golden_shape(), small_tcn(true, 2));
  check_padding(causal, 5);
}

TEST_CASE("tcn: a frame hears so many frames ahead and none beyond", "[models]") {
  torch::manual_seed(3);
  models::TcnHead centred(golden_shape(), small_tcn(false));
  CHECK(centred.lookahead_frames() == 6);  // 2 convolutions × (1 + 2) frames to a side
  check_lookahead(centred, 5, 6);
  for (const int64_t lookahead : {0, 4}) {
    models::TcnHead causal(golden_shape(), small_tcn(true, lookahead));
    CHECK(causal.lookahead_frames() == lookahead);
    check_lookahead(causal, 5, lookahead);
  }
}

TEST_CASE("tcn: a stream in pieces of any size is the whole clip", "[models]") {
  torch::manual_seed(4);
  models::TcnHead centred(golden_shape(), small_tcn(false));
  models::TcnHead causal(golden_shape(), small_tcn(true, 2));
  auto options = small_tcn(true);
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
  CHECK(told_of({}).empty());
  CHECK(told_of({"model.tcn.causal=true", "model.tcn.lookahead=3", "model.tcn.kernel=2"}).empty());
  CHECK(told_of({"model.tcn.lookahead=3"}).find("model.tcn.causal=true") != std::string::npos);
  CHECK(told_of({"model.tcn.kernel=4"}).find("model.tcn.kernel: an even kernel (4)") == 0);
  // Under an encoder its options are asked for too.
  config::Schema schema;
  models::Options options;
  models::describe(schema.section("model"), options);
  schema.apply({config::parse_override("model.head=wav2vec2"),
                config::parse_override("model.wav2vec2.head=tcn"),
                config::parse_override("model.tcn.kernel=4")});
  const auto told = caught(
      [&] { options.chosen().check([](const std::string& name) { return Location{name}; }); });
  CHECK(told.has("an even kernel (4)"));
  CHECK(told_of({"model.tcn.blocks=16", "model.tcn.growth=2"}).find("model.tcn.growth") == 0);
}
