#include "edge/side_stream.h"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace kuchi::edge {

at::Tensor sent(const at::Tensor& x, at::Device device) {
  if (!device.is_cuda() || !x.device().is_cpu()) return x.to(device);
  return x.pin_memory().to(device, /*non_blocking=*/true);
}

SideStream::SideStream(at::Device device) : device_(device) {
  if (device.is_cpu()) return;
  stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

void SideStream::run(const std::function<void()>& work) const {
  if (!stream_) return work();
  c10::Event done(device_.type());
  {
    const c10::StreamGuard here(*stream_);
    work();
    done.record(*stream_);
  }
  done.block(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

void SideStream::lend(const at::Tensor& x) const {
  if (!stream_ || !x.defined()) return;
  x.record_stream(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

}  // namespace kuchi::edge
