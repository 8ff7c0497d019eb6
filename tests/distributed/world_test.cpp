#include "distributed/world.h"

#include <map>

#include "catch.h"
#include "core/error.h"
#include "distributed/launch.h"
#include "distributed/slurm.h"

using namespace kuchi;
using namespace kuchi::distributed;

namespace {

World world_of(const std::map<std::string, std::string>& variables) {
  return world_from([&](const std::string& name) {
    const auto it = variables.find(name);
    return it == variables.end() ? std::string() : it->second;
  });
}

std::string mistake_of(const std::map<std::string, std::string>& variables) {
  try {
    world_of(variables);
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::config);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("world: without a starter's variables there is one process", "[distributed]") {
  const auto world = world_of({{"MASTER_ADDR", "node1"}, {"SLURM_PROCID", "0"}});
  CHECK(world.alone());  // SLURM_PROCID alone: a batch script, not srun
  CHECK(world.leads());
}

TEST_CASE("world: torchrun's, Slurm's and Open MPI's variables are understood", "[distributed]") {
  const auto torchrun = world_of({{"RANK", "5"},
                                  {"WORLD_SIZE", "8"},
                                  {"LOCAL_RANK", "1"},
                                  {"LOCAL_WORLD_SIZE", "4"},
                                  {"MASTER_ADDR", "node1"},
                                  {"MASTER_PORT", "1234"},
                                  {"TORCHELASTIC_USE_AGENT_STORE", "True"}});
  CHECK(torchrun.rank == 5);
  CHECK(torchrun.size == 8);
  CHECK(torchrun.local_rank == 1);
  CHECK(torchrun.local_size == 4);
  CHECK(torchrun.port == 1234);
  CHECK(torchrun.agent_serves);
  CHECK(torchrun.started_by == "torchrun");

  const auto slurm = world_of({{"SLURM_PROCID", "3"},
                               {"SLURM_STEP_NUM_TASKS", "6"},
                               {"SLURM_LOCALID", "0"},
                               {"SLURM_STEP_TASKS_PER_NODE", "3(x2)"},
                               {"MASTER_ADDR", "node1"}});
  CHECK(slurm.rank == 3);
  CHECK(slurm.local_size == 3);
  CHECK(slurm.port == 29500);
  CHECK(slurm.started_by == "Slurm");

  const auto mpi = world_of({{"OMPI_COMM_WORLD_RANK", "0"},
                             {"OMPI_COMM_WORLD_SIZE", "2"},
                             {"OMPI_COMM_WORLD_LOCAL_RANK", "0"},
                             {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                             {"MASTER_ADDR", "::1"}});
  CHECK(mpi.leads());
  CHECK(mpi.local_size == 2);
  CHECK_FALSE(mpi.alone());
}

TEST_CASE("world: half an environment says which variable is missing or wrong", "[distributed]") {
  CHECK(mistake_of({{"RANK", "0"}, {"WORLD_SIZE", "2"}}).find("MASTER_ADDR") != std::string::npos);
  CHECK(mistake_of({{"RANK", "2"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}}).find("RANK") !=
        std::string::npos);
  CHECK(mistake_of({{"RANK", "0"}, {"WORLD_SIZE", "two"}}).find("WORLD_SIZE") != std::string::npos);
}

TEST_CASE("launch: the reason is the process that failed by itself", "[distributed]") {
  constexpr int kLost = 76;
  const auto full = reason_of({{1, kLost, 0}, {0, 5, 0}}, 2);
  CHECK(full.code() == Exit::environment);
  CHECK(std::string(full.what()).find("process 0 of 2 ended with exit code 5") == 0);

  const auto killed = reason_of({{0, kLost, 0}, {1, 0, 9}}, 2);
  CHECK(killed.code() == Exit::environment);
  CHECK(std::string(killed.what()).find("process 1 of 2 was ended by signal 9") == 0);

  const auto stopped = reason_of({{0, 130, 0}, {1, 130, 0}}, 2);
  CHECK(stopped.code() == Exit::interrupted);
  // Those that launch() had to end say nothing of why.
  const auto data = reason_of({{1, 3, 0}, {0, 0, 15}}, 2);
  CHECK(data.code() == Exit::data);
}

TEST_CASE("launch: its own option does not go on to the processes", "[distributed]") {
  using Words = std::vector<std::string>;
  CHECK(without({"kuchi", "train", "--nproc", "2", "a.yaml"}, "--nproc") ==
        Words{"kuchi", "train", "a.yaml"});
  CHECK(without({"kuchi", "--nproc=2", "--out", "--nproc-run"}, "--nproc") ==
        Words{"kuchi", "--out", "--nproc-run"});
}

TEST_CASE("slurm: words of the command reach the shell as they are", "[distributed]") {
  const auto script =
      slurm_script({"/opt/kuchi", "train", "my config.yaml", "a=b'c"}, 4, true, "x y\n#SBATCH");
  CHECK(script.find("srun --kill-on-bad-exit=1 --export=ALL /opt/kuchi train 'my config.yaml' "
                    "'a=b'\\''c'\n") != std::string::npos);
  CHECK(script.find("#SBATCH --ntasks=4\n") != std::string::npos);
  CHECK(script.find("#SBATCH --job-name=x_y__SBATCH\n") != std::string::npos);
  CHECK(script.find("--gpus-per-task=1") != std::string::npos);
  CHECK(slurm_script({"k"}, 2, false, "").find("gpus") == std::string::npos);
}
