#include "distributed/buckets.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <mutex>
#include <unordered_map>

namespace kuchi::distributed {
namespace {

struct Bucket {
  std::vector<at::Tensor> parameters;
  std::vector<at::Tensor> views;  // of flat, in the parameters' shapes
  at::Tensor flat;
  size_t ready = 0;  // parameters whose gradient is final
  std::unique_ptr<Pending> sum;
};

Bucket bucket_of(std::vector<at::Tensor> parameters) {
  Bucket bucket;
  int64_t size = 0;
  for (const auto& p : parameters) size += p.numel();
  bucket.flat = at::zeros({size}, parameters[0].options().requires_grad(false));
  int64_t at = 0;
  for (const auto& p : parameters) {
    bucket.views.push_back(bucket.flat.narrow(0, at, p.numel()).view(p.sizes()));
    at += p.numel();
  }
  bucket.parameters = std::move(parameters);
  return bucket;
}

std::vector<Bucket> fill(const std::vector<at::Tensor>& parameters, int64_t bucket_bytes) {
  std::vector<Bucket> out;
  std::vector<at::Tensor> held;
  int64_t bytes = 0;
  const auto close = [&] {
    if (!held.empty()) out.push_back(bucket_of(std::move(held)));
    held.clear();
    bytes = 0;
  };
  for (auto p = parameters.rbegin(); p != parameters.rend(); ++p) {
    if (!held.empty() && held[0].scalar_type() != p->scalar_type()) close();
    held.push_back(*p);
    bytes += static_cast<int64_t>(p->nbytes());
    if (bytes >= bucket_bytes) close();
  }
  close();
  return out;
}

class OnGradient : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit OnGradient(std::function<void()> then) : then_(std::move(then)) {}
  void operator()(const at::Tensor&) override { then_(); }

 private:
  std::function<void()> then_;
};

}  // namespace

struct GradientBuckets::State {
  const Group& group;
  std::vector<Bucket> buckets;
  std::mutex mutex;  // a GPU's backward pass runs in a thread of its own
  bool armed = false;
  size_t next = 0;  // buckets are sent in their order, which all processes share
  size_t early = 0;

  void send(Bucket& bucket) {
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < bucket.parameters.size(); ++i) {
      const auto& grad = bucket.parameters[i].grad();
      if (grad.defined()) {
        bucket.views[i].copy_(grad);
      } else {
        bucket.views[i].zero_();
      }
    }
    bucket.sum = group.sum_later(bucket.flat);
  }

  void gradient_of(size_t index) {
    const std::lock_guard lock(mutex);
    if (!armed) return;
    ++buckets[index].ready;
    while (next < buckets.size() && buckets[next].ready == buckets[next].parameters.size()) {
      send(buckets[next++]);
    }
  }

  /// 1 for each parameter that has a gradient, bucket after bucket: summed, on how many processes.
  std::vector<double> holders() const {
    std::vector<double> out;
    for (const auto& bucket : buckets) {
      for (const auto& p : bucket.parameters) out.push_back(p.grad().defined() ? 1 : 0);
    }
    group.sum(out);
    return out;
  }
};

GradientBuckets::GradientBuckets(const Group& group, std::vector<at::Tensor> parameters,
                                 int64_t bucket_bytes)
    : state_(new State{group, {}, {}, false, 0, 0}) {
  if (group.alone()) return;
  state_->buckets = fill(parameters, bucket_bytes);
  for (size_t i = 0; i < state_->buckets.size(); ++i) {
    for (const auto& p : state_->buckets[i].parameters) {
      torch::autograd::impl::set_post_acc_grad_hooks(
          p, std::make_unique<OnGradient>([state = state_.get(), i] { state->gradient_of(i); }));
    }
  }
}

GradientBuckets::~GradientBuckets() {
  for (const auto& bucket : state_->buckets) {
    for (const auto& p : bucket.parameters) {
      torch::autograd::impl::set_post_acc_grad_hooks(p, nullptr);
    }
  }
}

void GradientBuckets::arm() {
  const std::lock_guard lock(state_->mutex);
  state_->armed = true;
  state_->next = 0;
  for (auto& bucket : state_->buckets) bucket.ready = 0;
}

void GradientBuckets::finish() {
  auto& s = *state_;
  s.armed = false;
  s.early = s.next;
  while (s.next < s.buckets.size()) s.send(s.buckets[s.next++]);
  const auto holders = s.buckets.empty() ? std::vector<double>() : s.holders();
  auto held_by = holders.begin();
  for (auto& bucket : s.buckets) {
    bucket.sum->wait();
    bucket.sum.reset();
    for (size_t i = 0; i < bucket.parameters.size(); ++i) {
      const bool anywhere = *held_by++ > 0;
      bucket.parameters[i].mutable_grad() = anywhere ? bucket.views[i] : at::Tensor();
    }
  }
}

size_t GradientBuckets::count() const { return state_->buckets.size(); }
size_t GradientBuckets::sent_early() const { return state_->early; }

}  // namespace kuchi::distributed
