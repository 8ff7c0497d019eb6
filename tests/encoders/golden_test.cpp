// Encoders that transformers wrote, and what it says they hear: tests/golden/make_encoders.py.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <functional>

#include "../data/fixture.h"
#include "catch.h"
#include "encoders/load.h"
#include "encoders/packed.h"

using namespace kuchi;
using namespace kuchi::encoders;
using namespace kuchi::test;

namespace {

using Tensors = std::map<std::string, at::Tensor>;

constexpr double kExact = 1e-5;    // float32 here, float64 there
constexpr double kBfloat16 = 0.2;  // measured: 0.12 of wav2vec2_large; the median 0.02

fs::path golden() { return fs::path(KUCHI_SOURCE_DIR) / "tests" / "golden" / "encoders"; }

std::vector<fs::path> directories() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(golden())) {
    if (entry.is_directory()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// One directory: the encoder, the clips that are expected of it, and what is expected.
struct Case {
  std::shared_ptr<Encoder> encoder;
  std::vector<std::string> names;
  std::vector<at::Tensor> clips;
  Tensors expected;

  explicit Case(const fs::path& directory)
      : encoder(load(directory)),
        expected(edge::load_tensors(directory / "expected.safetensors").tensors) {
    encoder->eval();
    for (const auto& [name, clip] : edge::load_tensors(golden() / "clips.safetensors").tensors) {
      if (expected.count(name + "/last") == 0) continue;
      names.push_back(name);
      clips.push_back(clip.to(at::kFloat));
    }
  }
  Hidden hear(const std::vector<at::Tensor>& audio) const {
    return encoder->forward(audio, Wanted::all(encoder->config().layers));
  }
};

/// Largest difference as a share of the largest value where that is above 1.
double off(const at::Tensor& got, const at::Tensor& want) {
  if (got.sizes() != want.sizes()) return INFINITY;
  const double scale = std::max(1.0, want.abs().max().item<double>());
  const double worst = (got.detach().to(at::kFloat) - want).abs().max().item<double>() / scale;
  return worst >= 0 ? worst : INFINITY;  // not a number is no agreement
}

/// Clip number `clip` of `hidden` against what is expected of it.
double off(const Case& one, const std::string& name, const Hidden& hidden, size_t clip) {
  const int64_t begin = hidden.offsets[clip], count = hidden.offsets[clip + 1] - begin;
  const auto want = one.expected.at(name + "/hidden");
  REQUIRE(static_cast<int64_t>(hidden.layers.size()) == want.size(0));
  double worst = off(hidden.last.narrow(0, begin, count), one.expected.at(name + "/last"));
  for (int64_t i = 0; i < want.size(0); ++i) {
    const auto got = hidden.layers[static_cast<size_t>(i)].narrow(0, begin, count);
    worst = std::max(worst, off(got, want[i]));
  }
  return worst;
}

double largest_error(const Case& one) {
  REQUIRE(one.clips.size() == 3);
  double worst = 0;
  const auto together = one.hear(one.clips);
  for (size_t i = 0; i < one.clips.size(); ++i) {
    worst = std::max(worst, off(one, one.names[i], one.hear({one.clips[i]}), 0));
    worst = std::max(worst, off(one, one.names[i], together, i));
  }
  return worst;
}

/// Encoders this small only make threads wait for each other: 3 s of tests are 30 beside a
/// compiler.
struct OneThread {
  int before = at::get_num_threads();
  OneThread() { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(before); }
};

void for_each_golden(const std::function<void(const Case&)>& check) {
  const OneThread one_thread;
  const auto all = directories();
  REQUIRE(all.size() >= 20);
  for (const auto& directory : all) {
    INFO(directory.filename().string());
    check(Case(directory));
  }
}

}  // namespace

TEST_CASE("golden encoders: every hidden state is transformers', with gradients") {
  for_each_golden([](const Case& one) { CHECK(largest_error(one) < kExact); });
}

TEST_CASE("golden encoders: every hidden state is transformers', without gradients") {
  const at::NoGradGuard no_grad;
  for_each_golden([](const Case& one) { CHECK(largest_error(one) < kExact); });
}

TEST_CASE("golden encoders: every hidden state is transformers', with packed weights") {
  const at::NoGradGuard no_grad;
  for_each_golden([](const Case& one) {
    one.encoder->freeze_for_inference();
    CHECK(largest_error(one) < kExact);
  });
}

TEST_CASE("golden encoders: a frozen front end hears the same under a trained body") {
  for_each_golden([](const Case& one) {
    for (auto& p : one.encoder->front().layers) p.weight.requires_grad_(false);
    one.encoder->freeze_front_end();
    CHECK(largest_error(one) < kExact);
  });
}

TEST_CASE("golden encoders: a clip may be a view with gaps, as a channel of interleaved audio is") {
  const at::NoGradGuard no_grad;
  for_each_golden([](const Case& one) {
    auto channels = one;
    for (auto& clip : channels.clips) clip = at::stack({clip, at::rand_like(clip)}, 1).select(1, 0);
    CHECK(largest_error(channels) < kExact);
  });
}

TEST_CASE("golden encoders: bfloat16 is near") {
  if (!has_bfloat16()) return;
  const at::NoGradGuard no_grad;
  for_each_golden([](const Case& one) {
    one.encoder->freeze_for_inference(true);
    const double error = largest_error(one);
    CHECK(error < kBfloat16);
    CHECK(error > kExact);  // it is bfloat16
  });
}

TEST_CASE("golden encoders: one that was saved again hears the same") {
  const at::NoGradGuard no_grad;
  const TempDir dir;
  for_each_golden([&](const Case& one) {
    save(*one.encoder, dir / "again", true);
    auto again = one;
    again.encoder = load(dir / "again");
    CHECK(largest_error(again) < kExact);
  });
}
