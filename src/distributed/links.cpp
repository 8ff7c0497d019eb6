#define USE_C10D_GLOO  // LibTorch's header declares nothing without it
#include "distributed/links.h"

#include <cstdlib>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace kuchi::distributed {

Store meet(const World& world, std::chrono::milliseconds timeout) {
  if (!world.meeting_file.empty()) {
    auto store = c10::make_intrusive<c10d::FileStore>(world.meeting_file, world.size);
    store->setTimeout(timeout);
    return store;
  }
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(world.port);
  options.isServer = world.leads() && !world.agent_serves;
  options.timeout = timeout;
  if (!world.agent_serves) options.numWorkers = static_cast<std::size_t>(world.size);
  return c10::make_intrusive<c10d::PrefixStore>(
      "kuchi" + world.attempt, c10::make_intrusive<c10d::TCPStore>(world.address, options));
}

Backend gloo(const World& world, const Store& store, std::chrono::milliseconds timeout) {
  using Gloo = c10d::ProcessGroupGloo;
  auto options = Gloo::Options::create(timeout);
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface != nullptr && *interface != '\0') {
    options->devices.push_back(Gloo::createDeviceForInterface(interface));
  } else if (world.local_size == world.size) {
    options->devices.push_back(Gloo::createDeviceForHostname("127.0.0.1"));
  } else {
    options->devices.push_back(Gloo::createDefaultDevice());
  }
  return c10::make_intrusive<Gloo>(store, world.rank, world.size, options);
}

}  // namespace kuchi::distributed
