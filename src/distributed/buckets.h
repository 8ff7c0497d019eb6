// src/distributed/buckets.h
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "distributed/group.h"

namespace kuchi::distributed {

/// Sums gradients over the processes while the backward pass still computes others: they are taken
/// in buckets, from the last parameter to the first, and each bucket is sent as soon as its
/// gradients are there (as PyTorch DDP does: Li et al., VLDB 2020). Nothing is done by a group of
/// one.
class GradientBuckets {
 public:
  /// Parameters that learn, in the order of the model. The group must outlive this.
  GradientBuckets(const Group& group, std::vector<at::Tensor> parameters,
                  int64_t bucket_bytes = int64_t{8} << 20);
  ~GradientBuckets();
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;

  /// The next backward pass is the update's last: what it finishes may be sent.
  void arm();
  /// Waits; every gradient is then the sum over the processes, the same bits on each. A parameter
  /// that had no gradient on any process still has none. LostProcess.
  void finish();

  size_t count() const;  // of buckets
  /// How many buckets of the last update were sent before its backward pass had ended.
  size_t sent_early() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kuchi::distributed
