// src/distributed/links.h: c10d itself, for this room only.
#pragma once

#include <string>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "distributed/world.h"

namespace kuchi::distributed {

using Backend = c10::intrusive_ptr<c10d::Backend>;
using Store = c10::intrusive_ptr<c10d::Store>;

Store meet(const World& world, std::chrono::milliseconds timeout);
/// Gloo on the interface that GLOO_SOCKET_IFNAME names, or 127.0.0.1 where all are on one machine.
Backend gloo(const World& world, const Store& store, std::chrono::milliseconds timeout);

}  // namespace kuchi::distributed
