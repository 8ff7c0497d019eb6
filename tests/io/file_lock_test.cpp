#include "io/file_lock.h"

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "audio/test_files.h"
#include "catch.h"

using namespace kuchi;

// Each FileLock opens the file anew, so that two threads stand for two processes. (Two that share
// an open file by fork() share its lock too.)
TEST_CASE("file lock: the second waits until the first is done", "[io]") {
  const test_files::Folder folder;
  const auto file = folder / "deep" / "x.lock";
  std::vector<int> order;
  std::mutex mutex;
  const auto add = [&](int who) {
    const std::lock_guard guard(mutex);
    order.push_back(who);
  };
  std::thread second;
  {
    const io::FileLock lock(file, "waiting");
    second = std::thread([&] {
      const io::FileLock own(file, "waiting");
      add(2);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    add(1);
  }
  second.join();
  CHECK(order == std::vector<int>{1, 2});
}
