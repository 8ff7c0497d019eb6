#include "onnx/weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "onnx/ops.h"

namespace kuchi::onnx {
namespace {

constexpr float kLargestHalf = 65504;

float largest(std::span<const float> values) {
  float out = 0;
  for (const float value : values) out = std::max(out, std::abs(value));
  return out;
}

Value as_half(Graph& g, std::string_view hint, std::span<const float> values,
              std::vector<int64_t> shape) {
  std::vector<uint16_t> halves(values.size());
  std::transform(values.begin(), values.end(), halves.begin(), half_bits);
  return cast(g,
              g.constant(hint, Type::float16, std::as_bytes(std::span(halves)), std::move(shape)),
              Type::float32);
}

/// The row of `axis` that each value belongs to runs with stride `inner` and wraps at `rows`.
struct Rows {
  size_t rows = 1, inner = 1;
  Rows(const std::vector<int64_t>& shape, int64_t axis)
      : rows(static_cast<size_t>(shape[static_cast<size_t>(axis)])) {
    for (size_t i = static_cast<size_t>(axis) + 1; i < shape.size(); ++i) {
      inner *= static_cast<size_t>(shape[i]);
    }
  }
  size_t of(size_t value) const { return value / inner % rows; }
};

Value as_int8(Graph& g, std::string_view hint, std::span<const float> values,
              std::vector<int64_t> shape, int64_t axis) {
  const Rows row(shape, axis);
  std::vector<float> scale(row.rows, 0.0F);
  for (size_t i = 0; i < values.size(); ++i) {
    auto& most = scale[row.of(i)];
    most = std::max(most, std::abs(values[i]));
  }
  for (auto& s : scale) s = s > 0 ? s / 127 : 1;
  std::vector<int8_t> whole(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const float q = std::nearbyint(values[i] / scale[row.of(i)]);
    whole[i] = static_cast<int8_t>(std::clamp(q, -127.0F, 127.0F));
  }
  const auto kept = g.constant(hint, Type::int8, std::as_bytes(std::span(whole)), std::move(shape));
  const auto scales = g.constant(std::string(hint) + ".scale", std::span<const float>(scale),
                                 {static_cast<int64_t>(scale.size())});
  return g.add("DequantizeLinear", {kept, scales}, {{"axis", axis}});
}

}  // namespace

Storage storage(const std::string& name) {
  const auto found = std::find(kStorages.begin(), kStorages.end(), name);
  if (found == kStorages.end()) throw std::logic_error("onnx: no storage named " + name);
  return static_cast<Storage>(found - kStorages.begin());
}

Value weight(Graph& g, std::string_view hint, std::span<const float> values,
             std::vector<int64_t> shape, int64_t axis) {
  const bool large = static_cast<int64_t>(values.size()) >= kLeastWeights;
  if (large && g.storage() == Storage::float16 && largest(values) <= kLargestHalf) {
    return as_half(g, hint, values, std::move(shape));
  }
  if (large && g.storage() == Storage::int8) {
    return as_int8(g, hint, values, std::move(shape), axis);
  }
  return g.constant(hint, values, std::move(shape));
}

uint16_t half_bits(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000U);
  const uint32_t size = bits & 0x7fffffffU;
  if (size > 0x7f800000U) return static_cast<uint16_t>(sign | 0x7e00U);  // no number
  if (size >= 0x477ff000U)
    return static_cast<uint16_t>(sign | 0x7c00U);  // 65520: half way to the next
  if (size < 0x38800000U) {
    // Below 2^-14 halves are multiples of 2^-24, and so are floats between a half and one: adding
    // a half rounds as wanted.
    const float shifted = std::bit_cast<float>(size) + 0.5F;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000U));
  }
  const uint32_t rounded = size - 0x38000000U + 0xfffU + (size >> 13 & 1U);
  return static_cast<uint16_t>(sign | rounded >> 13);
}

}  // namespace kuchi::onnx
