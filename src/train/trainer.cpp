#include "train/trainer.h"

#include <ATen/Parallel.h>

#include <thread>

#include "core/log.h"
#include "core/text.h"
#include "io/safetensors.h"
#include "train/session.h"
#include "train/source.h"

namespace kuchi::train {
namespace {

void set_threads(const Options& options) {
  const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(options.threads > 0 ? static_cast<int>(options.threads) : cores);
}

double seconds_of(const std::vector<data::Piece>& pieces, data::Split split, double fps) {
  int64_t frames = 0;
  for (const auto& p : pieces) {
    if (p.split == split) frames += p.end - p.begin;
  }
  return static_cast<double>(frames) / fps;
}

void announce(const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
              const models::Model& model) {
  note(cat(store.provenance.data, ": ", store.clips.size(), " clips, ",
           clock_text(seconds_of(pieces, data::Split::train, store.fps)), " train, ",
           clock_text(seconds_of(pieces, data::Split::valid, store.fps)), " valid, ",
           clock_text(seconds_of(pieces, data::Split::test, store.fps)), " test; ",
           store.rig.size(), " curves (", store.rig.name, ") at ", number(store.fps), " fps"));
  note(cat(model.card().head, ": ", model.parameter_count(), " parameters"));
}

/// What train.init brought, on the screen and in the events.
void tell_start(const std::filesystem::path& run, const Session& session) {
  if (!session.begun_from()) return;
  for (const auto& line : to_lines(*session.begun_from())) note(line);
  append_event(run, to_event(*session.begun_from()));
}

}  // namespace

std::unique_ptr<Session> open_session(Experiment& experiment, const std::filesystem::path& run,
                                      const Location& config_at) {
  set_threads(experiment.train);
  const auto missing = experiment.model.chosen().missing();
  if (!missing.empty()) fail_config(config_at, missing);
  attach_encoder(experiment);
  auto store = data::Store::open(find_store(experiment.data, experiment.features, config_at));
  auto pieces = data::split_store(store.info(), experiment.data.split);
  return std::make_unique<Session>(experiment, run, std::move(store), std::move(pieces), config_at);
}

Outcome train(Experiment& experiment, const std::filesystem::path& run, const RunHeader& header,
              bool force, const Location& config_at) {
  const auto session = open_session(experiment, run, config_at);
  make_run_folder(run, force);
  write_run_header(run, experiment, header, session->store(), session->pieces());
  announce(session->store(), session->pieces(), session->model());
  tell_start(run, *session);
  return session->go();
}

Outcome resume(const std::filesystem::path& run, const std::vector<std::string>& overrides) {
  Experiment experiment;
  load_run_experiment(experiment, run, overrides);
  set_threads(experiment.train);
  const auto saved = read_run_data(run);
  attach_encoder(experiment);
  const auto hears = models::hears(experiment.model.chosen(), experiment.features);
  const auto heard = saved.value("features", hears);
  if (experiment.features.is_encoder() && hears != heard) {
    fail_data(run, cat("began with the features ", heard, ", and the encoder in ",
                       experiment.features.encoder, " gives ", hears,
                       "; name the encoder it began with: features.encoder=DIR"));
  }
  auto store = data::Store::open(
      find_run_store(saved.value("store", ""), experiment.data, experiment.features));
  const auto info = store.info();
  if (info.hash != saved.value("hash", "")) {
    fail_data(info.file,
              "is not the store this run began with (its content differs); put that "
              "one back, or train anew");
  }
  const auto pieces = data::split_store(info, experiment.data.split);
  const auto all = list_checkpoints(run);
  models::Making making;
  if (!all.empty()) {
    making.file = all.back().second / "model.safetensors";
    making.saved = io::read_safetensors_index(io::InputFile(making.file)).metadata;
  }
  Session session(experiment, run, std::move(store), pieces,
                  {(run / "config.resolved.yaml").string()}, making);
  if (all.empty()) {
    note("no checkpoint yet: beginning from the start");
    rewind_events(run, -1);
    tell_start(run, session);
  } else {
    session.restore(all.back().second);
    rewind_events(run, read_state(all.back().second).epoch);
    note(cat("going on from step ", all.back().first));
  }
  announce(info, pieces, session.model());
  return session.go();
}

}  // namespace kuchi::train
