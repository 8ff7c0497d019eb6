#include "train/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

std::string step_name(int64_t step) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%08lld", static_cast<long long>(step));
  return buffer;
}

bool step_of(const fs::path& dir, int64_t& step) {
  long long value = 0;
  if (!parse_integer(dir.filename().string(), value) || value < 0) return false;
  step = value;
  return true;
}

/// Renames a finished checkpoint to its name. Where that step is there already (after a resume) the
/// two change places, so that one of them is whole at any moment.
void put_in_place(const fs::path& finished, const fs::path& name) {
  std::error_code ec;
  if (fs::exists(name, ec)) {
    if (renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, name.c_str(), RENAME_EXCHANGE) == 0) {
      fs::remove_all(finished, ec);
      return;
    }
    // A file system that cannot: aside first, then in.
    fs::rename(name, finished.parent_path() / ".tmp-replaced", ec);
  }
  if (rename(finished.c_str(), name.c_str()) != 0) {
    fail_environment(name.string() + ": cannot rename the finished checkpoint", errno);
  }
  fs::remove_all(finished.parent_path() / ".tmp-replaced", ec);
}

}  // namespace

nlohmann::json to_json(const State& s) {
  nlohmann::json j = {
      {"format", 1},          {"step", s.step},           {"epoch", s.epoch},
      {"batch", s.batch},     {"loss_sum", s.loss_sum},   {"loss_frames", s.loss_frames},
      {"best", nullptr},      {"best_step", s.best_step}, {"bad_epochs", s.bad_epochs},
      {"seconds", s.seconds}, {"finished", s.finished},   {"batches_a_step", s.batches_a_step}};
  if (s.best) j["best"] = *s.best;
  j["plateau"] = {{"scale", s.plateau.scale}, {"epochs", s.plateau.epochs}};
  j["skipped"] = {{"epoch", s.skipped}, {"in_a_row", s.skipped_in_a_row}};
  j["errors"] = {{"first", s.first_errors}, {"last", s.errors}};
  j["still_epochs"] = s.still_epochs;
  j["terms"] = nlohmann::json::object();
  for (const auto& [name, term] : s.terms) j["terms"][name] = {term.sum, term.count};
  return j;
}

State state_from_json(const nlohmann::json& j, const fs::path& file) {
  try {
    State s;
    s.step = j.at("step");
    s.epoch = j.at("epoch");
    s.batch = j.at("batch");
    s.loss_sum = j.at("loss_sum");
    s.loss_frames = j.at("loss_frames");
    if (!j.at("best").is_null()) s.best = j.at("best").get<double>();
    s.best_step = j.at("best_step");
    s.bad_epochs = j.at("bad_epochs");
    s.seconds = j.at("seconds");
    s.finished = j.at("finished");
    if (j.contains("skipped")) {  // older ones lack what follows
      s.skipped = j["skipped"].at("epoch");
      s.skipped_in_a_row = j["skipped"].at("in_a_row");
      s.first_errors = j.at("errors").at("first");
      s.errors = j["errors"].at("last").get<std::vector<double>>();
      s.still_epochs = j.at("still_epochs");
    }
    if (j.contains("plateau")) {
      s.plateau = {j["plateau"].at("scale"), j["plateau"].at("epochs")};
    }
    if (j.contains("terms")) {
      for (const auto& [name, term] : j["terms"].items()) s.terms[name] = {term.at(0), term.at(1)};
    }
    s.batches_a_step = j.value("batches_a_step", int64_t{0});
    return s;
  } catch (const nlohmann::json::exception&) {
    fail_data(file, "is no state of a checkpoint; the checkpoint is damaged, take another");
  }
}

fs::path write_checkpoint(const fs::path& run, const State& state, const CheckpointTensors& t) {
  const fs::path all = run / "checkpoints", final_dir = all / step_name(state.step);
  const fs::path dir = all / (".tmp-" + step_name(state.step));
  std::error_code ec;
  fs::remove_all(dir, ec);
  io::make_directories(dir);
  try {
    edge::save_tensors(dir / "model.safetensors", t.model, t.metadata);
    edge::save_tensors(dir / "optimizer.safetensors", t.optimizer);
    io::write_atomically(dir / "state.json", to_json(state).dump(1) + "\n");
    io::sync_path(dir);
    io::write_atomically(dir / "DONE", std::string("ok\n"));
    put_in_place(dir, final_dir);
  } catch (...) {
    fs::remove_all(dir, ec);
    throw;
  }
  io::sync_path(all);
  return final_dir;
}

std::vector<std::pair<int64_t, fs::path>> list_checkpoints(const fs::path& run) {
  std::vector<std::pair<int64_t, fs::path>> out;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", ec)) {
    int64_t step = 0;
    if (step_of(entry.path(), step) && fs::exists(entry.path() / "DONE", ec)) {
      out.emplace_back(step, entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

fs::path find_checkpoint(const fs::path& run, const std::string& which) {
  const auto all = list_checkpoints(run);
  if (all.empty()) {
    fail_data(run, "has no whole checkpoint; is it a run folder, and did its training get so far?");
  }
  if (which == "last") return all.back().second;
  if (which == "best") {
    std::error_code ec;
    const auto target = fs::read_symlink(run / "best", ec);
    if (!ec && fs::exists(run / target / "DONE", ec)) return run / target;
    return all.back().second;  // nothing was validated: the last is the best there is
  }
  std::vector<std::string> steps;
  for (const auto& [step, dir] : all) {
    long long wanted = -1;
    if (parse_integer(which, wanted) && wanted == step) return dir;
    steps.push_back(std::to_string(step));
  }
  fail_data(run,
            cat("has no checkpoint \"", which, "\"; there are best, last, ", join(steps, ", ")));
}

State read_state(const fs::path& checkpoint) {
  const fs::path file = checkpoint / "state.json";
  const auto json = nlohmann::json::parse(io::read_text(file), nullptr, /*allow_exceptions=*/false);
  return state_from_json(json, file);
}

void link_checkpoint(const fs::path& run, const std::string& name, const fs::path& checkpoint) {
  const fs::path temporary = run / ("." + name + ".tmp");
  std::error_code ec;
  fs::remove(temporary, ec);
  fs::create_symlink(fs::path("checkpoints") / checkpoint.filename(), temporary, ec);
  if (ec || rename(temporary.c_str(), (run / name).c_str()) != 0) {
    fail_environment((run / name).string() + ": cannot link the checkpoint",
                     ec ? ec.value() : errno);
  }
}

void prune_checkpoints(const fs::path& run, int64_t keep, int64_t best_step) {
  const auto all = list_checkpoints(run);
  std::error_code ec;
  std::set<fs::path> linked;  // by directory name
  for (const auto& entry : fs::directory_iterator(run, ec)) {
    if (entry.is_symlink(ec)) linked.insert(fs::read_symlink(entry.path(), ec).filename());
  }
  for (size_t i = 0; i + static_cast<size_t>(keep) < all.size(); ++i) {
    if (all[i].first == best_step || linked.count(all[i].second.filename()) > 0) continue;
    fs::remove(all[i].second / "DONE", ec);  // first, so that a kill leaves no half checkpoint
    fs::remove_all(all[i].second, ec);
  }
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", ec)) {
    int64_t step = 0;
    const bool whole = step_of(entry.path(), step) && fs::exists(entry.path() / "DONE", ec);
    if (!whole) fs::remove_all(entry.path(), ec);
  }
}

}  // namespace kuchi::train
