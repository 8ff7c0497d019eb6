// src/train/loader.h
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "train/batch.h"

namespace kuchi::train {

/// Makes batches in worker threads, ahead of who consumes them, and hands them out in order.
/// `make` must depend on its index alone; then the number of workers changes nothing but speed.
class Loader {
 public:
  /// Batches first … count-1; at most `ahead` wait finished.
  Loader(int64_t first, int64_t count, int64_t workers, int64_t ahead,
         std::function<Batch(int64_t)> make);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next batch; false after the last. Rethrows what `make` threw.
  bool next(Batch& batch);
  /// How long next() has waited for the workers, in all.
  double waited_s() const { return waited_s_; }

 private:
  void work();

  const int64_t count_, ahead_;
  const std::function<Batch(int64_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t to_make_, to_give_;
  bool stop_ = false;
  double waited_s_ = 0;  // of the consumer's thread alone
  std::map<int64_t, Batch> ready_;
  std::map<int64_t, std::exception_ptr> failed_;
  std::vector<std::thread> workers_;
};

}  // namespace kuchi::train
