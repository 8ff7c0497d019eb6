// src/distributed/slurm.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kuchi::distributed {

/// A batch script for sbatch that runs the command (its words, the program first) as `processes`
/// processes, one a task; to be looked through before it is submitted. `name` is the job's.
/// It asks for one GPU a task where gpus is true.
std::string slurm_script(const std::vector<std::string>& command, int processes, bool gpus,
                         const std::string& name);

/// A batch script for sbatch that runs the command `tasks` times, each with `--trial NUMBER` added,
/// the numbers from 1, at most `at_once` at a time. Each task asks for a GPU where gpus is true.
std::string slurm_array_script(const std::vector<std::string>& command, int64_t tasks,
                               int64_t at_once, bool gpus, const std::string& name);

/// A word as a shell reads it back.
std::string shell_word(const std::string& word);

}  // namespace kuchi::distributed
