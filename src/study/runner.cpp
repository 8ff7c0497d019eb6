#include "study/runner.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/child.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::study {
namespace fs = std::filesystem;
namespace {

fs::path config_of(const fs::path& dir, const std::string& id) {
  return dir / "trials" / (id + ".yaml");
}
fs::path log_of(const fs::path& dir, const std::string& id) { return dir / "logs" / (id + ".txt"); }

/// The last of a file, whole lines.
std::vector<std::string> last_lines(const fs::path& file, int64_t bytes = 8192) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  in.seekg(0, std::ios::end);
  const auto size = static_cast<int64_t>(in.tellg());
  in.seekg(std::max<int64_t>(0, size - bytes));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> out;
  for (const auto& line : split(text, '\n')) {
    if (!trim(line).empty()) out.push_back(trim(line));
  }
  return out;
}

/// Why it failed: the last that it said, less the program's name before it.
std::string reason_of(const Ending& ending, const fs::path& log) {
  if (ending.signal != 0) {
    return cat("was ended by signal ", ending.signal, " (", strsignal(ending.signal), ")",
               ending.signal == SIGKILL ? "; was memory short?" : "");
  }
  const auto lines = last_lines(log);
  std::string said = lines.empty() ? cat("ended with exit code ", ending.code) : lines.back();
  for (const char* before : {"kuchi: ", "error: "}) {
    if (said.rfind(before, 0) == 0) said.erase(0, std::strlen(before));
  }
  return printable(said);
}

/// "epoch 3" of a training under way, from its events.
std::string how_far(const fs::path& run) {
  const auto lines = last_lines(run / "events.jsonl");
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto json = nlohmann::json::parse(*line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.value("event", "") == "epoch") {
      return cat(" epoch ", json.value("epoch", 0));
    }
  }
  return "";
}

struct Job {
  const Trial* trial = nullptr;
  pid_t process = 0;
  double started_s = 0;
};

class Runner {
 public:
  Runner(const std::vector<Setting>& settings, const RunOptions& options, Ledger& ledger)
      : settings_(settings), options_(options), ledger_(ledger) {
    jobs_.resize(static_cast<size_t>(options.jobs));
  }

  void run(std::deque<const Trial*> waiting, int64_t done) {
    const int64_t total = done + static_cast<int64_t>(waiting.size());
    Progress progress("sweep", total);
    for (;;) {
      if (interrupted()) stop(done, total);
      for (size_t slot = 0; slot < jobs_.size(); ++slot) {
        if (jobs_[slot].trial == nullptr && !waiting.empty()) {
          start(slot, *waiting.front());
          waiting.pop_front();
        }
      }
      bool running = false;
      for (auto& job : jobs_) {
        if (job.trial == nullptr) continue;
        if (const auto ended = ending_of(job.process)) {
          conclude(job, *ended);
          ++done;
        } else {
          running = true;
        }
      }
      if (!running && waiting.empty()) break;
      progress.at(done, words());
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    progress.finish();
  }

 private:
  void start(size_t slot, const Trial& trial) {
    const auto run = run_of(options_.dir, trial.id);
    std::vector<std::string> arguments = {"kuchi", "-q"};
    for (const auto& file : options_.plugins) {
      arguments.insert(arguments.end(), {"--plugin", file});
    }
    std::error_code ec;
    if (fs::exists(run / "last", ec)) {
      arguments.insert(arguments.end(), {"resume", run.string()});
    } else {
      const auto config = config_of(options_.dir, trial.id);
      io::write_atomically(config, trial.yaml);
      fs::remove_all(run, ec);  // a training that was killed before its first checkpoint
      arguments.insert(arguments.end(), {"train", config.string(), "--out", run.string()});
    }
    std::vector<std::pair<std::string, std::string>> set;
    if (!options_.gpus.empty()) {
      set.emplace_back("CUDA_VISIBLE_DEVICES", options_.gpus[slot % options_.gpus.size()]);
    }
    ledger_.record(trial.id, {});
    jobs_[slot] = {&trial, start_child(arguments, Environment(set), log_of(options_.dir, trial.id)),
                   monotonic_s()};
  }

  void conclude(Job& job, const Ending& ending) {
    State state;
    state.seconds = monotonic_s() - job.started_s;
    const auto& id = job.trial->id;
    if (ending.signal == 0 && ending.code == 0 && is_measured(options_.dir, id)) {
      state.kind = State::Kind::done;
    } else {
      state.kind = State::Kind::failed;
      state.code = ending.code;
      state.reason = ending.signal == 0 && ending.code == 0
                         ? "trained, but nothing was held out to judge it on; see eval.split and "
                           "data.split, or cross_validation"
                         : reason_of(ending, log_of(options_.dir, id));
      warn(cat(settings_[job.trial->setting].name, " seed ", job.trial->seed, ": ", state.reason));
    }
    ledger_.record(id, state);
    job = {};
  }

  std::string words() const {
    std::vector<std::string> out;
    for (const auto& job : jobs_) {
      if (job.trial == nullptr) continue;
      out.push_back(settings_[job.trial->setting].name + " seed " +
                    std::to_string(job.trial->seed) + how_far(run_of(options_.dir, job.trial->id)));
    }
    return join(out, "; ");
  }

  [[noreturn]] void stop(int64_t done, int64_t total) {
    for (const auto& job : jobs_) {
      if (job.trial != nullptr) kill(job.process, SIGTERM);
    }
    for (auto& job : jobs_) {
      while (job.trial != nullptr) {
        if (const auto ended = ending_of(job.process)) {
          // One that came to its end all the same is not lost.
          if (ended->signal == 0 && ended->code == 0) conclude(job, *ended), ++done;
          job = {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    throw UserError(Exit::interrupted, cat("interrupted after ", done, " of ", total,
                                           " trainings; the same command goes on from here"));
  }

  const std::vector<Setting>& settings_;
  const RunOptions& options_;
  Ledger& ledger_;
  std::vector<Job> jobs_;
};

bool has_ended(const State& state, bool retry) {
  return state.kind == State::Kind::done || (state.kind == State::Kind::failed && !retry);
}

}  // namespace

fs::path run_of(const fs::path& dir, const std::string& id) { return dir / "trials" / id; }

bool is_measured(const fs::path& dir, const std::string& id) {
  std::error_code ec;
  return fs::is_regular_file(run_of(dir, id) / "metrics.json", ec);
}

void run_trials(const std::vector<Trial>& trials, const std::vector<Setting>& settings,
                const RunOptions& options, Ledger& ledger) {
  for (const char* folder : {"trials", "logs"}) io::make_directories(options.dir / folder);
  std::deque<const Trial*> waiting;
  std::set<std::string> known;
  int64_t done = 0;
  for (const auto& trial : trials) {
    if (!known.insert(trial.id).second) continue;
    auto state = ledger.state(trial.id);
    // The sweep was killed between a training's end and the word on it.
    if (state && state->kind == State::Kind::started && is_measured(options.dir, trial.id)) {
      state->kind = State::Kind::done;
      ledger.record(trial.id, *state);
    }
    if (state && has_ended(*state, options.retry)) {
      ++done;
      continue;
    }
    if (state && state->kind == State::Kind::failed) {  // tried again from the start
      std::error_code ec;
      fs::remove_all(run_of(options.dir, trial.id), ec);
    }
    waiting.push_back(&trial);
  }
  Runner(settings, options, ledger).run(std::move(waiting), done);
}

std::optional<double> seconds_left(const std::vector<Trial>& trials, const Ledger& ledger,
                                   int64_t jobs) {
  std::set<std::string> known;
  double spent = 0;
  int64_t measured = 0, left = 0;
  for (const auto& trial : trials) {
    if (!known.insert(trial.id).second) continue;
    const auto state = ledger.state(trial.id);
    if (state && state->kind == State::Kind::done && state->seconds > 0) {
      spent += state->seconds;
      ++measured;
    } else if (!state || state->kind == State::Kind::started) {
      ++left;
    }
  }
  if (measured == 0) return std::nullopt;
  return spent / static_cast<double>(measured) * static_cast<double>(left) /
         static_cast<double>(jobs);
}

}  // namespace kuchi::study
