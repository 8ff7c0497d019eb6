#include "io/file_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "catch.h"

using namespace kuchi;

TEST_CASE("file lock: a second process waits until the first is done", "[io]") {
  const auto dir =
      std::filesystem::temp_directory_path() / ("kuchi-lock-" + std::to_string(getpid()));
  const auto file = dir / "deep" / "x.lock";
  const auto order = dir / "order";
  pid_t child = 0;
  {
    const io::FileLock lock(file, "waiting");
    child = fork();
    if (child == 0) {
      const io::FileLock second(file, "waiting");
      std::ofstream(order, std::ios::app) << "second\n";
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::ofstream(order, std::ios::app) << "first\n";
  }
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  std::ifstream in(order);
  std::string first, second;
  in >> first >> second;
  CHECK(first == "first");
  CHECK(second == "second");
  std::filesystem::remove_all(dir);
}
