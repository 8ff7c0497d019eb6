#include "edge/autocast.h"

#include <ATen/ATen.h>

#include <thread>

#include "catch.h"

using namespace kuchi::edge;

namespace {
at::ScalarType product_type() { return at::mm(at::ones({2, 2}), at::ones({2, 2})).scalar_type(); }
}  // namespace

TEST_CASE("autocast: products are narrow while the guard stands, in this thread", "[edge]") {
  CHECK(product_type() == at::kFloat);
  {
    const Autocast narrow(at::kCPU, at::kBFloat16);
    CHECK(product_type() == at::kBFloat16);
    CHECK(autocast_type(at::kCPU) == at::kBFloat16);
    CHECK_FALSE(autocast_type(at::kCUDA).has_value());
    {
      const Autocast wide(at::kCPU, std::nullopt);
      CHECK(product_type() == at::kFloat);
      CHECK_FALSE(autocast_type(at::kCPU).has_value());
    }
    CHECK(product_type() == at::kBFloat16);
    at::ScalarType elsewhere = at::kHalf;
    std::thread([&] { elsewhere = product_type(); }).join();
    CHECK(elsewhere == at::kFloat);
  }
  CHECK(product_type() == at::kFloat);
}

TEST_CASE("autocast: a guard forgets the narrow weights of the one before", "[edge]") {
  auto weight = at::ones({2, 2}).requires_grad_();
  const auto product = [&] {
    const Autocast narrow(at::kCPU, at::kBFloat16);
    return at::mm(at::ones({2, 2}), weight).sum();
  };
  const auto first = product();
  first.backward();
  CHECK(first.item<double>() == 8);
  CHECK(weight.grad().scalar_type() == at::kFloat);
  {
    const at::NoGradGuard no_grad;
    weight.mul_(2);
  }
  CHECK(product().item<double>() == 16);
}

TEST_CASE("autocast: an exception ends it", "[edge]") {
  CHECK_THROWS([] {
    const Autocast narrow(at::kCPU, at::kBFloat16);
    throw std::runtime_error("within");
  }());
  CHECK(product_type() == at::kFloat);
}
