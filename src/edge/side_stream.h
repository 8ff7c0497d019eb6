// src/edge/side_stream.h
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <functional>
#include <optional>

namespace kuchi::edge {

/// A tensor of the CPU on a device. A GPU gets it through page-locked memory, in its turn, and the
/// caller goes on at once: plain Tensor::to() waits until the GPU has done all it was asked for.
at::Tensor sent(const at::Tensor& x, at::Device device);

/// A second queue of a GPU, for copies beside the work of the current one. Where the device has one
/// queue only (the CPU) it does nothing but call.
class SideStream {
 public:
  explicit SideStream(at::Device device);
  /// What `work` asks of the GPU goes to this queue; whatever the current queue is asked for after
  /// this call waits for it.
  void run(const std::function<void()>& work) const;
  /// A tensor that was made in run(), and is used in the current queue: its memory is not given
  /// away before that use is over.
  void lend(const at::Tensor& x) const;

 private:
  at::Device device_;
  std::optional<c10::Stream> stream_;
};

}  // namespace kuchi::edge
