#include "distributed/group.h"

#include <ATen/ATen.h>

#include <chrono>
#include <thread>

#include "core/interrupt.h"
#include "core/text.h"
#include "distributed/links.h"
#include "edge/cuda_plugin.h"

namespace kuchi::distributed {

struct Group::Links {
  Store store;
  Backend cpu, device;  // device: NCCL, or null where Gloo sums there too
};

namespace {

/// c10d's errors are of many types, and the first line tells; the rest is its call stack.
std::string first_line(const std::exception& e) {
  const std::string text = e.what();
  return text.substr(0, text.find('\n'));
}

template <typename Work>
auto guarded(const World& world, Work&& work) {
  try {
    return work();
  } catch (const UserError&) {
    throw;
  } catch (const std::exception& e) {
    throw LostProcess(cat("process ", world.rank, " of ", world.size,
                          " lost the others; look for what the first that ended says (",
                          first_line(e), ")"));
  }
}

using Works = std::vector<c10::intrusive_ptr<c10d::Work>>;

class Summing : public Pending {
 public:
  Summing(const World& world, c10d::Backend& backend, const at::Tensor& to)
      : world_(world), to_(to) {
    // Gloo sums in the CPU's memory; what is on a GPU goes there and back.
    const bool through_cpu = !to.device().is_cpu() && backend.getBackendName() == "gloo";
    summed_ = {through_cpu ? to.to(at::kCPU) : to};
    guarded(world_, [&] { work_ = backend.allreduce(summed_); });
  }
  void wait() override {
    guarded(world_, [&] { work_->wait(); });
    if (!summed_[0].is_same(to_)) to_.copy_(summed_[0]);
  }

 private:
  const World& world_;
  at::Tensor to_;
  std::vector<at::Tensor> summed_;
  c10::intrusive_ptr<c10d::Work> work_;
};

class Nothing : public Pending {
 public:
  void wait() override {}
};

}  // namespace

Group::Group() = default;
Group::~Group() = default;
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;

Group::Group(const World& world, at::Device device, double timeout_s) : world_(world) {
  if (alone()) return;
  const auto timeout = std::chrono::milliseconds(std::llround(1000 * timeout_s));
  links_ = std::make_unique<Links>();
  try {
    links_->store = meet(world_, timeout);
    links_->cpu = gloo(world_, links_->store, timeout);
    if (device.is_cuda()) {
      const auto* plugin = edge::cuda().plugin;
      if (plugin != nullptr && plugin->nccl != nullptr) {
        links_->device = plugin->nccl(links_->store, world_.rank, world_.size, timeout.count());
      }
    }
  } catch (const std::exception& e) {
    const auto place = world_.meeting_file.empty() ? cat(world_.address, ":", world_.port)
                                                   : std::string("one machine");
    throw LostProcess(cat("process ", world_.rank, " of ", world_.size,
                          " could not meet the others at ", place,
                          "; do all run, and reach each other? (", first_line(e), ")"));
  }
  backend_ = links_->device ? "NCCL" : "Gloo";
}

void Group::sum(std::vector<double>& values) const {
  if (alone()) return;
  auto tensor = at::tensor(values, at::kDouble);
  Summing(world_, *links_->cpu, tensor).wait();
  std::copy_n(tensor.const_data_ptr<double>(), values.size(), values.begin());
}

std::unique_ptr<Pending> Group::sum_later(const at::Tensor& values) const {
  if (alone()) return std::make_unique<Nothing>();
  const bool on_device = !values.device().is_cpu() && links_->device;
  return std::make_unique<Summing>(world_, on_device ? *links_->device : *links_->cpu, values);
}

void Group::broadcast(const std::vector<at::Tensor>& tensors) const {
  if (alone()) return;
  for (const auto& tensor : tensors) {
    std::vector<at::Tensor> held = {tensor.detach().to(at::kCPU).contiguous()};
    guarded(world_, [&] { links_->cpu->broadcast(held)->wait(); });
    if (!leads()) tensor.detach().copy_(held[0]);
  }
}

std::vector<std::string> Group::gather(const std::string& bytes) const {
  if (alone()) return {bytes};
  std::vector<double> sizes(static_cast<size_t>(size()), 0);
  sizes[static_cast<size_t>(rank())] = static_cast<double>(bytes.size());
  sum(sizes);
  const auto largest = static_cast<int64_t>(*std::max_element(sizes.begin(), sizes.end()));
  auto own = at::zeros({std::max<int64_t>(largest, 1)}, at::kByte);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(own.data_ptr<uint8_t>()));
  std::vector<at::Tensor> in = {own};
  std::vector<std::vector<at::Tensor>> out;
  if (leads()) {
    out.emplace_back();
    for (int i = 0; i < size(); ++i) out[0].push_back(at::empty_like(own));
  }
  guarded(world_, [&] { links_->cpu->gather(out, in)->wait(); });
  std::vector<std::string> all;
  for (size_t i = 0; leads() && i < sizes.size(); ++i) {
    const auto* begin = reinterpret_cast<const char*>(out[0][i].const_data_ptr<uint8_t>());
    all.emplace_back(begin, begin + static_cast<size_t>(sizes[i]));
  }
  return all;
}

void Group::leader_first(const std::string& what, const std::function<void()>& work) const {
  if (leads()) work();
  if (alone()) return;
  const std::string key = "done/" + what;
  if (leads()) {
    guarded(world_, [&] { links_->store->set(key, std::vector<uint8_t>{1}); });
    return;
  }
  while (!guarded(world_, [&] { return links_->store->check({key}); })) {
    check_interrupt();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  work();
}

}  // namespace kuchi::distributed
