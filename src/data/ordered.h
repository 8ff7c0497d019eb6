#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/interrupt.h"

namespace kuchi::data {

/// Makes items 0 … count-1 on several threads and takes them in order on the calling one, so that
/// the number of threads changes nothing but the time.
///
/// make(i)         any thread; an exception of it is rethrown here, in its turn
/// take(i, item)   the calling thread, i rising; if it throws, the workers stop first
/// At most threads + 1 items are held. Looks for Ctrl-C while it waits.
template <typename Item>
class Ordered {
 public:
  Ordered(int64_t count, int threads, std::function<Item(int64_t)> make)
      : count_(count), ahead_(threads + 1), make_(std::move(make)) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Ordered() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;

  void run(const std::function<void(int64_t, Item&&)>& take) {
    for (int64_t i = 0; i < count_; ++i) {
      Slot slot = wait_for(i);
      if (slot.error) std::rethrow_exception(slot.error);
      take(i, std::move(*slot.item));
    }
  }

 private:
  struct Slot {
    std::unique_ptr<Item> item;
    std::exception_ptr error;
  };

  void work() {
    for (;;) {
      int64_t i = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || next_ >= count_ || next_ < taken_ + ahead_; });
        if (stop_ || next_ >= count_) return;
        i = next_++;
      }
      Slot slot;
      try {
        slot.item = std::make_unique<Item>(make_(i));
      } catch (...) {
        slot.error = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      done_[i] = std::move(slot);
      changed_.notify_all();
    }
  }

  Slot wait_for(int64_t i) {
    std::unique_lock lock(mutex_);
    while (done_.count(i) == 0) {
      changed_.wait_for(lock, std::chrono::milliseconds(100));
      check_interrupt();
    }
    Slot slot = std::move(done_.at(i));
    done_.erase(i);
    taken_ = i + 1;
    changed_.notify_all();
    return slot;
  }

  const int64_t count_;
  const int64_t ahead_;
  const std::function<Item(int64_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int64_t, Slot> done_;
  int64_t next_ = 0, taken_ = 0;
  bool stop_ = false;
  std::vector<std::thread> workers_;  // last: they use all of the above
};

}  // namespace kuchi::data
