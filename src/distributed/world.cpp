#include "distributed/world.h"

#include <cstdlib>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::distributed {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw UserError(Exit::config, "environment: " + text);
}

int whole(const Lookup& variable, const std::string& name, int low, int high) {
  long long value = 0;
  const auto text = variable(name);
  if (!parse_integer(text, value) || value < low || value > high) {
    fail(cat(name, " must be a number from ", low, " to ", high, "; it is \"", text, "\""));
  }
  return static_cast<int>(value);
}

constexpr int kMost = 65535;

/// What a starter calls the four numbers; an empty name: it does not say.
struct Names {
  std::string starter, rank, size, local_rank, local_size;
};

/// "4(x2),3" and "4" of Slurm: on this machine there are as many as on the first, which is only
/// what threads are shared out by.
int first_number(const std::string& text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > kMost) break;
    value = 10 * value + (c - '0');
  }
  return value;
}

World numbers(const Lookup& variable, const Names& names) {
  World world;
  world.started_by = names.starter;
  world.size = whole(variable, names.size, 1, kMost);
  world.rank = whole(variable, names.rank, 0, world.size - 1);
  if (!variable(names.local_rank).empty()) {
    world.local_rank = whole(variable, names.local_rank, 0, world.rank);
  }
  const int local = first_number(variable(names.local_size));
  world.local_size = local > 0 ? local : world.local_rank + 1;
  return world;
}

void find_meeting(const Lookup& variable, World& world) {
  if (world.alone()) return;
  world.meeting_file = variable("KUCHI_MEETING_FILE");
  if (!world.meeting_file.empty()) return;
  world.address = variable("MASTER_ADDR");
  if (world.address.empty()) {
    fail(cat(world.started_by, " started ", world.size,
             " processes, but MASTER_ADDR is not set; give it the name of the first machine, and "
             "MASTER_PORT a free port there"));
  }
  world.port = variable("MASTER_PORT").empty() ? 29500 : whole(variable, "MASTER_PORT", 1, 65535);
  world.agent_serves = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  world.attempt = variable("TORCHELASTIC_RESTART_COUNT");
}

}  // namespace

World world_from(const Lookup& variable) {
  const auto there = [&](const char* name) { return !variable(name).empty(); };
  World world;
  if (there("RANK") && there("WORLD_SIZE")) {
    const auto starter = there("KUCHI_MEETING_FILE") ? "kuchi" : "torchrun";
    world = numbers(variable, {starter, "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"});
  } else if (there("SLURM_PROCID") && there("SLURM_STEP_NUM_TASKS")) {
    world = numbers(variable, {"Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID",
                               "SLURM_STEP_TASKS_PER_NODE"});
  } else if (there("OMPI_COMM_WORLD_RANK") && there("OMPI_COMM_WORLD_SIZE")) {
    world = numbers(variable, {"MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
                               "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"});
  }
  find_meeting(variable, world);
  return world;
}

World world_from_environment() {
  return world_from([](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  });
}

}  // namespace kuchi::distributed
