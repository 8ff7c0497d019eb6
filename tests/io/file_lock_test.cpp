#include "io/file_lock.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "catch.h"

using namespace kuchi;

// Each FileLock opens the file anew, so that two threads stand for two processes. (Two that share
// an open file by fork() share its lock too.)
TEST_CASE("file lock: the second waits until the first is done", "[io]") {
  const auto dir =
      std::filesystem::temp_directory_path() / ("kuchi-lock-" + std::to_string(getpid()));
  const auto file = dir / "deep" / "x.lock";
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
  std::filesystem::remove_all(dir);
}
