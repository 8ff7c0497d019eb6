#include "encoders/training.h"

#include <cmath>

#include "../models/golden.h"
#include "catch.h"
#include "edge/autocast.h"
#include "encoders/lora.h"
#include "encoders/masks.h"
#include "encoders/recompute.h"
#include "small_encoder.h"

using namespace kuchi;
using namespace kuchi::encoders;
using kuchi::test::distance;
using kuchi::test::noise;
using kuchi::test::parameter;
using kuchi::test::small_config;
using kuchi::test::small_encoder;

namespace {

/// The share of n places that `runs` runs hide, by counting: a place stays open if none of the
/// beginnings that would cover it was drawn, without replacement.
double expected_share(int64_t n, int64_t length, int64_t runs) {
  const int64_t places = n - length + 1;
  double hidden = 0;
  for (int64_t t = 0; t < n; ++t) {
    const int64_t covering = std::min(t, places - 1) - std::max<int64_t>(0, t - length + 1) + 1;
    double open = 1;
    for (int64_t r = 0; r < runs; ++r) {
      open *= std::max(
          0.0, static_cast<double>(places - covering - r) / static_cast<double>(places - r));
    }
    hidden += 1 - open;
  }
  return hidden / static_cast<double>(n);
}

struct Pass {
  at::Tensor y;
  std::vector<std::pair<std::string, at::Tensor>> gradients;
};

/// One training pass over two clips from a fixed state of the generator.
Pass pass(Encoder& encoder, const Training& training, bool bfloat16 = false) {
  encoder.set_training(training);
  encoder.train();
  for (auto& p : encoder.parameters()) p.mutable_grad() = at::Tensor();
  const std::vector<at::Tensor> clips = {noise(5000), noise(3000, 2)};
  torch::manual_seed(11);
  const auto y = [&] {
    const edge::Autocast narrow(at::kCPU, bfloat16 ? std::optional(at::kBFloat16) : std::nullopt);
    return encoder.forward(clips, {}).last;
  }();
  (y * at::linspace(-1, 1, y.numel()).view(y.sizes())).sum().backward();
  Pass out{y.detach(), {}};
  for (const auto& item : encoder.named_parameters()) {
    out.gradients.emplace_back(item.key(), item.value().grad());
  }
  return out;
}

}  // namespace

TEST_CASE("masks: the share that the formula promises, by counting", "[encoders]") {
  torch::manual_seed(3);
  struct Case {
    int64_t n;
    MaskOptions options;
    int64_t runs;  // where the number is the same every time
  };
  for (const auto& c : {Case{200, {0.3, 10, 0}, 6}, Case{500, {0.065, 10, 2}, -1},
                        Case{100, {0.01, 10, 2}, 2}, Case{768, {0.5, 64, 0}, 6}}) {
    constexpr int kDraws = 2000;
    double share = 0;
    for (int i = 0; i < kDraws; ++i) {
      share += draw_mask(c.n, c.options).to(at::kDouble).mean().item<double>();
    }
    share /= kDraws;
    double expected = 0;
    if (c.runs >= 0) {
      expected = expected_share(c.n, c.options.length, c.runs);
    } else {  // 3.25 on average: three of four times 3, else 4
      expected = 0.75 * expected_share(c.n, 10, 3) + 0.25 * expected_share(c.n, 10, 4);
    }
    INFO(c.n << " places, probability " << c.options.probability);
    CHECK(share == Approx(expected).epsilon(0.02));
  }
}

TEST_CASE("masks: hidden places stand in runs, and short clips are left whole", "[encoders]") {
  torch::manual_seed(4);
  for (int i = 0; i < 50; ++i) {
    const auto mask = draw_mask(60, {0.2, 7, 1});
    int64_t run = 0, shortest = 60;
    for (int64_t t = 0; t < 60; ++t) {
      if (mask[t].item<bool>()) {
        ++run;
      } else if (run > 0) {
        shortest = std::min(shortest, run);
        run = 0;
      }
    }
    CHECK(mask.any().item<bool>());
    CHECK(shortest >= 7);
  }
  CHECK_FALSE(draw_mask(6, {1, 7, 3}).any().item<bool>());
  CHECK(draw_mask(7, {1, 7, 3}).all().item<bool>());
  CHECK_FALSE(draw_mask(100, {0, 7, 3}).any().item<bool>());
}

TEST_CASE("masks: frames become the embedding, features nothing, each clip its own", "[encoders]") {
  torch::manual_seed(5);
  const Packed in{at::ones({120, 16}), {0, 70, 120}};
  const auto embedding = at::full({16}, 5.0);
  const auto time = masked(in, embedding, {{0.3, 10, 2}, {0, 4, 0}});
  const auto five = time.x.eq(5).all(1), one = time.x.eq(1).all(1);
  CHECK(five.logical_or(one).all().item<bool>());
  CHECK(five.narrow(0, 0, 70).any().item<bool>());
  CHECK(five.narrow(0, 70, 50).any().item<bool>());
  const auto feature = masked(in, embedding, {{0, 10, 2}, {0.5, 4, 0}});
  for (const int64_t begin : {0, 70}) {
    const auto clip = feature.x.narrow(0, begin, 50);
    CHECK(clip.eq(clip[0]).all().item<bool>());  // a feature is hidden throughout
    CHECK(clip[0].eq(0).any().item<bool>());
    CHECK(clip[0].eq(1).any().item<bool>());
  }
  CHECK(at::equal(masked(in, embedding, {}).x, in.x));
}

TEST_CASE("checkpointing: the same gradients to the bit, with dropout and layer drop",
          "[encoders]") {
  for (const auto family : {Family::wav2vec2, Family::wavlm}) {
    auto encoder = small_encoder(small_config(family));
    add_lora(*encoder, {2, 4, 0.1, {"q", "down"}}, 3);
    {
      const at::NoGradGuard no_grad;
      parameter(*encoder, "encoder.layers.1.attention.q_proj.lora_b").fill_(0.3);
    }
    Training training;
    training.dropouts = {false, 0.2, 0.1, 0.1, 0.1};
    training.layer_drop = 0.3;
    for (const bool frozen : {false, true}) {  // true: nothing before the first layer learns
      training.frozen_input = frozen;
      training.checkpointing = false;
      const auto plain = pass(*encoder, training);
      training.checkpointing = true;
      const auto again = pass(*encoder, training);
      CHECK(at::equal(plain.y, again.y));
      int with = 0;
      for (size_t i = 0; i < plain.gradients.size(); ++i) {
        const auto& a = plain.gradients[i].second;
        const auto& b = again.gradients[i].second;
        INFO(plain.gradients[i].first);
        REQUIRE(a.defined() == b.defined());
        if (!a.defined()) continue;
        ++with;
        // The layers of WavLM share their table: theirs are added up in another order.
        const bool shared = plain.gradients[i].first.find("rel_attn_embed") != std::string::npos;
        if (shared) CHECK(distance(a, b) <= 1e-6 * a.abs().max().item<double>());
        if (!shared) CHECK(at::equal(a, b));
      }
      CHECK(with > 20);
    }
  }
}

TEST_CASE("checkpointing: what runs again has the products that it had", "[encoders]") {
  const auto x = at::ones({2, 2}).requires_grad_(), w = at::ones({2, 2}).requires_grad_();
  std::vector<std::optional<at::ScalarType>> seen;
  const auto body = [&](const at::Tensor& in) {
    seen.push_back(edge::autocast_type(at::kCPU));
    return at::mm(in, w).to(at::kFloat);
  };
  const auto y = [&] {
    const edge::Autocast narrow(at::kCPU, at::kBFloat16);
    return recomputed(body, x, {w});
  }();
  y.sum().backward();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == at::kBFloat16);
  CHECK(seen[1] == at::kBFloat16);
  CHECK_FALSE(edge::autocast_type(at::kCPU).has_value());
  CHECK(w.grad().scalar_type() == at::kFloat);
}

TEST_CASE("checkpointing: in bfloat16 a layer is run again as it was", "[encoders]") {
  for (const auto family : {Family::wav2vec2, Family::hubert, Family::wavlm}) {
    auto encoder = small_encoder(small_config(family));
    Training training;
    training.dropouts = {false, 0.2, 0.1, 0.1, 0.1};
    const auto wide = pass(*encoder, training), plain = pass(*encoder, training, true);
    training.checkpointing = true;
    const auto again = pass(*encoder, training, true);
    CHECK(plain.y.scalar_type() == at::kFloat);
    CHECK(at::equal(plain.y, again.y));
    const double off = distance(plain.y, wide.y);
    CHECK(off > 0);
    CHECK(off <= 0.05 * wide.y.abs().max().item<double>());
    int with = 0;
    for (size_t i = 0; i < plain.gradients.size(); ++i) {
      const auto& [name, a] = plain.gradients[i];
      const auto& b = again.gradients[i].second;
      INFO(name);
      REQUIRE(a.defined() == b.defined());
      if (!a.defined()) continue;
      ++with;
      CHECK(a.scalar_type() == at::kFloat);
      // Gradients are rounded where they are added up, in another order; those of keys' biases are
      // nothing but that.
      CHECK(distance(a, b) <= 0.05 * a.abs().max().item<double>() + 1e-2);
    }
    CHECK(with > 20);
  }
}

TEST_CASE("layer drop: so many layers are left out, and none in evaluation", "[encoders]") {
  auto encoder = small_encoder(small_config());
  Training training;
  training.layer_drop = 0.25;
  encoder->set_training(training);
  const at::NoGradGuard no_grad;
  const auto front = encoder->project(encoder->front_end({noise(1000)}));
  const auto wanted = Wanted::all(encoder->config().layers);
  const auto dropped = [&](int passes) {
    int count = 0;
    for (int i = 0; i < passes; ++i) {
      const auto hidden = encoder->transform(front, wanted).layers;
      for (size_t l = 1; l < hidden.size(); ++l) count += at::equal(hidden[l], hidden[l - 1]);
    }
    return count;
  };
  torch::manual_seed(9);
  encoder->train();
  const int count = dropped(400);  // of 1200: 300 expected, standard deviation 15
  CHECK(count > 240);
  CHECK(count < 360);
  encoder->eval();
  CHECK(dropped(20) == 0);
}

TEST_CASE("lora: nothing changes at first, and merged weights say the same", "[encoders]") {
  for (const bool pre_norm : {false, true}) {
    auto encoder = small_encoder(small_config(Family::wav2vec2, pre_norm));
    encoder->eval();
    const std::vector<at::Tensor> clip = {noise(4000)};
    const at::NoGradGuard no_grad;
    const auto before = encoder->forward(clip, {}).last;
    add_lora(*encoder, {4, 8, 0, lora_targets()}, 3);
    CHECK(at::equal(encoder->forward(clip, {}).last, before));
    for (const auto& item : encoder->named_parameters()) {
      if (item.key().find("lora_b") != std::string::npos) item.value().normal_(0, 0.1);
    }
    const auto adapted = encoder->forward(clip, {}).last;
    CHECK(distance(adapted, before) > 0.05);
    const auto& q = encoder->layers()[1].attention.q;
    const auto by_hand = q.weight + 2 * at::mm(q.lora_b, q.lora_a);  // alpha / rank = 2
    CHECK(distance(q.merged(), by_hand) <= 1e-6);
    auto plain = small_encoder(small_config(Family::wav2vec2, pre_norm));
    plain->eval();
    for (size_t i = 0; i < 3; ++i) {
      auto& from = encoder->layers()[i];
      auto& to = plain->layers()[i];
      to.attention.q.weight.copy_(from.attention.q.merged());
      to.attention.k.weight.copy_(from.attention.k.merged());
      to.attention.v.weight.copy_(from.attention.v.merged());
      to.attention.out.weight.copy_(from.attention.out.merged());
      to.up.weight.copy_(from.up.merged());
      to.down.weight.copy_(from.down.merged());
    }
    CHECK(distance(plain->forward(clip, {}).last, adapted) <= 1e-5);
    encoder->freeze_for_inference();
    CHECK(distance(encoder->forward(clip, {}).last, adapted) <= 1e-5);
  }
}

TEST_CASE("frozen layers: the same values, and no gradient below", "[encoders]") {
  auto encoder = small_encoder(small_config());
  const auto whole = pass(*encoder, {});
  Training training;
  training.frozen_input = true;
  training.frozen_layers = 2;
  const auto top = pass(*encoder, training);
  CHECK(distance(whole.y, top.y) <= 1e-5);
  for (size_t i = 0; i < whole.gradients.size(); ++i) {
    const auto& [name, gradient] = top.gradients[i];
    INFO(name);
    const bool upper = name.rfind("encoder.layers.2.", 0) == 0;
    CHECK(gradient.defined() == upper);
    if (upper) CHECK(distance(gradient, whole.gradients[i].second) <= 1e-4);
  }
}
