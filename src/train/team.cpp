#include "train/team.h"

#include <thread>

#include "core/hash.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "edge/device.h"

namespace kuchi::train {
namespace {

/// "auto" and "cuda" are this process's own GPU; what names one by number is taken as it is.
std::string own(const std::string& option, const distributed::World& world) {
  const bool any_gpu = option == "cuda" || (option == "auto" && edge::cuda().available);
  if (world.alone() || !any_gpu) return option;
  return cat("cuda:", world.local_rank);
}

/// The same on every process, or not.
double fingerprint(const models::Model& model, const std::string& store_hash) {
  Hasher hasher;
  hasher.add(store_hash);
  for (const auto& item : model.named_parameters()) {
    hasher.add(item.key());
    for (const auto size : item.value().sizes()) hasher.add(cat(" ", size));
  }
  return static_cast<double>(std::stoull(hasher.hex().substr(0, 12), nullptr, 16));
}

}  // namespace

Team::Team()
    : group_(std::make_unique<distributed::Group>()),
      buckets_(std::make_unique<distributed::GradientBuckets>(*group_, std::vector<at::Tensor>())) {
}
Team::~Team() = default;
Team::Team(Team&&) noexcept = default;
Team& Team::operator=(Team&& other) noexcept {
  buckets_ = std::move(other.buckets_);  // before the group that it points at
  group_ = std::move(other.group_);
  stops_ = other.stops_;
  saves_ = other.saves_;
  return *this;
}

Team Team::join(const Options& options) {
  Team team;
  const auto world = distributed::world_from_environment();
  if (world.alone()) return team;
  if (!world.leads()) set_quiet(true);
  const auto device = edge::device_from(own(options.device, world));
  team.buckets_.reset();
  *team.group_ = distributed::Group(world, device, options.process_timeout);
  team.buckets_ =
      std::make_unique<distributed::GradientBuckets>(*team.group_, std::vector<at::Tensor>());
  note(cat(world.size, " processes, started by ", world.started_by, "; gradients are summed by ",
           team.group().backend()));
  return team;
}

at::Device Team::device(const std::string& option) const {
  return edge::device_from(own(option, group_->world()));
}

int64_t Team::default_threads() const {
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  return std::max<int64_t>(1, cores / group_->world().local_size);
}

void Team::begin(models::Model& model, const std::string& store_hash) {
  if (group_->alone()) return;
  const double own_print = fingerprint(model, store_hash);
  const bool differs = of_leader(own_print) != own_print;
  if (sum(differs ? 1 : 0) > 0) {
    throw UserError(Exit::data,
                    "the processes do not train the same: their stores, or their models, differ; "
                    "give all the same configuration and data");
  }
  std::vector<at::Tensor> tensors, learning;
  for (const auto& [name, tensor] : model.tensors()) tensors.push_back(tensor);
  group_->broadcast(tensors);
  for (const auto& p : model.parameters()) {
    if (p.requires_grad()) learning.push_back(p);
  }
  buckets_ = std::make_unique<distributed::GradientBuckets>(*group_, learning);
}

void Team::agree(const std::vector<int64_t*>& counts, bool save_due) {
  std::vector<double> values = {interrupted() ? 1.0 : 0.0, leads() && save_due ? 1.0 : 0.0};
  for (const auto* count : counts) values.push_back(static_cast<double>(*count));
  group_->sum(values);
  stops_ = values[0] > 0;
  saves_ = values[1] > 0;
  for (size_t i = 0; i < counts.size(); ++i) *counts[i] = static_cast<int64_t>(values[i + 2]);
}

double Team::sum(double value) const {
  std::vector<double> values = {value};
  group_->sum(values);
  return values[0];
}

double Team::of_leader(double value) const { return sum(leads() ? value : 0); }

}  // namespace kuchi::train
