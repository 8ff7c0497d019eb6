// Several processes against one that sees the same batches: the real program, --nproc.
#include <cmath>

#include "child.h"
#include "edge/tensor_file.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Largest difference between the weights of two runs' last checkpoints.
double difference(const fs::path& a, const fs::path& b) {
  const auto one = edge::load_tensors(train::find_checkpoint(a, "last") / "model.safetensors");
  const auto two = edge::load_tensors(train::find_checkpoint(b, "last") / "model.safetensors");
  REQUIRE(one.tensors.size() == two.tensors.size());
  double largest = 0;
  for (const auto& [name, tensor] : one.tensors) {
    largest = std::max(largest, (tensor - two.tensors.at(name)).abs().max().item<double>());
  }
  return largest;
}

/// Everything that could tell processes apart: dropout, the average, augmentation, odd batch
/// counts.
const Settings kTellsApart = {"model.bilstm.dropout=0.2", "train.ema=0.9",
                              "augment.time_masks=1",     "augment.noise=0.1",
                              "loss.velocity=0.01",       "train.max_epochs=3",
                              "train.checkpoint_every=1"};

std::vector<std::string> with(std::vector<std::string> all, const Settings& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

TEST_CASE("parallel: two processes give the weights of one with the joint batch", "[train][slow]") {
  workshop();
  const auto one = new_run(), two = new_run(), other = new_run();
  REQUIRE(program(with(training(one, kTellsApart), {"train.grad_accumulation=4"})) == 0);
  REQUIRE(program(with(training(two, kTellsApart),
                       {"train.grad_accumulation=2", "--nproc", "2"})) == 0);
  CHECK(difference(one, two) <= 1e-5);
  const auto first = events(one), second = events(two);
  REQUIRE(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].at("loss").get<double>() ==
          Approx(second[i].at("loss").get<double>()).epsilon(1e-5));
    CHECK(first[i].at("valid").at("mse").get<double>() ==
          Approx(second[i].at("valid").at("mse").get<double>()).epsilon(1e-4));
  }
  // The test sees a difference where the batches are not joined.
  REQUIRE(program(with(training(other, kTellsApart), {"train.grad_accumulation=2"})) == 0);
  CHECK(difference(one, other) > 1e-3);
}

TEST_CASE("parallel: kill -9 of one ends all with its reason, and another number goes on",
          "[train][slow]") {
  workshop();
  const auto whole = new_run(), killed = new_run();
  const Settings kind = {"train.grad_accumulation=1", "train.checkpoint_steps=3"};
  REQUIRE(program(with(training(whole, kind), {"--nproc", "2"})) == 0);
  const auto file = workshop() / "said";
  {
    Child child(with(training(killed, kind), {"--nproc", "2"}), file);
    wait_for_events(child, killed, 2, 5);
    // Its children are found as the kernel tells them.
    std::ifstream in(cat("/proc/", child.pid(), "/task/", child.pid(), "/children"));
    pid_t first = 0, second = 0;
    in >> first >> second;
    REQUIRE(second > 0);
    kill(second, SIGKILL);
    CHECK(child.wait() == 5);
  }
  CHECK(file_bytes(file).find("process 1 of 2 was ended by signal 9") != std::string::npos);
  const auto three = said_by({"resume", killed.string(), "--nproc", "3"});
  CHECK(three.code == 2);
  CHECK(three.text.find("3 processes cannot share") != std::string::npos);
  REQUIRE(program({"resume", killed.string()}) == 0);  // one process: it accumulates two batches
  CHECK(difference(whole, killed) <= 1e-5);
}

TEST_CASE("parallel: ^C saves once and says how to go on, to the same bits", "[train][slow]") {
  workshop();
  const auto whole = new_run(), stopped = new_run();
  REQUIRE(program(with(training(whole, kTellsApart), {"--nproc", "2"})) == 0);
  const auto file = workshop() / "said";
  {
    Child child(with(training(stopped, kTellsApart), {"--nproc", "2"}), file);
    wait_for_events(child, stopped, 1, 5);
    child.send(SIGINT);
    CHECK(child.wait() == 130);
  }
  const auto text = file_bytes(file);
  const std::string how = "go on with: kuchi resume";
  REQUIRE(text.find(how) != std::string::npos);
  CHECK(text.find(how, text.find(how) + 1) == std::string::npos);  // one process says it
  REQUIRE(program({"resume", stopped.string(), "--nproc", "2"}) == 0);
  CHECK_SAME(left(whole), left(stopped));
}

TEST_CASE("parallel: what several processes cannot do is refused by name", "[train][slow]") {
  workshop();
  const auto closed = said_by(with(training(new_run(), {}), {"model.head=linear", "--nproc", "2"}));
  CHECK(closed.code == 2);
  CHECK(closed.text.find("model.head=linear") != std::string::npos);
  const auto script = workshop() / "job.sh";
  const auto run = new_run();
  REQUIRE(program(with(training(run, {}), {"--nproc", "4", "--slurm", script.string()})) == 0);
  CHECK(file_bytes(script).find("#SBATCH --ntasks=4") != std::string::npos);
  CHECK_FALSE(fs::exists(run));
  CHECK(program(with(training(run, {}), {"--slurm", script.string()})) == 2);  // it is there
}
