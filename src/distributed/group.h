// src/distributed/group.h
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "distributed/world.h"

namespace kuchi::distributed {

/// Another process ended or is silent. The reason is the other's to tell, so the program says of
/// this no more than it must.
class LostProcess : public UserError {
 public:
  explicit LostProcess(const std::string& text) : UserError(Exit::environment, text) {}
};

/// Something under way between the processes.
class Pending {
 public:
  virtual ~Pending() = default;
  /// Until it is done; LostProcess.
  virtual void wait() = 0;
};

/// The processes of one training, through LibTorch's c10d: Gloo, and NCCL for tensors on a GPU
/// where the plug-in has it. All must make the same calls in the same order. Of a group of one
/// every call returns at once. Calls throw LostProcess where another process has ended or does not
/// answer in time.
class Group {
 public:
  /// A group of one.
  Group();
  /// Meets the others. UserError (environment) where they do not come within timeout_s, which is
  /// also how long any later call waits. `device` is where tensors to be summed will be.
  Group(const World& world, at::Device device, double timeout_s);
  ~Group();
  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;

  const World& world() const { return world_; }
  int rank() const { return world_.rank; }
  int size() const { return world_.size; }
  bool alone() const { return world_.alone(); }
  bool leads() const { return world_.leads(); }
  /// "Gloo" or "NCCL": what sums tensors on the device; "" for one process.
  const std::string& backend() const { return backend_; }

  /// Sums over all processes, on each.
  void sum(std::vector<double>& values) const;
  /// Begins to sum a contiguous tensor in place; it must live until wait() has returned.
  std::unique_ptr<Pending> sum_later(const at::Tensor& values) const;
  /// Gives all the values that rank 0 has, in place.
  void broadcast(const std::vector<at::Tensor>& tensors) const;
  /// Bytes of all processes by rank, on rank 0; nothing on the others.
  std::vector<std::string> gather(const std::string& bytes) const;
  /// Rank 0 works first, the others once it is done (to find what it made, say). May take hours.
  void leader_first(const std::string& what, const std::function<void()>& work) const;

 private:
  struct Links;
  World world_;
  std::string backend_;
  std::unique_ptr<Links> links_;
};

}  // namespace kuchi::distributed
