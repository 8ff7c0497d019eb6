#include "encoders/config_check.h"

#include <cmath>

#include "core/text.h"
#include "encoders/shapes.h"

namespace kuchi::encoders {
namespace {

/// Bounds far beyond any published encoder (XLS-R 2B: hidden 1920, 48 layers, 2.2e9 values), and
/// low enough that no product of sizes overflows and nothing absurd is allocated.
constexpr int64_t kMaxDim = 32768;
constexpr int64_t kMaxLayers = 512;
constexpr int64_t kMaxWidth = 131072;
constexpr int64_t kMaxConvs = 32;
constexpr int64_t kMaxTaps = 4096;
constexpr int64_t kMaxReceptive = 160000;  // 10 s
constexpr int64_t kMaxValues = 10'000'000'000;

class Checker {
 public:
  explicit Checker(const std::function<Location(const std::string&)>& where) : where_(where) {}

  void range(const std::string& key, int64_t value, int64_t low, int64_t high) const {
    if (value < low || value > high) {
      fail(key, cat("is ", value, "; it must be from ", low, " to ", high));
    }
  }
  void divides(const std::string& whole_key, int64_t whole, const std::string& key,
               int64_t part) const {
    if (whole % part != 0) {
      fail(key, cat("is ", part, ", which does not divide \"", whole_key, "\" ", whole));
    }
  }
  void list(const std::string& key, const std::vector<int64_t>& values, size_t size,
            int64_t high) const {
    if (values.size() != size) {
      fail(key, cat("has ", values.size(), " entries, \"conv_dim\" has ", size));
    }
    for (const auto value : values) {
      if (value < 1 || value > high) {
        fail(key, cat("has an entry ", value, "; each must be from 1 to ", high));
      }
    }
  }
  [[noreturn]] void fail(const std::string& key, const std::string& text) const {
    fail_data(where_(key), cat("\"", key, "\" ", text));
  }

 private:
  const std::function<Location(const std::string&)>& where_;
};

void check_front(const EncoderConfig& c, const Checker& check) {
  const auto convs = c.conv_dim.size();
  check.range("conv_dim", static_cast<int64_t>(convs), 1, kMaxConvs);
  check.list("conv_dim", c.conv_dim, convs, kMaxDim);
  check.list("conv_kernel", c.conv_kernel, convs, kMaxTaps);
  check.list("conv_stride", c.conv_stride, convs, kMaxTaps);
  int64_t receptive = 1, hop = 1;  // step by step, so that no product overflows
  for (size_t i = convs; i-- > 0;) {
    receptive = (receptive - 1) * c.conv_stride[i] + c.conv_kernel[i];
    hop *= c.conv_stride[i];
    if (receptive > kMaxReceptive || hop > kMaxReceptive) {
      check.fail(hop > kMaxReceptive ? "conv_stride" : "conv_kernel",
                 "makes a frame of more than 10 s of audio");
    }
  }
}

}  // namespace

void check(const EncoderConfig& c, const std::function<Location(const std::string&)>& where) {
  const Checker check(where);
  const bool stacked = c.family == Family::data2vec;
  check_front(c, check);
  check.range("hidden_size", c.hidden, 1, kMaxDim);
  check.range("num_hidden_layers", c.layers, 1, kMaxLayers);
  check.range("num_attention_heads", c.heads, 1, kMaxDim);
  check.divides("hidden_size", c.hidden, "num_attention_heads", c.heads);
  check.range("intermediate_size", c.intermediate, 1, kMaxWidth);
  check.range(stacked ? "conv_pos_kernel_size" : "num_conv_pos_embeddings", c.position_kernel, 1,
              kMaxTaps);
  if (stacked) check.range("num_conv_pos_embeddings", c.position_layers, 1, kMaxConvs);
  check.range("num_conv_pos_embedding_groups", c.position_groups, 1, kMaxDim);
  check.divides("hidden_size", c.hidden, "num_conv_pos_embedding_groups", c.position_groups);
  if (!(c.norm_eps > 0 && c.norm_eps <= 1)) {  // not a number is refused too
    check.fail("layer_norm_eps",
               cat("is ", number(c.norm_eps), "; it must be above 0 and at most 1"));
  }
  if (c.family == Family::wavlm) {
    // Half of the buckets a direction, half of those exact; the logarithm wants room beyond.
    check.range("num_buckets", c.buckets, 4, kMaxDim);
    check.range("max_bucket_distance", c.max_distance, c.buckets / 4 + 1, 1 << 30);
  }
  const auto values = value_count(c);
  if (values > kMaxValues) {
    check.fail("hidden_size", cat("and the other sizes make ", values, " weights; more than ",
                                  kMaxValues, " are not supported"));
  }
}

void check(const EncoderConfig& config, const std::filesystem::path& file) {
  check(config, [&](const std::string&) { return Location{file.string()}; });
}

}  // namespace kuchi::encoders
