#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "io/file_lock.h"

namespace kuchi::study {

/// What is known of a training.
struct State {
  enum class Kind { started, done, failed };
  Kind kind = Kind::started;
  std::string reason;  // why it failed, one line
  int code = 0;        // exit code of what failed
  double seconds = 0;  // of the last attempt
};

/// What happened in a study, a line of JSON each, in DIR/ledger.jsonl. A line is on disk before
/// record() returns, and several processes may write (an array job's): each line is written under
/// the file's lock. A last line that a crash cut off is passed over.
class Ledger {
 public:
  /// UserError (data) with the line's place where a line, not the last, is none of ours.
  explicit Ledger(const std::filesystem::path& dir);

  /// The last word on a training; nothing where none is.
  std::optional<State> state(const std::string& id) const;
  /// UserError (environment) where the disk is full.
  void record(const std::string& id, const State& state);
  const std::map<std::string, State>& all() const { return states_; }

 private:
  std::filesystem::path file_;
  std::map<std::string, State> states_;
};

/// Holds a study's folder against a second sweep in it. `alone`: no other may hold it at all;
/// else only those that are not alone, as the tasks of an array job. Waits a minute for what a
/// sweep that was killed left running, then UserError (config).
io::FileLock hold(const std::filesystem::path& dir, bool alone);

}  // namespace kuchi::study
