#include "models/transformer.h"

#include <ATen/ATen.h>
#include <malloc.h>
#include <torch/utils.h>

#include <fstream>

#include "attention_golden.h"
#include "models/model.h"

using namespace kuchi;
using namespace kuchi::test;
using models::NormPlace;
using models::Position;
using models::Sight;
using models::TransformerOptions;

namespace {

/// The sizes of make_transformer.py.
TransformerOptions small_transformer() {
  TransformerOptions o;
  o.width = 8;
  o.heads = 2;
  o.feed_forward = 12;
  o.layers = 2;
  o.learned_positions = 40;
  return o;
}

TransformerOptions small_transformer(Position positions, NormPlace norm,
                                     Sight attention = Sight::full, int64_t left = 0,
                                     int64_t right = 0) {
  auto o = small_transformer();
  o.positions = positions;
  o.norm = norm;
  o.attention = attention;
  o.left = left;
  o.right = right;
  return o;
}

std::map<std::string, TransformerOptions> transformer_cases() {
  const auto pre = NormPlace::pre, post = NormPlace::post;
  return {{"post_sinusoidal", small_transformer(Position::sinusoidal, post)},
          {"pre_sinusoidal", small_transformer(Position::sinusoidal, pre)},
          {"pre_rotary", small_transformer(Position::rotary, pre)},
          {"pre_rotary_windowed", small_transformer(Position::rotary, pre, Sight::windowed, 5, 3)},
          {"post_alibi", small_transformer(Position::alibi, post)},
          {"pre_alibi_windowed", small_transformer(Position::alibi, pre, Sight::windowed, 6, 2)},
          {"pre_alibi_causal", small_transformer(Position::alibi, pre, Sight::causal, -1)},
          {"pre_learned_causal", small_transformer(Position::learned, pre, Sight::causal, 4)},
          {"pre_none_causal", small_transformer(Position::none, pre, Sight::causal, -1)}};
}

std::shared_ptr<models::TransformerHead> make_transformer(const TransformerOptions& o) {
  return std::make_shared<models::TransformerHead>(golden_shape(), o, std::vector<int64_t>{6});
}

/// What there is in memory, and the most there was since the last reset, in bytes.
int64_t status_bytes(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(field + ":", 0) == 0) return std::stoll(line.substr(field.size() + 1)) * 1024;
  }
  return -1;
}
bool reset_peak() {
  std::ofstream out("/proc/self/clear_refs");
  out << "5";
  return static_cast<bool>(out.flush());
}

}  // namespace

TEST_CASE("transformer: values and all gradients are PyTorch's, alone and in a padded batch",
          "[models]") {
  for (const auto& [name, options] : transformer_cases()) {
    INFO(name);
    const auto numbers = golden("transformer_" + name);
    const auto head = make_transformer(options);
    check_golden(*head, numbers, kAttentionLengths);
  }
}

TEST_CASE("transformer: gradients are what differences say, in double", "[models]") {
  torch::manual_seed(41);
  for (const auto& [name, options] : transformer_cases()) {
    INFO(name);
    const auto head = make_transformer(options);
    check_numerically(*head, at::randn({2, 56, 5}), at::tensor({56, 11}, at::kLong));
  }
}

TEST_CASE("transformer: a clip's result does not depend on the clips beside it", "[models]") {
  torch::manual_seed(42);
  for (const auto& [name, options] : transformer_cases()) {
    INFO(name);
    const auto head = make_transformer(options);
    head->eval();
    check_alone(*head, {70, 9, 1, 64, 64, 33}, 5);
  }
}

TEST_CASE("transformer: windows that hold the whole clip are full attention", "[models]") {
  const auto numbers = golden("transformer_pre_rotary");
  const auto full = make_transformer(small_transformer(Position::rotary, NormPlace::pre));
  const auto windowed = make_transformer(
      small_transformer(Position::rotary, NormPlace::pre, Sight::windowed, 69, 69));
  const auto short_clips =
      make_transformer(small_transformer(Position::rotary, NormPlace::pre, Sight::windowed, 8, 8));
  for (const auto& head : {full, windowed, short_clips}) take_weights(*head, numbers);
  const auto x = padded_clips(numbers, kAttentionLengths);
  const auto lengths = at::tensor(kAttentionLengths, at::kLong);
  const auto want = full->forward(x, lengths), got = windowed->forward(x, lengths),
             shorts = short_clips->forward(x, lengths);
  for (size_t i = 0; i < kAttentionLengths.size(); ++i) {
    const auto own = [&](const at::Tensor& y) {
      return y[static_cast<int64_t>(i)].narrow(0, 0, kAttentionLengths[i]);
    };
    CHECK(distance(own(got), own(want)) <= 1e-5);
    // 8 frames either way hold the clip of 9, beside one that they do not hold.
    if (kAttentionLengths[i] <= 9) CHECK(distance(own(shorts), own(want)) <= 1e-5);
  }
  CHECK(distance(shorts[0], want[0]) > 1e-3);
}

TEST_CASE("transformer: a frame depends on what layers and windows reach, and no further",
          "[models]") {
  torch::manual_seed(43);
  const std::vector<std::pair<TransformerOptions, int64_t>> cases = {
      {small_transformer(Position::rotary, NormPlace::pre, Sight::windowed, 5, 3), 6},
      {small_transformer(Position::sinusoidal, NormPlace::post, Sight::causal, 7), 0},
      {small_transformer(Position::alibi, NormPlace::pre, Sight::causal, -1), 0}};
  for (const auto& [options, lookahead] : cases) {
    const auto head = make_transformer(options);
    head->eval();
    CHECK(head->lookahead_frames() == lookahead);
    auto x = at::randn({1, 100, 5});
    const auto lengths = at::tensor({100}, at::kLong);
    const auto before = head->forward(x, lengths).detach();
    x[0][60] += 1;
    const auto changed =
        (head->forward(x, lengths).detach() - before).abs().amax({0, 2}).gt(0).nonzero();
    CHECK(changed.min().item<int64_t>() == 60 - lookahead);
    if (options.left >= 0) CHECK(changed.max().item<int64_t>() == 60 + 2 * options.left);
  }
  CHECK(!make_transformer(small_transformer())->lookahead_frames());
}

TEST_CASE("transformer: a stream gives the whole clip's curves, in pieces of any size",
          "[models]") {
  torch::manual_seed(44);
  const auto pre = NormPlace::pre, post = NormPlace::post;
  for (const auto& options : {small_transformer(Position::rotary, pre, Sight::windowed, 5, 3),
                              small_transformer(Position::sinusoidal, post, Sight::windowed, 2, 30),
                              small_transformer(Position::alibi, pre, Sight::causal, 9),
                              small_transformer(Position::learned, post, Sight::causal, 0),
                              small_transformer(Position::none, pre, Sight::windowed, 0, 1)}) {
    const auto head = make_transformer(options);
    head->eval();
    for (const auto& pieces : std::vector<std::vector<int64_t>>{{1}, {7}, {0, 3, 1, 40}, {1000}}) {
      check_stream(*head, 90, 5, pieces);
      check_stream(*head, 2, 5, pieces);
    }
  }
}

TEST_CASE("transformer: without a bound to keep to there is no stream", "[models]") {
  const auto rotary = Position::rotary;
  const auto pre = NormPlace::pre;
  const auto refused = [](const TransformerOptions& o) {
    const auto head = make_transformer(o);
    CHECK(head->stream() == nullptr);
    return head->how_to_stream();
  };
  CHECK(refused(small_transformer()).find("model.transformer.attention=windowed") !=
        std::string::npos);
  for (const auto& o : {small_transformer(rotary, pre, Sight::causal, -1),
                        small_transformer(rotary, pre, Sight::windowed, -1, 2)}) {
    CHECK(refused(o).find("model.transformer.left=64") != std::string::npos);
  }
  CHECK(
      make_transformer(small_transformer(rotary, pre, Sight::causal, 4))->how_to_stream().empty());
}

TEST_CASE("transformer: long clips in pieces are the clips in one", "[models]") {
  torch::manual_seed(45);
  const auto head =
      make_transformer(small_transformer(Position::rotary, NormPlace::pre, Sight::windowed, 20, 6));
  head->eval();
  const auto x = at::randn({2, 1500, 5});
  const auto lengths = at::tensor({1500, 40}, at::kLong);
  const auto whole = head->forward(x, lengths).detach();
  const at::NoGradGuard no_grad;
  const auto pieces = head->forward(x, lengths);
  CHECK(distance(pieces[0], whole[0]) <= 1e-5);
  CHECK(distance(pieces[1].narrow(0, 0, 40), whole[1].narrow(0, 0, 40)) <= 1e-5);
}

TEST_CASE("transformer: a start at the mean is the mean, once the last weights are nothing",
          "[models]") {
  const auto head = make_transformer(small_transformer());
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

TEST_CASE("transformer: the reference size is models.md's", "[models]") {
  // D → 512; layers of 8 heads with 512 → 2048 → 512, counted as PyTorch's layer has them.
  models::TransformerKind kind;
  const auto head = kind.make({768, std::vector<models::Range>(52)});
  int64_t own = 0;
  for (const auto& p : head->parameters()) own += p.numel();
  const int64_t layer = 4 * (512 * 512 + 512) + 512 * 2048 + 2048 + 2048 * 512 + 512 + 4 * 512;
  const int64_t output = 512 * 256 + 256 + 256 * 128 + 128 + 128 * 52 + 52;
  CHECK(own == 768 * 512 + 512 + 4 * layer + 2 * 512 + output);
}

TEST_CASE("transformer: options that cannot go together are told", "[models]") {
  const auto mistake = [](const std::vector<std::string>& overrides) -> std::string {
    models::TransformerKind kind;
    config::Schema schema;
    kind.describe(schema.section("model.transformer"));
    std::vector<config::Assignment> all;
    for (const auto& text : overrides) all.push_back(config::parse_override(text));
    schema.apply(all);
    try {
      kind.check([&](const std::string& key) { return schema.origin(key); });
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::config);
      return e.what();
    }
    return "";
  };
  CHECK(mistake({"model.transformer.heads=5"}).find("does not divide") != std::string::npos);
  CHECK(mistake({"model.transformer.width=24"}).find("even number") != std::string::npos);
  CHECK(mistake({"model.transformer.width=24", "model.transformer.positions=alibi"}).empty());
  CHECK(mistake({"model.transformer.width=7", "model.transformer.heads=7",
                 "model.transformer.positions=sinusoidal"})
            .find("odd") != std::string::npos);
  CHECK(mistake({}).empty());
}

TEST_CASE(
    "transformer: ten minutes take the memory of one, without gradients; with them, ten times",
    "[models][slow]") {
  if (!reset_peak()) {
    WARN("skipped: the peak of memory cannot be reset here");
    return;
  }
  auto o = small_transformer(Position::rotary, NormPlace::pre, Sight::windowed, 64, 64);
  o.width = 128;
  o.feed_forward = 512;
  const auto head = std::make_shared<models::TransformerHead>(
      models::Shape{80, std::vector<models::Range>(27)}, o, std::vector<int64_t>{64});
  head->eval();
  const auto grown = [&](int64_t frames, bool gradients) {  // by how much the peak is above before
    const at::AutoGradMode mode(gradients);
    const auto x = at::ones({1, frames, 80});
    const auto lengths = at::tensor({frames}, at::kLong);
    ::malloc_trim(0);  // what was freed does not count as there
    reset_peak();
    const int64_t before = status_bytes("VmRSS");
    const auto y = head->forward(x, lengths);
    if (gradients) y.sum().backward();
    return static_cast<double>(status_bytes("VmHWM") - before - y.nbytes());
  };
  grown(1800, true);  // what is made once
  // Ten minutes at 30 frames a second against one; without gradients they go through in pieces.
  const double whole = grown(1800, true), ten = grown(18000, true);
  grown(1800, false);
  const double pieces = grown(18000, false);
  INFO("with gradients " << whole / 1e6 << " MB and " << ten / 1e6 << " MB; without "
                         << pieces / 1e6 << " MB");
  CHECK(ten / whole < 11);  // linear
  CHECK(pieces < 0.1 * ten);
}
