// src/distributed/world.h
#pragma once

#include <functional>
#include <string>

namespace kuchi::distributed {

/// Which of how many processes this one is, and where they meet.
struct World {
  int rank = 0, size = 1;
  int local_rank = 0, local_size = 1;  // on this machine
  std::string started_by;              // "kuchi", "torchrun", "Slurm", "MPI"; "" for one alone
  std::string address;                 // of rank 0's machine
  int port = 0;
  std::string meeting_file;   // instead of address and port, where all are on one machine
  bool agent_serves = false;  // torchrun's agent holds the store, no process of ours
  std::string attempt;        // of torchrun's restarts, so that none meets the last one's

  bool alone() const { return size == 1; }
  bool leads() const { return rank == 0; }
};

/// A variable's value, "" where it is not set.
using Lookup = std::function<std::string(const std::string& name)>;

/// What the starter said in the environment. The first of these that is there counts:
///   kuchi train --nproc   RANK WORLD_SIZE LOCAL_RANK LOCAL_WORLD_SIZE KUCHI_MEETING_FILE
///   torchrun              RANK WORLD_SIZE LOCAL_RANK LOCAL_WORLD_SIZE MASTER_ADDR MASTER_PORT
///   srun (Slurm)          SLURM_PROCID SLURM_STEP_NUM_TASKS SLURM_LOCALID MASTER_ADDR MASTER_PORT
///   mpirun (Open MPI)     OMPI_COMM_WORLD_{RANK,SIZE,LOCAL_RANK,LOCAL_SIZE} MASTER_ADDR
///   MASTER_PORT
/// One process alone where none is. UserError (config) for half of them or for no sense.
World world_from(const Lookup& variable);
/// Of this process's environment.
World world_from_environment();

}  // namespace kuchi::distributed
