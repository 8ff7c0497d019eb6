#include <algorithm>

#include "catch.h"
#include "data/store_layout.h"
#include "features/features.h"

using namespace kuchi;
using features::Options;

namespace {

/// States whose first value is their row and whose second is its square.
class Ramp : public features::Source {
 public:
  Matrix states(std::span<const float> samples) const override {
    Matrix out((static_cast<int64_t>(samples.size()) - 400) / 320 + 1, 2);
    for (int64_t k = 0; k < out.rows; ++k) {
      out(k, 0) = static_cast<float>(k);
      out(k, 1) = static_cast<float>(k * k);
    }
    return out;
  }
};

Options encoder_options(const std::string& layer = "last", int64_t stack = 1) {
  Options o;
  o.kind = "encoder";
  o.layer = layer;
  o.stack = stack;
  o.facts = {"wavlm", "0123456789abcdef", 2, 12, 0.02, 0.0125};
  o.source = std::make_shared<Ramp>();
  return o;
}

}  // namespace

TEST_CASE("encoder features: a frame lies between the states around its time", "[features]") {
  const std::vector<float> samples(16000);  // 49 states, the last at 0.9725 s
  const auto x = features::compute(encoder_options(), samples, 30, 30);
  REQUIRE(x.rows == 30);
  REQUIRE(x.cols == 2);
  for (int64_t j = 0; j < 30; ++j) {
    const double place = std::clamp((static_cast<double>(j) / 30 - 0.0125) / 0.02, 0.0, 48.0);
    CHECK(x(j, 0) == Approx(place).margin(1e-5));
  }
  CHECK(x(0, 0) == 0);                                // before the first state: that state
  CHECK(x(3, 1) == Approx(0.625 * 16 + 0.375 * 25));  // 0.1 s is at 4.375
}

TEST_CASE("encoder features: neighbours of a stack are the encoder's hop apart", "[features]") {
  const std::vector<float> samples(16000);
  const auto x = features::compute(encoder_options("last", 3), samples, 10, 9);
  REQUIRE(x.cols == 6);
  for (int64_t i = 0; i < 3; ++i) {
    CHECK(x(5, 2 * i) == Approx((0.5 - 0.0125) / 0.02 + static_cast<double>(i - 1)));
  }
}

TEST_CASE("encoder features: the name says encoder, layer and stack; weighted is stored as all",
          "[features]") {
  CHECK(features::signature(encoder_options("9", 1)) == "wavlm-0123456789abcdef-layer9-stack1");
  CHECK(features::signature(encoder_options()) == "wavlm-0123456789abcdef-last-stack1");
  CHECK(features::signature(encoder_options("all")) ==
        features::signature(encoder_options("weighted")));
  CHECK(features::dim(encoder_options("9", 3)) == 6);
  CHECK(features::dim(encoder_options("all")) == 26);
}

TEST_CASE("encoder features: a store says whose they are, not where that lay", "[features]") {
  auto o = encoder_options("weighted", 3);
  o.encoder = "/some/where";
  const auto yaml = data::layout::features_to_yaml(o);
  CHECK(yaml.find("/some/where") == std::string::npos);
  const auto back = data::layout::parse_features(yaml, "store");
  CHECK(features::signature(back) == features::signature(o));
  CHECK(features::dim(back) == features::dim(o));
  CHECK_THROWS(data::layout::parse_features("kind: encoder\n", "store"));
  CHECK(data::layout::features_to_yaml(Options()) == "kind: logmel\nstack: 3\n");
}
