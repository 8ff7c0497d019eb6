// A training whose disk fills up: a small tmpfs, and files that may not grow.
#include <sys/mount.h>
#include <sys/resource.h>

#include "child.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// A file system of a few KiB, if this user may mount one.
struct SmallDisk {
  fs::path path;
  bool mounted = false;
  explicit SmallDisk(const std::string& size) : path(workshop() / "disk") {
    fs::create_directories(path);
    mounted = mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted) umount2(path.c_str(), MNT_DETACH);
  }
  bool grow(const std::string& size) const {
    return mount("tmpfs", path.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) == 0;
  }
};

const Settings kKeepAll = {"train.keep=1000", "train.checkpoint_steps=2"};

}  // namespace

TEST_CASE("full disk: a sentence, exit code 5, and with more room the same weights",
          "[train][slow]") {
  workshop();
  SmallDisk disk("800k");
  if (!disk.mounted) {
    WARN("skipped: this user may not mount a small file system");
    return;
  }
  const auto whole = new_run(), filled = disk.path / "run";
  REQUIRE(program(training(whole, kKeepAll)) == 0);
  const auto said = said_by(training(filled, kKeepAll));
  INFO(said.text);
  CHECK(said.code == 5);
  CHECK(said.text.find("No space left on device") != std::string::npos);
  CHECK(said.text.find(filled.string()) != std::string::npos);
  CHECK(said.text.find("terminate") == std::string::npos);
  REQUIRE_FALSE(train::list_checkpoints(filled).empty());
  CHECK(said_by({"resume", filled.string()}).code == 5);  // it is still full, and still whole
  REQUIRE_FALSE(train::list_checkpoints(filled).empty());
  REQUIRE(disk.grow("64m"));
  REQUIRE(program({"resume", filled.string()}) == 0);
  CHECK_SAME(left(whole), left(filled));
  CHECK(events(whole) == events(filled));
}
