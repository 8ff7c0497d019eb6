// The queue for copies, on a device that only writes down what it is asked for: no GPU is at hand
// where tests run.
#include "edge/side_stream.h"

#include <ATen/ATen.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <string>
#include <vector>

#include "catch.h"
#include "core/text.h"

using namespace kuchi;
using edge::SideStream;

namespace {

constexpr auto kType = at::kPrivateUse1;
const at::Device kDevice(kType, 0);
std::vector<std::string> asked;
c10::StreamId current = 0;

c10::Stream stream(c10::StreamId id) { return c10::Stream(c10::Stream::UNSAFE, kDevice, id); }

struct Recorder final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kType; }
  at::Device exchangeDevice(at::Device) const override { return kDevice; }
  at::Device getDevice() const override { return kDevice; }
  void setDevice(at::Device) const override {}
  void uncheckedSetDevice(at::Device) const noexcept override {}
  c10::Stream getStream(at::Device) const override { return stream(current); }
  c10::Stream getStreamFromGlobalPool(at::Device, bool) const override { return stream(7); }
  c10::Stream exchangeStream(c10::Stream s) const override {
    const auto before = stream(current);
    current = s.id();
    asked.push_back(cat("queue ", current));
    return before;
  }
  void record(void**, const c10::Stream& s, const c10::DeviceIndex,
              const c10::EventFlag) const override {
    asked.push_back(cat("mark in ", s.id()));
  }
  void block(void*, const c10::Stream& s) const override {
    asked.push_back(cat("wait in ", s.id()));
  }
  c10::DeviceIndex deviceCount() const noexcept override { return 0; }  // no one's but this test's
};
const c10::impl::DeviceGuardImplRegistrar kRegistered(kType, new Recorder);

}  // namespace

TEST_CASE("side stream: work goes to the other queue, and the current one waits for it", "[edge]") {
  asked.clear();
  const SideStream copies(kDevice);
  copies.run([] { asked.push_back(cat("work in ", current)); });
  CHECK(asked ==
        std::vector<std::string>{"queue 7", "work in 7", "mark in 7", "queue 0", "wait in 0"});
  CHECK(current == 0);
}

TEST_CASE("side stream: what throws leaves the current queue as it was", "[edge]") {
  const SideStream copies(kDevice);
  CHECK_THROWS(copies.run([] { throw std::runtime_error("within"); }));
  CHECK(current == 0);
}

TEST_CASE("side stream: the CPU has one queue, and nothing is copied", "[edge]") {
  const SideStream copies(at::kCPU);
  const auto x = at::arange(4);
  at::Tensor there;
  copies.run([&] { there = edge::sent(x, at::kCPU); });
  copies.lend(there);
  CHECK(there.data_ptr() == x.data_ptr());
}
