#include "onnx/weights.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "catch.h"
#include "core/random.h"

using namespace kuchi;
using namespace kuchi::onnx;

namespace {

template <typename T>
std::vector<T> values_of(const Constant& c) {
  std::vector<T> out(c.bytes.size() / sizeof(T));
  std::memcpy(out.data(), c.bytes.data(), c.bytes.size());
  return out;
}

std::vector<float> random_values(size_t count) {
  Stream random(3, "weights");
  std::vector<float> out;
  for (size_t i = 0; i < count; ++i) out.push_back(static_cast<float>(random.normal()));
  return out;
}

/// The value of a half's bits, by the definition.
double half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const double fraction = (bits & 0x3ff) / 1024.0;
  const double size =
      exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
  return (bits & 0x8000) != 0 ? -size : size;
}

}  // namespace

TEST_CASE("onnx: halves are the nearest, ties to even", "[onnx]") {
  CHECK(half_bits(0.0F) == 0);
  CHECK(half_bits(-0.0F) == 0x8000);
  CHECK(half_bits(1.0F) == 0x3c00);
  CHECK(half_bits(-2.0F) == 0xc000);
  CHECK(half_bits(65504.0F) == 0x7bff);
  CHECK(half_bits(65519.0F) == 0x7bff);
  CHECK(half_bits(65520.0F) == 0x7c00);
  CHECK(half_bits(-std::numeric_limits<float>::infinity()) == 0xfc00);
  CHECK((half_bits(std::nanf("")) & 0x7fff) == 0x7e00);
  CHECK(half_bits(1 + std::ldexp(1.0F, -11)) == 0x3c00);  // between two, the even one
  CHECK(half_bits(1 + std::ldexp(3.0F, -11)) == 0x3c02);
  CHECK(half_bits(std::ldexp(1.0F, -14)) == 0x0400);  // the least normal one
  CHECK(half_bits(std::ldexp(1.0F, -24)) == 0x0001);  // the least of all
  CHECK(half_bits(std::ldexp(1.0F, -25)) == 0x0000);
  CHECK(half_bits(std::ldexp(1.001F, -25)) == 0x0001);
  for (int bits = 0; bits < 0x7c00; ++bits) {  // every finite one is itself
    const auto half = static_cast<uint16_t>(bits);
    REQUIRE(half_bits(static_cast<float>(half_value(half))) == half);
  }
  for (const float x : random_values(2000)) {
    const double apart = std::abs(half_value(half_bits(x)) - static_cast<double>(x));
    REQUIRE(apart <= std::ldexp(1.0, -12) * std::max(1.0, 2 * std::abs(static_cast<double>(x))));
  }
}

TEST_CASE("onnx: a large matrix is kept as the graph says, a small one as it is", "[onnx]") {
  const auto w = random_values(64 * 32);
  Graph plain, halves(Storage::float16), bytes(Storage::int8);
  for (auto* g : {&plain, &halves, &bytes}) {
    weight(*g, "w", w, {64, 32}, 1);
    weight(*g, "small", std::span(w).first(1023), {1023}, 0);
    REQUIRE(g->constants().back().name == "small");
    CHECK(g->constants().back().type == Type::float32);
  }
  CHECK(plain.nodes().empty());
  CHECK(values_of<float>(plain.constants()[0]) == w);

  REQUIRE(halves.nodes().size() == 1);
  CHECK(halves.nodes()[0].op == "Cast");
  CHECK(halves.constants()[0].type == Type::float16);
  CHECK(halves.constants()[0].bytes.size() == w.size() * 2);

  REQUIRE(bytes.nodes().size() == 1);
  CHECK(bytes.nodes()[0].op == "DequantizeLinear");
  CHECK(std::get<int64_t>(bytes.nodes()[0].attributes.at(0).value) == 1);
  const auto q = values_of<int8_t>(bytes.constants()[0]);
  const auto scale = values_of<float>(bytes.constants()[1]);
  REQUIRE(scale.size() == 32);
  REQUIRE(q.size() == w.size());
  for (size_t column = 0; column < 32; ++column) {
    int most = 0;
    for (size_t row = 0; row < 64; ++row) {
      const size_t i = row * 32 + column;
      REQUIRE(std::abs(static_cast<float>(q[i]) * scale[column] - w[i]) <= 0.501F * scale[column]);
      most = std::max(most, std::abs(static_cast<int>(q[i])));
    }
    CHECK(most == 127);
  }
}

TEST_CASE("onnx: what a half cannot hold stays float32; rows of zeros stay zero", "[onnx]") {
  std::vector<float> w(2048, 0.0F);
  w[5] = 70000;
  Graph halves(Storage::float16), bytes(Storage::int8);
  weight(halves, "w", w, {2, 1024}, 0);
  CHECK(halves.constants()[0].type == Type::float32);
  weight(bytes, "w", w, {2, 1024}, 0);
  CHECK(values_of<float>(bytes.constants()[1]) == std::vector<float>{70000.0F / 127, 1.0F});
  CHECK(values_of<int8_t>(bytes.constants()[0])[5] == 127);
}
