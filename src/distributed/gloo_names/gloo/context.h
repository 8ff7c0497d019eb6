// What ProcessGroupGloo.hpp of LibTorch names of Gloo. LibTorch holds Gloo itself, of its own
// version, but not its headers; ours only declare, so that no size or layout of Gloo is ever
// compiled in.
#pragma once

#include <chrono>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

namespace transport {
class Device;
class UnboundBuffer;
}  // namespace transport

}  // namespace gloo
