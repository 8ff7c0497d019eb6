#include "distributed/launch.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <thread>

#include "core/child.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "distributed/group.h"

namespace kuchi::distributed {
namespace {

/// Exit code, between launch() and its processes, of one that only lost the others.
constexpr int kLostOthers = 76;
/// How long the others have to end by themselves once one has failed, then after being told to.
constexpr double kGrace_s = 5, kTold_s = 20;

struct Processes {
  std::vector<pid_t> running;  // by rank; 0: has ended
  std::vector<Ending> endings;

  bool any() const {
    return std::any_of(running.begin(), running.end(), [](pid_t p) { return p != 0; });
  }
  bool failed() const {
    return std::any_of(endings.begin(), endings.end(),
                       [](const Ending& e) { return e.code != 0 || e.signal != 0; });
  }
  void send(int signal) const {
    for (const pid_t p : running) {
      if (p != 0) kill(p, signal);
    }
  }
  void look() {
    for (size_t i = 0; i < running.size(); ++i) {
      if (running[i] == 0) continue;
      const auto ended = ending_of(running[i]);
      if (!ended) continue;
      running[i] = 0;
      endings.push_back({static_cast<int>(i), ended->code, ended->signal});
    }
  }
};

void watch(Processes& processes) {
  bool passed_on = false, told = false;
  double failed_s = 0;
  while (processes.any()) {
    processes.look();
    if (interrupted() && !passed_on) {
      processes.send(SIGTERM);
      passed_on = true;
    }
    if (processes.failed() && failed_s == 0) failed_s = monotonic_s();
    const double since_s = failed_s > 0 ? monotonic_s() - failed_s : 0;
    if (since_s > kGrace_s && !told && !passed_on) {
      processes.send(SIGTERM);
      told = true;
    }
    if (since_s > kGrace_s + kTold_s) processes.send(SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string of(const Ending& ending, int processes) {
  return cat("process ", ending.rank, " of ", processes);
}

}  // namespace

UserError reason_of(const std::vector<Ending>& endings, int processes) {
  const auto first = [&](auto&& is) { return std::find_if(endings.begin(), endings.end(), is); };
  const auto by_signal = first([](const Ending& e) { return e.signal != 0; });
  const auto by_itself =
      first([](const Ending& e) { return e.signal == 0 && e.code != 0 && e.code != kLostOthers; });
  // An exit says what was wrong; that one was killed says it only where none did.
  if (by_itself != endings.end() && (by_signal == endings.end() || by_itself < by_signal)) {
    if (by_itself->code == static_cast<int>(Exit::interrupted)) {
      return {Exit::interrupted, cat("interrupted; all ", processes, " processes have ended")};
    }
    return {static_cast<Exit>(by_itself->code),
            cat(of(*by_itself, processes), " ended with exit code ", by_itself->code,
                " for the reason above, and with it the others")};
  }
  if (by_signal != endings.end()) {
    return {Exit::environment,
            cat(of(*by_signal, processes), " was ended by signal ", by_signal->signal, " (",
                strsignal(by_signal->signal), "), and with it the others",
                by_signal->signal == SIGKILL ? "; was memory short?" : "",
                "; the last checkpoint is whole: go on with kuchi resume RUN --nproc ", processes)};
  }
  return {Exit::environment,
          cat("the ", processes,
              " processes lost each other; the last checkpoint is whole: go on with kuchi resume "
              "RUN --nproc ",
              processes)};
}

void launch(const std::vector<std::string>& arguments, int processes) {
  const TemporaryFolder place("kuchi-meeting");  // where they find each other
  Processes all;
  for (int rank = 0; rank < processes; ++rank) {
    const Environment environment({{"RANK", std::to_string(rank)},
                                   {"LOCAL_RANK", std::to_string(rank)},
                                   {"WORLD_SIZE", std::to_string(processes)},
                                   {"LOCAL_WORLD_SIZE", std::to_string(processes)},
                                   {"KUCHI_MEETING_FILE", (place.path() / "store").string()}});
    all.running.push_back(start_child(arguments, environment));
  }
  watch(all);
  if (all.failed()) throw reason_of(all.endings, processes);
}

std::vector<std::string> without(const std::vector<std::string>& arguments,
                                 const std::string& option) {
  std::vector<std::string> out;
  bool value = false;  // the next word is the option's
  for (const auto& argument : arguments) {
    const bool here = !value && (argument == option || argument.rfind(option + "=", 0) == 0);
    if (!value && !here) out.push_back(argument);
    value = here && argument == option;
  }
  return out;
}

std::vector<std::string> own_arguments_without(const std::string& option) {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto arguments = split(text, '\0');
  if (!arguments.empty() && arguments.back().empty()) arguments.pop_back();  // each ends with one
  return without(arguments, option);
}

void take_part(const World& world, const std::function<void()>& work) {
  const auto leave = [](int code) {
    std::cout.flush();
    std::cerr.flush();
    std::_Exit(code);
  };
  try {
    work();
  } catch (const LostProcess&) {
    if (interrupted()) leave(static_cast<int>(Exit::interrupted));
    if (world.started_by == "kuchi") leave(kLostOthers);
    throw;
  } catch (const UserError& e) {
    const bool all_alike = e.code() == Exit::interrupted || e.code() == Exit::diverged;
    if (!world.leads() && all_alike) leave(static_cast<int>(e.code()));
    throw;
  }
}

}  // namespace kuchi::distributed
