#include "models/hybrid.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include "attention_golden.h"

using namespace kuchi;
using namespace kuchi::test;
using models::Arrangement;
using models::HybridOptions;
using models::Position;
using models::Sight;

namespace {

/// The sizes of make_transformer.py.
HybridOptions small_hybrid(Arrangement arrangement, bool bidirectional = true) {
  HybridOptions o;
  o.arrangement = arrangement;
  o.bidirectional = bidirectional;
  o.hidden = 3;
  o.lstm_layers = 2;
  o.output = {6};
  o.transformer.width = 8;
  o.transformer.heads = 2;
  o.transformer.feed_forward = 12;
  o.transformer.positions = Position::sinusoidal;
  return o;
}

HybridOptions live_hybrid(Arrangement arrangement, Sight attention, int64_t left, int64_t right) {
  auto o = small_hybrid(arrangement, false);
  o.transformer.positions = Position::rotary;
  o.transformer.attention = attention;
  o.transformer.left = left;
  o.transformer.right = right;
  return o;
}

const std::vector<Arrangement> kArrangements = {
    Arrangement::attention_over_lstm, Arrangement::lstm_over_attention, Arrangement::parallel};

std::shared_ptr<models::HybridHead> make_hybrid(const HybridOptions& o) {
  return std::make_shared<models::HybridHead>(golden_shape(), o);
}

std::map<std::string, HybridOptions> hybrid_cases() {
  return {{"attention_over_lstm", small_hybrid(Arrangement::attention_over_lstm)},
          {"lstm_over_attention", small_hybrid(Arrangement::lstm_over_attention)},
          {"parallel", small_hybrid(Arrangement::parallel)},
          {"live", live_hybrid(Arrangement::parallel, Sight::windowed, 5, 2)}};
}

}  // namespace

TEST_CASE("hybrid: values and all gradients are PyTorch's, alone and in a padded batch",
          "[models]") {
  for (const auto& [name, options] : hybrid_cases()) {
    INFO(name);
    const auto numbers = golden("hybrid_" + name);
    const auto head = make_hybrid(options);
    check_golden(*head, numbers, kAttentionLengths);
  }
}

TEST_CASE("hybrid: gradients are what differences say, in double", "[models]") {
  torch::manual_seed(51);
  for (const auto& [name, options] : hybrid_cases()) {
    INFO(name);
    const auto head = make_hybrid(options);
    check_numerically(*head, at::randn({2, 56, 5}), at::tensor({56, 11}, at::kLong));
  }
}

TEST_CASE("hybrid: a clip's result does not depend on the clips beside it", "[models]") {
  torch::manual_seed(52);
  for (const auto& [name, options] : hybrid_cases()) {
    INFO(name);
    const auto head = make_hybrid(options);
    head->eval();
    check_alone(*head, {70, 9, 1, 64, 64, 33}, 5);
  }
}

TEST_CASE("hybrid: a stream gives the whole clip's curves, in pieces of any size", "[models]") {
  torch::manual_seed(53);
  for (const auto arrangement : kArrangements) {
    for (const auto& options : {live_hybrid(arrangement, Sight::windowed, 6, 3),
                                live_hybrid(arrangement, Sight::causal, 9, 0)}) {
      const auto head = make_hybrid(options);
      head->eval();
      for (const auto& pieces : std::vector<std::vector<int64_t>>{{1}, {7}, {0, 3, 40}, {1000}}) {
        check_stream(*head, 90, 5, pieces);
        check_stream(*head, 2, 5, pieces);
      }
    }
  }
}

TEST_CASE("hybrid: what needs the whole clip has no stream", "[models]") {
  for (const auto arrangement : kArrangements) {
    auto both = live_hybrid(arrangement, Sight::windowed, 6, 3);
    both.bidirectional = true;
    CHECK(make_hybrid(both)->stream() == nullptr);
    CHECK(!make_hybrid(both)->lookahead_frames());
    CHECK(make_hybrid(both)->how_to_stream().find("model.hybrid.bidirectional=false") !=
          std::string::npos);
    CHECK(make_hybrid(live_hybrid(arrangement, Sight::causal, -1, 0))->stream() == nullptr);
    CHECK(make_hybrid(live_hybrid(arrangement, Sight::full, 1, 1))->stream() == nullptr);
  }
}

TEST_CASE("hybrid: long clips in pieces are the clips in one", "[models]") {
  torch::manual_seed(54);
  for (const auto arrangement : kArrangements) {
    const auto head = make_hybrid(live_hybrid(arrangement, Sight::windowed, 20, 6));
    head->eval();
    const auto x = at::randn({2, 1500, 5});
    const auto lengths = at::tensor({1500, 40}, at::kLong);
    const auto whole = head->forward(x, lengths).detach();
    const at::NoGradGuard no_grad;
    const auto pieces = head->forward(x, lengths);
    CHECK(distance(pieces[0], whole[0]) <= 1e-5);
    CHECK(distance(pieces[1].narrow(0, 0, 40), whole[1].narrow(0, 0, 40)) <= 1e-5);
  }
}

TEST_CASE("hybrid: a start at the mean is the mean, once the last weights are nothing",
          "[models]") {
  const auto head = make_hybrid(small_hybrid(Arrangement::parallel));
  const auto mean = at::tensor({0.25, -0.4, 1.2, 0.05}, at::kFloat);
  head->start_at(mean);
  REQUIRE(head->by_curve() == std::vector<std::string>{"output.3.weight", "output.3.bias"});
  {
    const at::NoGradGuard no_grad;
    head->named_parameters()["output.3.weight"].zero_();
  }
  head->eval();
  const auto y = head->forward(at::randn({2, 3, 5}), at::full({2}, 3, at::kLong));
  CHECK(distance(y, mean.expand({2, 3, 4})) <= 1e-6);
}
