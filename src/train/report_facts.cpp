#include "train/report_facts.h"

#include <chrono>
#include <ctime>
#include <fstream>

#include "core/text.h"
#include "io/atomic_file.h"
#include "models/layer_mix.h"
#include "train/checkpoint.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

std::optional<double> number_of(const nlohmann::json& json, const char* key) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_number()) return std::nullopt;
  return it->get<double>();
}

/// "" where there is none: what is written beside a run's numbers must not stop its page.
std::string text_of(const nlohmann::json& json, const char* key) {
  const auto it = json.find(key);
  return it == json.end() || !it->is_string() ? "" : it->get<std::string>();
}

std::vector<report::Epoch> read_epochs(const fs::path& run) {
  std::vector<report::Epoch> out;
  const fs::path file = run / "events.jsonl";
  std::error_code ec;
  if (!fs::exists(file, ec)) return out;
  for (const auto& line : split(io::read_text(file), '\n')) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || text_of(json, "event") != "epoch") continue;
    report::Epoch e;
    e.epoch = static_cast<int64_t>(number_of(json, "epoch").value_or(0));
    e.loss = number_of(json, "loss");
    e.lr = number_of(json, "lr");
    e.best = json.contains("best") && json["best"] == true;
    const auto valid = json.contains("valid") ? json["valid"] : nlohmann::json::object();
    for (const auto& [name, value] : valid.items()) {
      if (value.is_number()) e.valid.emplace_back(name, value.get<double>());
    }
    out.push_back(std::move(e));
  }
  return out;
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string written(const fs::path& file) {
  std::error_code ec;
  const auto at = fs::last_write_time(file, ec);
  if (ec) return "";
  const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::file_clock::to_sys(at));
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc)};
}

nlohmann::json read_build(const fs::path& run) {
  std::error_code ec;
  if (!fs::exists(run / "build.json", ec)) return nlohmann::json::object();
  auto json = nlohmann::json::parse(io::read_text(run / "build.json"), nullptr, false);
  return json.is_object() ? json : nlohmann::json::object();
}

/// "12:03 in 96 clips", of one split of the run's own data.
std::string amount(const nlohmann::json& data, const std::string& split) {
  int64_t frames = 0, pieces = 0;
  for (const auto& piece : data.value("pieces", nlohmann::json::array())) {
    if (piece.value("split", "") != split) continue;
    frames += piece.value("end", int64_t{0}) - piece.value("begin", int64_t{0});
    ++pieces;
  }
  if (pieces == 0) return "";
  return cat(clock_text(static_cast<double>(frames) / data.value("fps", 30.0)), " in ", pieces,
             pieces == 1 ? " clip" : " clips");
}

report::Facts model_facts(const Judging& judging) {
  const auto& trained = judging.models.members()[0].trained;
  const auto& model = *trained.model;
  const auto& card = model.card();
  report::Facts out = {{"head", card.head},
                       {"learnt values", cat(model.parameter_count())},
                       {"hears", model.hears()},
                       {"speaks", cat(card.rig.size(), " curves of rig ", card.rig.name)},
                       {"rate", cat(number(card.fps, 6), " frames a second")},
                       {"checkpoint", cat("step ", trained.checkpoint.filename().string())}};
  std::vector<std::string> shares;
  for (const auto share : models::layer_weights(model.tensors()))
    shares.push_back(number(share, 2));
  if (!shares.empty()) out.emplace_back("encoder's layers", join(shares, " "));
  return out;
}

report::Facts run_facts(const fs::path& run, const Experiment& experiment,
                        const std::vector<report::Epoch>& epochs) {
  const auto build = read_build(run);
  const auto state = read_state(find_checkpoint(run, "last"));
  return {{"folder", fs::absolute(run).lexically_normal().filename().string()},
          {"command", first_line(run / "command.txt")},
          {"started", written(run / "command.txt")},
          {"trained for", cat(clock_text(state.seconds), ", ", state.step, " steps, ",
                              epochs.size(), " epochs", state.finished ? "" : "; not finished")},
          {"seed", cat(experiment.train.seed)},
          {"Kuchi", cat(text_of(build, "kuchi"), " ", text_of(build, "commit"))},
          {"LibTorch", text_of(build, "libtorch")}};
}

report::Facts data_facts(const Judging& judging, const nlohmann::json& data) {
  const auto& store = judging.store.info();
  return {{"data set", data.value("name", "")},
          {"to train", amount(data, "train")},
          {"to choose the epoch", amount(data, "valid")},
          {"held out to judge", amount(data, "test")},
          {"judged on", cat(judging.split, " of ", store.file.filename().string())},
          {"store's content", store.hash}};
}

/// "24 clips of its test split"; "all 12 clips of other.h5".
std::string judged_text(const Judging& judging, const nlohmann::json& data, int64_t clips) {
  const auto& store = judging.store.info();
  const bool own = store.hash == data.value("hash", "");
  const auto whose = own ? std::string("its data") : store.file.filename().string();
  const auto count = cat(clips, clips == 1 ? " clip" : " clips");
  if (judging.split == "all") return cat("all ", count, " of ", whose);
  return cat(count, " of ", own ? "its " : "the ", judging.split, " split",
             own ? "" : " of " + whose);
}

}  // namespace

void add_facts(report::Page& page, const fs::path& run, const Judging& judging) {
  Experiment experiment;
  load_run_experiment(experiment, run);
  const auto data = read_run_data(run);
  page.epochs = read_epochs(run);
  page.monitor = experiment.train.monitor;
  page.title = fs::absolute(run).lexically_normal().filename().string();
  const auto& card = judging.models.card();
  page.lead = cat("A ", card.head, " that learnt ", card.rig.size(), " mouth curves from ",
                  data.value("name", "unnamed data"), ", judged on ",
                  judged_text(judging, data, page.suite->clips));
  page.facts = {{"Model", model_facts(judging)},
                {"Data", data_facts(judging, data)},
                {"Run", run_facts(run, experiment, page.epochs)}};
  page.provenance = judging.models.provenance();
}

}  // namespace kuchi::train
