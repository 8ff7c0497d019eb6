// src/distributed/launch.h
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "distributed/world.h"

namespace kuchi::distributed {

/// Runs this program again, `processes` times, with the arguments (arguments[0] is its name) and
/// the variables that world_from() reads, and waits. An interruption is passed on once. When one
/// process fails or is killed, the others are told to stop, and after a while made to. Returns if
/// all ended well. Else UserError with the exit code of the one that failed by itself, and a
/// sentence that names it; its own message stands above.
void launch(const std::vector<std::string>& arguments, int processes);

/// The command line of this process without an option that takes a value ("--nproc N" or
/// "--nproc=N"): what launch() gives to its processes.
std::vector<std::string> own_arguments_without(const std::string& option);
std::vector<std::string> without(const std::vector<std::string>& arguments,
                                 const std::string& option);

/// How one of the processes ended.
struct Ending {
  int rank = 0;
  int code = 0;    // of exit; where signal is 0
  int signal = 0;  // that ended it
};
/// The UserError's parts for endings in the order in which they came.
UserError reason_of(const std::vector<Ending>& endings, int processes);

/// Does a process's part of a training. What all processes say alike (interrupted, diverged) only
/// rank 0 says, and of a lost process nothing is said by one that launch() started, since launch()
/// says who it was: such a process ends here.
void take_part(const World& world, const std::function<void()>& work);

}  // namespace kuchi::distributed
