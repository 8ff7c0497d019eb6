#include "study/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::study {
namespace fs = std::filesystem;
namespace {

constexpr std::pair<const char*, State::Kind> kKinds[] = {{"started", State::Kind::started},
                                                          {"done", State::Kind::done},
                                                          {"failed", State::Kind::failed}};

std::string line_of(const std::string& id, const State& state) {
  nlohmann::ordered_json out = {{"id", id}};
  for (const auto& [name, kind] : kKinds) {
    if (kind == state.kind) out["status"] = name;
  }
  if (state.kind == State::Kind::failed) {
    out["reason"] = state.reason;
    out["code"] = state.code;
  }
  if (state.kind != State::Kind::started) out["seconds"] = state.seconds;
  // A log may hold bytes that are no text.
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

State state_of(const nlohmann::json& line) {
  State out;
  const auto& status = line.at("status").get_ref<const std::string&>();
  bool known = false;
  for (const auto& [name, kind] : kKinds) {
    if (status == name) out.kind = kind, known = true;
  }
  if (!known) throw std::invalid_argument("status");
  out.reason = line.value("reason", "");
  out.code = line.value("code", 0);
  out.seconds = line.value("seconds", 0.0);
  return out;
}

}  // namespace

Ledger::Ledger(const fs::path& dir) : file_(dir / "ledger.jsonl") {
  if (!fs::exists(file_)) return;
  const auto text = io::read_text(file_);
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (end == std::string::npos) break;  // cut off by a crash
    ++number;
    const auto line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.empty()) continue;
    try {
      const auto json = nlohmann::json::parse(line);
      states_[json.at("id").get<std::string>()] = state_of(json);
    } catch (const std::exception&) {
      if (line.rfind("{\"id\"", 0) == 0) continue;  // ours, cut off by a crash
      fail_data(Location{file_.string(), number, 1},
                "is no line of a sweep's ledger; take the line out, or give another --out");
    }
  }
}

std::optional<State> Ledger::state(const std::string& id) const {
  const auto it = states_.find(id);
  return it == states_.end() ? std::nullopt : std::optional(it->second);
}

void Ledger::record(const std::string& id, const State& state) {
  states_[id] = state;
  const int file = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) fail_environment(file_.string() + ": cannot be written", errno);
  flock(file, LOCK_EX);
  auto line = line_of(id, state);
  // After a line that a crash cut off, ours begins a new one.
  const auto end = lseek(file, 0, SEEK_END);
  char last = '\n';
  if (end > 0 && pread(file, &last, 1, end - 1) == 1 && last != '\n') line.insert(0, "\n");
  const auto written = write(file, line.data(), line.size());
  const bool whole = written == static_cast<ssize_t>(line.size()) && fsync(file) == 0;
  const int error = errno;
  if (!whole && end >= 0 && ftruncate(file, end) != 0) errno = error;
  close(file);
  if (!whole) fail_environment(file_.string() + ": cannot be written", error);
}

io::FileLock hold(const fs::path& dir, bool alone) {
  io::LockOptions options;
  options.shared = !alone;
  // The trainings hold it too: those of a sweep that was killed may still be saving when the next
  // one comes.
  options.inherited = true;
  options.wait_s = 60;
  options.busy = cat(dir.string(),
                     ": another kuchi sweep works in this folder; wait for it, or "
                     "give another --out");
  return {dir / "lock", cat(dir.string(), ": waiting for what still works in this folder"),
          options};
}

}  // namespace kuchi::study
