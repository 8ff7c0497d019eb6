#include "train/trainer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <functional>

#include "core/log.h"
#include "core/text.h"
#include "distributed/launch.h"
#include "io/safetensors.h"
#include "train/deal.h"
#include "train/session.h"
#include "train/source.h"

namespace kuchi::train {
namespace {

void set_threads(const Options& options, const Team& team) {
  at::set_num_threads(
      static_cast<int>(options.threads > 0 ? options.threads : team.default_threads()));
}

/// What one process of a team prepares, the others find.
data::Store open_store(const Team& team, const data::Options& data,
                       const std::function<std::filesystem::path()>& find) {
  std::filesystem::path file;
  team.group().leader_first("store", [&] { file = find(); });
  return open_data(file, data);
}

/// Another number of processes than before goes on with updates of as many batches.
void keep_batches_a_step(Experiment& experiment, const State& state, const Team& team,
                         const std::vector<std::string>& overrides) {
  const std::string key = "train.grad_accumulation";
  auto& accumulation = experiment.train.grad_accumulation;
  const bool told = std::any_of(overrides.begin(), overrides.end(),
                                [&](const auto& o) { return o.rfind(key + "=", 0) == 0; });
  if (state.batches_a_step == 0 || told) return;
  const int64_t needed = accumulation_for(state.batches_a_step, team.size());
  if (needed == 0) {
    throw UserError(
        Exit::config,
        cat("each update of this run takes ", state.batches_a_step, " batches, which ", team.size(),
            " processes cannot share; choose a --nproc that divides it, or ", "say ", key,
            "=N to go on otherwise"));
  }
  if (needed != accumulation) {
    note(cat(key, "=", needed, ", so that an update is of ", state.batches_a_step,
             " batches as before"));
  }
  accumulation = needed;
}

double seconds_of(const std::vector<data::Piece>& pieces, data::Split split, double fps) {
  int64_t frames = 0;
  for (const auto& p : pieces) {
    if (p.split == split) frames += p.end - p.begin;
  }
  return static_cast<double>(frames) / fps;
}

void announce(const Session& session) {
  const auto& store = session.store();
  const auto& pieces = session.pieces();
  const auto& model = session.model();
  note(cat(store.provenance.data, ": ", store.clips.size(), " clips, ",
           clock_text(seconds_of(pieces, data::Split::train, store.fps)), " train, ",
           clock_text(seconds_of(pieces, data::Split::valid, store.fps)), " valid, ",
           clock_text(seconds_of(pieces, data::Split::test, store.fps)), " test; ",
           store.rig.size(), " curves (", store.rig.name, ") at ", number(store.fps), " fps"));
  const auto clips = static_cast<int64_t>(store.clips.size());
  int64_t few = 0;
  for (int64_t c = 0; c < store.curves(); ++c) few += store.clips_with(c) < clips ? 1 : 0;
  if (few > 0) {
    note(cat(few, " of the ", store.curves(), few == 1 ? " curves is" : " curves are",
             " not in every clip: each is learnt from those that have it"));
  }
  note(cat(model.card().head, ": ", model.parameter_count(), " parameters"));
  const auto& told = model.card().condition;
  if (!told.empty()) note("told of each clip: " + models::in_words(told));
  const auto& still = session.still();
  const bool deaf = still.dim > 0 && static_cast<int64_t>(still.features.size()) == still.dim;
  for (const auto& line : still.lines()) deaf ? warn(line) : note(line);
}

/// What train.init brought, on the screen and in the events.
void tell_start(const std::filesystem::path& run, const Session& session) {
  if (!session.begun_from()) return;
  for (const auto& line : to_lines(*session.begun_from())) note(line);
  append_event(run, to_event(*session.begun_from()));
}

std::unique_ptr<Session> open_in(Team team, Experiment& experiment,
                                 const std::filesystem::path& run, const Location& config_at) {
  set_threads(experiment.train, team);
  const auto missing = experiment.model.chosen().missing();
  if (!missing.empty()) fail_config(config_at, missing);
  attach_encoder(experiment);
  auto store = open_store(team, experiment.data, [&] {
    return find_store(experiment.data, experiment.features, config_at);
  });
  auto pieces = cut_data(store.info(), experiment.data, experiment.train.seed);
  return std::make_unique<Session>(experiment, run, std::move(store), std::move(pieces), config_at,
                                   models::Making{}, std::move(team));
}

Outcome begin(Experiment& experiment, const std::filesystem::path& run, const RunHeader& header,
              bool force, const Location& config_at) {
  auto team = Team::join(experiment.train);
  const bool leads = team.leads();
  const auto session = open_in(std::move(team), experiment, run, config_at);
  if (leads) {
    make_run_folder(run, force);
    write_run_header(run, experiment, header, session->store(), session->pieces());
  }
  announce(*session);
  if (leads) tell_start(run, *session);
  return session->go();
}

Outcome go_on(const std::filesystem::path& run, const std::vector<std::string>& overrides) {
  Experiment experiment;
  load_run_experiment(experiment, run, overrides);
  auto team = Team::join(experiment.train);
  set_threads(experiment.train, team);
  const auto saved = read_run_data(run);
  attach_encoder(experiment);
  const auto hears = models::hears(experiment.model.chosen(), experiment.features);
  const auto heard = saved.value("features", hears);
  if (experiment.features.is_encoder() && hears != heard) {
    fail_data(run, cat("began with the features ", heard, ", and the encoder in ",
                       experiment.features.encoder, " gives ", hears,
                       "; name the encoder it began with: features.encoder=DIR"));
  }
  auto store = open_store(team, experiment.data, [&] {
    return find_run_store(saved.value("store", ""), experiment.data, experiment.features);
  });
  const auto info = store.info();
  if (info.hash != saved.value("hash", "")) {
    fail_data(info.file,
              "is not the store this run began with (its content differs); put that "
              "one back, or train anew");
  }
  const auto pieces = cut_data(info, experiment.data, experiment.train.seed);
  const auto all = list_checkpoints(run);
  models::Making making;
  if (!all.empty()) {
    making.file = all.back().second / "model.safetensors";
    making.saved = io::read_safetensors_index(io::InputFile(making.file)).metadata;
    keep_batches_a_step(experiment, read_state(all.back().second), team, overrides);
  }
  const bool leads = team.leads();
  Session session(experiment, run, std::move(store), pieces,
                  {(run / "config.resolved.yaml").string()}, making, std::move(team));
  if (all.empty()) {
    note("no checkpoint yet: beginning from the start");
    if (leads) {
      rewind_events(run, -1, 0);
      tell_start(run, session);
    }
  } else {
    session.restore(all.back().second);
    const auto state = read_state(all.back().second);
    if (leads) rewind_events(run, state.epoch, state.step);
    note(cat("going on from step ", all.back().first));
  }
  announce(session);
  return session.go();
}

}  // namespace

std::unique_ptr<Session> open_session(Experiment& experiment, const std::filesystem::path& run,
                                      const Location& config_at) {
  return open_in(Team(), experiment, run, config_at);
}

Outcome train(Experiment& experiment, const std::filesystem::path& run, const RunHeader& header,
              bool force, const Location& config_at) {
  Outcome out;
  distributed::take_part(distributed::world_from_environment(),
                         [&] { out = begin(experiment, run, header, force, config_at); });
  return out;
}

Outcome resume(const std::filesystem::path& run, const std::vector<std::string>& overrides) {
  Outcome out;
  distributed::take_part(distributed::world_from_environment(),
                         [&] { out = go_on(run, overrides); });
  return out;
}

}  // namespace kuchi::train
