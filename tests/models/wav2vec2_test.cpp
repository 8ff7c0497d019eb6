#include "models/wav2vec2.h"

#include <cmath>
#include <functional>

#include "../caught.h"
#include "../encoders/small_encoder.h"
#include "catch.h"
#include "config/schema.h"
#include "golden.h"
#include "models/light.h"

using namespace kuchi;
using namespace kuchi::models;
using namespace kuchi::test;
using kuchi::test::distance;
using kuchi::test::noise;
using kuchi::test::small_config;
using kuchi::test::small_encoder;

namespace {

using Head = Wav2vec2Head;

std::shared_ptr<Head> make_head(const Wav2vec2Options& options,
                                const encoders::EncoderConfig& config = small_config(),
                                double fps = 30) {
  Base base{small_encoder(config), "/somewhere", "0123456789abcdef"};
  Shape shape;
  shape.features = config.hidden;
  shape.curves = {{0, 1}, {-1, 1}, {0, 100}};
  torch::manual_seed(21);
  return std::make_shared<Head>(options, base, std::make_shared<LightHead>(shape), fps);
}

/// No dropout, no masks: the loss is a function of the weights.
Wav2vec2Options still(Tune tune) {
  Wav2vec2Options o;
  o.tune = tune;
  o.top_layers = 2;
  o.dropout = o.layer_drop = o.mask_time_prob = 0;
  return o;
}

at::Tensor lengths(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }

std::string message(const std::function<void()>& act) {
  try {
    act();
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::config);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("wav2vec2: gradients are those of differences, with adapters and of top layers",
          "[models]") {
  for (const auto tune : {Tune::top, Tune::lora, Tune::all}) {
    for (const bool checkpointing : {false, true}) {
      auto options = still(tune);
      options.checkpointing = checkpointing;
      options.layer = "weighted";
      options.front_end = tune == Tune::all;
      auto head = make_head(options);
      head->train();
      const std::vector<at::Tensor> clips = {noise(6000), noise(4000, 2)};
      const auto loss = [&] {
        const auto y = head->hear(clips, lengths({11, 7}), {}).to(at::kDouble);
        return y[0].square().mean() + y[1].narrow(0, 0, 7).sin().mean();
      };
      std::vector<at::Tensor> learning;
      for (const auto& item : head->named_parameters()) {
        if (!item.value().requires_grad()) continue;
        learning.push_back(item.value());
        if (item.key().find("lora_b") != std::string::npos) {
          item.value().detach().normal_(0, 0.2);
        }
      }
      loss().backward();
      // Along the gradient itself, so that the difference is large against float32's noise.
      double squared = 0;
      std::vector<at::Tensor> step;
      for (const auto& p : learning) {
        step.push_back(p.grad().defined() ? p.grad().clone() : at::zeros_like(p));
        squared += step.back().to(at::kDouble).square().sum().item<double>();
      }
      const at::NoGradGuard no_grad;
      const double size = 2e-3 / std::sqrt(squared);
      const auto at = [&](double scale) {
        for (size_t i = 0; i < learning.size(); ++i) learning[i].add_(step[i], scale);
        const double value = loss().item<double>();
        for (size_t i = 0; i < learning.size(); ++i) learning[i].sub_(step[i], scale);
        return value;
      };
      const double slope = (at(size) - at(-size)) / (2 * size);
      INFO("tune " << static_cast<int>(tune) << ", checkpointing " << checkpointing);
      CHECK(slope == Approx(squared).epsilon(0.02));
    }
  }
}

TEST_CASE("wav2vec2: what learns and at which rate", "[models]") {
  const auto rates = [](const Wav2vec2Options& o, bool pre_norm = false) {
    auto head = make_head(o, small_config(encoders::Family::wav2vec2, pre_norm));
    std::map<std::string, double> out;
    for (const auto& item : head->named_parameters()) {
      if (!item.value().requires_grad()) continue;
      const auto t = head->treatment(item.key(), item.value());
      CHECK(t.decays == (item.value().dim() > 1));
      out[item.key()] = t.lr_factor;
    }
    return out;
  };
  auto o = still(Tune::top);
  o.lr_scale = 0.1;
  o.layer_decay = 0.5;
  auto top = rates(o);
  CHECK(top.at("head.output.weight") == 1);
  CHECK(top.at("norm.bias") == 1);
  CHECK(top.at("encoder.encoder.layers.2.final_layer_norm.bias") == Approx(0.1));
  CHECK(top.at("encoder.encoder.layers.1.attention.q_proj.weight") == Approx(0.05));
  CHECK(top.count("encoder.encoder.layers.0.attention.q_proj.weight") == 0);
  CHECK(top.count("encoder.encoder.layer_norm.weight") == 0);
  CHECK(top.size() == 4 + 2 * 16);
  CHECK(rates(o, true).at("encoder.encoder.layer_norm.weight") == Approx(0.1));

  o.layer = "2";  // the top is counted from what is heard
  o.top_layers = 1;
  auto second = rates(o);
  CHECK(second.size() == 4 + 16);
  CHECK(second.at("encoder.encoder.layers.1.attention.q_proj.weight") == Approx(0.1));

  auto all = rates([&] {
    auto a = still(Tune::all);
    a.layer_decay = 0.5;
    return a;
  }());
  CHECK(all.at("encoder.feature_projection.projection.weight") == Approx(0.1 / 8));
  CHECK(all.at("encoder.encoder.pos_conv_embed.conv.weight") == Approx(0.1 / 8));
  CHECK(all.count("encoder.feature_extractor.conv_layers.0.conv.weight") == 0);
  CHECK(all.count("encoder.masked_spec_embed") == 0);  // never seen without masks

  auto lora = rates(still(Tune::lora));
  CHECK(lora.size() == 4 + 3 * 4);
  CHECK(lora.at("encoder.encoder.layers.0.attention.v_proj.lora_a") == Approx(0.1));
  CHECK(rates(still(Tune::frozen)).size() == 4);
}

TEST_CASE("wav2vec2: a checkpoint names what learnt, or everything", "[models]") {
  for (const auto tune : {Tune::frozen, Tune::top, Tune::lora, Tune::all}) {
    auto o = still(tune);
    o.layer = "weighted";
    auto head = make_head(o);
    for (const auto& item : head->named_parameters()) {
      INFO(item.key());
      CHECK(head->is_saved(item.key()) == item.value().requires_grad());
    }
    CHECK(head->metadata().at("encoder_saved") == "changed");
    o.save = Save::all;
    head = make_head(o);
    for (const auto& item : head->named_parameters()) CHECK(head->is_saved(item.key()));
    CHECK(head->metadata().at("encoder_saved") == "all");
  }
}

TEST_CASE("wav2vec2: encoder frames come to curve frames by their centres", "[models]") {
  const auto config = small_config();  // frame k at 12.5 ms + k · 20 ms
  const auto ramp = at::arange(6, at::kFloat).unsqueeze(1);
  const auto at50 = at_curve_frames(ramp, config, 50, 6);  // j · 20 ms: 0.625 frames earlier
  for (int64_t j = 1; j < 6; ++j) CHECK(at50[j].item<double>() == Approx(j - 0.625).epsilon(1e-6));
  CHECK(at50[0].item<double>() == 0);
  const auto at30 = at_curve_frames(ramp, config, 30, 5);
  CHECK(at30[1].item<double>() == Approx((1.0 / 30 - 0.0125) / 0.02).epsilon(1e-6));
  CHECK(at30[4].item<double>() == 5);  // 133 ms: beyond the last centre, 112.5 ms
  CHECK(distance(at_curve_frames(ramp, config, 120, 1), at::zeros({1, 1})) == 0);
}

TEST_CASE("wav2vec2: a clip's curves are its own, in a batch and when it is very short",
          "[models]") {
  for (const auto* layer : {"last", "weighted", "1"}) {
    auto o = still(Tune::frozen);
    o.layer = layer;
    auto head = make_head(o);
    head->eval();
    const at::NoGradGuard no_grad;
    const std::vector<at::Tensor> clips = {noise(8000), noise(300, 2), noise(2400, 3), noise(1, 4)};
    const auto counts = lengths({15, 1, 4, 1});
    const auto together = head->hear(clips, counts, {});
    CHECK(together.sizes().vec() == std::vector<int64_t>{4, 15, 3});
    for (int64_t i = 0; i < 4; ++i) {
      const int64_t n = counts[i].item<int64_t>();
      const auto alone = head->hear({clips[static_cast<size_t>(i)]}, counts.narrow(0, i, 1), {});
      const auto scale = at::tensor({1.0, 1.0, 0.01});  // the third curve runs to 100
      CHECK(distance(alone[0] * scale, together[i].narrow(0, 0, n) * scale) <= 1e-5);
      CHECK(at::isfinite(alone).all().item<bool>());
    }
  }
}

TEST_CASE("wav2vec2: frozen for inference it says the same", "[models]") {
  for (const auto tune : {Tune::frozen, Tune::lora, Tune::top}) {
    auto head = make_head(still(tune));
    head->eval();
    const at::NoGradGuard no_grad;
    for (const auto& item : head->named_parameters()) {
      if (item.key().find("lora_b") != std::string::npos) item.value().normal_(0, 0.2);
    }
    const auto before = head->hear({noise(8000)}, lengths({15}), {});
    head->freeze_for_inference();
    const auto after = head->hear({noise(8000)}, lengths({15}), {});
    CHECK(distance(before.narrow(2, 0, 2), after.narrow(2, 0, 2)) <= 1e-5);
    for (const auto& p : head->parameters()) CHECK_FALSE(p.requires_grad());
  }
}

TEST_CASE("wav2vec2: masks and dropout act in training alone", "[models]") {
  auto o = still(Tune::frozen);
  o.mask_time_prob = 0.5;
  o.mask_time_length = 3;
  auto head = make_head(o);
  const auto hear = [&](uint64_t seed) {
    torch::manual_seed(seed);
    return head->hear({noise(8000)}, lengths({15}), {}).detach();
  };
  head->train();
  const auto clip = noise(8000);
  torch::manual_seed(1);
  const auto a = head->hear({clip}, lengths({15}), {}).detach();
  torch::manual_seed(2);
  const auto b = head->hear({clip}, lengths({15}), {}).detach();
  torch::manual_seed(1);
  CHECK(at::equal(head->hear({clip}, lengths({15}), {}).detach(), a));
  CHECK_FALSE(at::equal(a, b));
  head->eval();
  CHECK(at::equal(hear(1), hear(2)));
}

TEST_CASE("wav2vec2: layers that the encoder has not are refused", "[models]") {
  auto o = still(Tune::top);
  o.encoder = "some/encoder";
  o.top_layers = 4;
  auto text = message([&] { choose_layer(o, 3); });
  CHECK(has(text, "top_layers is 4"));
  CHECK(has(text, "some/encoder has 3 layers"));
  o.layer = "7";
  text = message([&] { choose_layer(o, 3); });
  CHECK(has(text, "layer is 7"));
  CHECK(has(text, "0 to 3, last or weighted"));
  o.layer = "0";
  o.tune = Tune::lora;
  CHECK(has(message([&] { choose_layer(o, 3); }), "layer is 0"));
  o.layer = "2";
  CHECK(choose_layer(o, 3).index == 2);
}
