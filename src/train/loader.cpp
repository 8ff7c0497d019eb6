#include "train/loader.h"

#include "core/log.h"

namespace kuchi::train {

Loader::Loader(int64_t first, int64_t count, int64_t workers, int64_t ahead,
               std::function<Batch(int64_t)> make)
    : count_(count), ahead_(ahead), make_(std::move(make)), to_make_(first), to_give_(first) {
  for (int64_t i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Loader::work() {
  for (;;) {
    int64_t index = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock,
                    [&] { return stop_ || to_make_ >= count_ || to_make_ < to_give_ + ahead_; });
      if (stop_ || to_make_ >= count_) return;
      index = to_make_++;
    }
    Batch batch;
    std::exception_ptr failure;
    try {
      batch = make_(index);
    } catch (...) {
      failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      if (failure) {
        failed_[index] = failure;
      } else {
        ready_[index] = std::move(batch);
      }
    }
    changed_.notify_all();
  }
}

bool Loader::next(Batch& batch) {
  std::unique_lock lock(mutex_);
  if (to_give_ >= count_) return false;
  const double asked_s = monotonic_s();
  changed_.wait(lock, [&] { return ready_.count(to_give_) > 0 || failed_.count(to_give_) > 0; });
  waited_s_ += monotonic_s() - asked_s;
  if (const auto it = failed_.find(to_give_); it != failed_.end()) {
    std::rethrow_exception(it->second);
  }
  const auto it = ready_.find(to_give_);
  batch = std::move(it->second);
  ready_.erase(it);
  ++to_give_;
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace kuchi::train
