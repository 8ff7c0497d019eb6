// The real program, stopped from outside in the middle of an epoch: what it goes on to must be
// what it would have been.
#include "child.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const Settings kWithAverage = {"train.ema=0.9", "train.grad_accumulation=2", "augment.time_masks=1",
                               "augment.noise=0.1", "model.bilstm.dropout=0.2"};

}  // namespace

TEST_CASE("killed: stopped by SIGTERM it saves, says 130, and goes on as if never stopped",
          "[train][slow]") {
  workshop();
  REQUIRE(fs::exists(kProgram));
  for (const auto& kind : {Settings{}, kWithAverage}) {
    const auto whole = new_run(), stopped = new_run();
    REQUIRE(program(training(whole, kind)) == 0);
    int interruptions = 0, in_epoch = 0;
    {
      Child child(training(stopped, kind));
      wait_for_events(child, stopped, 1, 20);
      child.send(SIGTERM);
      if (child.wait() == 130) ++interruptions;
    }
    for (int i = 2; i < 5; ++i) {
      if (left(stopped).state.at("batch") > 0) ++in_epoch;
      Child child({"resume", stopped.string()});
      wait_for_events(child, stopped, 2 * i, 10 * i);
      child.send(SIGTERM);
      if (child.wait() == 130) ++interruptions;
    }
    CHECK(interruptions >= 2);
    CHECK(in_epoch >= 1);  // else the test has lost its point
    REQUIRE(program({"resume", stopped.string()}) == 0);
    CHECK_SAME(left(whole), left(stopped));
    CHECK(events(whole) == events(stopped));
  }
}

TEST_CASE("killed: kill -9 at any moment loses time, never the result", "[train][slow]") {
  workshop();
  REQUIRE(fs::exists(kProgram));
  const auto whole = new_run(), killed = new_run();
  REQUIRE(program(training(whole, kWithAverage)) == 0);
  int kills = 0;
  {
    Child child(training(killed, kWithAverage));
    wait_for_events(child, killed, 0, 0);  // before the first checkpoint
    child.send(SIGKILL);
    if (child.wait() == 1000 + SIGKILL) ++kills;
  }
  for (int64_t i = 1; i <= 6; ++i) {
    Child child({"resume", killed.string()});
    wait_for_events(child, killed, 2 * i, 3 * i);
    child.send(SIGKILL);
    if (child.wait() == 1000 + SIGKILL) ++kills;
  }
  CHECK(kills >= 3);
  REQUIRE(program({"resume", killed.string()}) == 0);
  CHECK_SAME(left(whole), left(killed));
  CHECK(events(whole) == events(killed));
  for (const auto& entry : fs::directory_iterator(killed / "checkpoints")) {
    CHECK(fs::exists(entry.path() / "DONE"));  // no leftovers of killed writes
  }
}

TEST_CASE(
    "killed: what a kill after the last checkpoint left undone, a resume of the ended run does",
    "[train][slow]") {
  const auto run = new_run();
  run_training(run, small({"train.keep=1"}));
  const auto before = left(run);
  const auto newest = train::find_checkpoint(run, "last");
  // As a kill may leave it: the newest is not linked to yet, and a pruned folder is half gone.
  const auto old = run / "checkpoints" / "00000001";
  fs::create_directories(old);
  std::ofstream(old / "model.safetensors") << "half";
  fs::remove(run / "last");
  REQUIRE(program({"resume", run.string()}) == 0);
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::equivalent(run / "last", newest));
  CHECK_SAME(before, left(run));
}
