#include "train/session.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <cmath>

#include "core/interrupt.h"
#include "core/text.h"
#include "edge/device.h"
#include "train/deal.h"
#include "train/loader.h"
#include "train/precision.h"
#include "train/schedule.h"

namespace kuchi::train {
namespace {

at::Tensor to_tensor(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble).to(at::kFloat);
}

/// Larger is better for these.
bool wants_more(const std::string& metric) { return metric == "r2" || metric == "pcc"; }

uint64_t seed_of(const Options& options, const char* purpose, int64_t a = 0, int64_t b = 0) {
  return Stream(static_cast<uint64_t>(options.seed), purpose, static_cast<uint64_t>(a),
                static_cast<uint64_t>(b))
      .next();
}

std::vector<data::Piece> both(const std::vector<data::Piece>& a,
                              const std::vector<data::Piece>& b) {
  auto all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

}  // namespace

Session::Session(Experiment& experiment, std::filesystem::path run, data::Store store,
                 std::vector<data::Piece> pieces, const Location& config_at,
                 const models::Making& making, Team team)
    : experiment_(experiment),
      options_(experiment.train),
      run_(std::move(run)),
      store_(std::move(store)),
      pieces_(std::move(pieces)),
      train_(data::pieces_of(pieces_, data::Split::train)),
      valid_(data::pieces_of(pieces_, data::Split::valid)),
      clips_(store_, experiment.features, both(train_, valid_), what_to_keep(experiment)),
      marks_(store_, train_, experiment.loss),
      team_(std::move(team)),
      device_(team_.device(options_.device)),
      copies_(device_),
      loss_(experiment.loss, store_.info().rig, store_.info().fps, config_at),
      watch_(run_, options_, store_.info().fps, device_, team_.leads()) {
  set_precision(options_, device_);
  const auto stats = statistics(clips_, train_);
  torch::manual_seed(seed_of(options_, "weights"));
  models::Card card{experiment.model.head, experiment.features, store_.info().rig,
                    store_.info().fps, store_.info().provenance};
  model_ = std::make_shared<models::Model>(experiment.model.chosen(), card, making);
  model_->set_statistics({to_tensor(stats.features.mean), to_tensor(stats.features.std),
                          to_tensor(stats.curves.mean), to_tensor(stats.curves.variance)});
  model_->head().start_at(to_tensor(stats.curves.mean));
  model_->to(device_);
  loss_.to(device_);
  sampler_ =
      std::make_unique<Sampler>(experiment, clips_, marks_, store_.info(), train_, stats.features);
  if (!options_.init.empty() && making.file.empty()) {
    begun_from_ = warm_start(*model_, init_file(options_.init, config_at), config_at);
  }
  optimizer_ = std::make_unique<Optimizer>(*model_, options_, config_at);
  average_ = make_average(*model_, options_);
  if (options_.schedule == Schedule::plateau && valid_.empty()) {
    fail_config(config_at,
                "train.schedule=plateau goes by the validation part, and there is none; give "
                "data.split.valid a share, or take another schedule");
  }
  refuse_team_of_closed_form();
  team_.begin(*model_, store_.info().hash);
  const auto batches = static_cast<int64_t>(plan(0).batches.size());
  const int64_t a_step = options_.grad_accumulation * team_.size();
  const int64_t per_epoch = (batches + a_step - 1) / a_step;
  total_steps_ = options_.max_epochs * per_epoch;
  if (options_.max_steps > 0) total_steps_ = options_.max_steps;
}

data::Plan Session::plan(int64_t epoch) const {
  data::BatchOptions o;
  o.batch_frames = options_.batch_frames;
  o.segment_frames = options_.segment_frames;
  o.pool_batches = options_.pool_batches;
  return data::plan_batches(train_, o, static_cast<uint64_t>(options_.seed),
                            static_cast<uint64_t>(epoch));
}

Batch Session::make_batch(const std::vector<data::Segment>& segments, int64_t epoch) const {
  if (segments.empty()) return {};  // another process of the team has one here
  std::vector<Sample> samples;
  for (const auto& s : segments) samples.push_back(sampler_->sample(s, epoch));
  auto batch = collate(samples);
  return device_.is_cuda() ? batch.pinned() : batch;
}

bool Session::out_of_steps() const {
  return options_.max_steps > 0 && state_.step >= options_.max_steps;
}

bool Session::is_closed_form() const {
  return dynamic_cast<models::ClosedFormHead*>(&model_->head()) != nullptr;
}

void Session::refuse_team_of_closed_form() const {
  if (team_.size() == 1 || !is_closed_form()) return;
  throw UserError(Exit::config, cat("model.head=", experiment_.model.head,
                                    " is solved in one pass by one process; train it without "
                                    "--nproc"));
}

bool Session::is_over() const {
  const bool patience_over = options_.patience > 0 && state_.bad_epochs >= options_.patience;
  return state_.epoch >= options_.max_epochs || out_of_steps() || patience_over;
}

std::string Session::words() const {
  std::string text = cat("epoch ", state_.epoch + 1, "/", options_.max_epochs);
  if (state_.loss_frames > 0) {
    text += "  loss " + number(state_.loss_sum / static_cast<double>(state_.loss_frames), 4);
  }
  if (state_.terms.size() > 1) {
    std::vector<std::string> parts;
    for (const auto& [name, term] : state_.terms) {
      if (term.count > 0) parts.push_back(name + " " + number(term.sum / term.count, 3));
    }
    text += " (" + join(parts, ", ") + ")";
  }
  if (last_valid_) text += cat("  valid ", options_.monitor, " ", number(*last_valid_, 4));
  return text;
}

double Session::rate(int64_t step) const {
  return learning_rate(options_, step, total_steps_) * state_.plateau.scale;
}

at::Tensor Session::step_answer(const Batch& batch) {
  const auto narrow = autocast(options_.precision, device_);
  return answer(*model_, batch);
}

void Session::descend(const std::vector<Batch>& group, double lr) {
  Counts counts;
  int64_t micro = 0;
  for (const auto& b : group) counts += b;
  const double share = static_cast<double>(state_.step) / static_cast<double>(total_steps_);
  team_.agree({&counts.frames, &counts.pairs, &counts.triples}, save_is_due());
  optimizer_->zero_grad();
  for (const auto& b : group) {
    if (&b == &group.back()) team_.arm();
    // Dropout is a function of (seed, step, batch), so that a resumed run draws the same, and
    // several processes draw what one would.
    torch::manual_seed(
        seed_of(options_, "dropout", state_.step, micro++ * team_.size() + team_.rank()));
    if (b.frames == 0) continue;
    const auto batch = b.to(device_);  // where try_rates() gives what train_epoch() has sent ahead
    const auto loss = loss_(step_answer(batch), batch, counts, share);
    watch_.clock().lap(Phase::forward);
    loss.total.backward();
    watch_.clock().lap(Phase::backward);
    const auto weighted = loss.total.detach().to(at::kDouble) * static_cast<double>(counts.frames);
    pending_loss_ = pending_loss_.defined() ? pending_loss_ + weighted : weighted;
    pending_terms_ = pending_terms_.defined() ? pending_terms_ + loss.sums : loss.sums;
  }
  team_.sum_gradients();
  if (team_.size() > 1) watch_.clock().lap(Phase::exchange);
  const auto names = loss_.names();
  if (!pending_loss_.defined()) {
    pending_loss_ = at::zeros({}, at::kDouble);
    pending_terms_ = at::zeros({static_cast<int64_t>(names.size())}, at::kDouble);
  }
  const auto norm = optimizer_->clip(options_.grad_clip).to(at::kDouble);
  pending_norm_ = pending_norm_.defined() ? at::maximum(pending_norm_, norm) : norm;
  optimizer_->step(lr);
  ++state_.step;
  state_.loss_frames += counts.frames;
  watch_.clock().count(counts.frames);
  const auto divisors = loss_.divisors(counts);
  for (size_t i = 0; i < names.size(); ++i) state_.terms[names[i]].count += divisors[i];
}

void Session::update(const std::vector<Batch>& group) {
  descend(group, rate(state_.step));
  state_.batch =
      std::min(planned_, state_.batch + static_cast<int64_t>(group.size()) * team_.size());
  if (average_) average_->after_update(state_.step);
  // Asking a GPU for a number makes it wait; on the CPU it costs nothing.
  if (device_.is_cpu() || state_.step % 20 == 0) check_loss();
  watch_.clock().lap(Phase::step);
}

bool Session::train_epoch(Progress& progress) {
  const auto plan = this->plan(state_.epoch);
  planned_ = static_cast<int64_t>(plan.batches.size());
  const auto own =
      deal(plan.batches, state_.batch, options_.grad_accumulation, team_.rank(), team_.size());
  const auto count = static_cast<int64_t>(own.size());
  const int64_t epoch = state_.epoch;
  Loader loader(0, count, options_.loader_threads, 2 * options_.loader_threads + 2,
                [&](int64_t i) { return make_batch(own[static_cast<size_t>(i)], epoch); });
  model_->train();
  Batch batch;
  std::vector<Batch> group;
  for (int64_t i = 0; !out_of_steps() && loader.next(batch); ++i) {
    watch_.clock().lap(Phase::data);
    group.push_back(batch.to(device_, copies_));
    if (static_cast<int64_t>(group.size()) < options_.grad_accumulation && i + 1 < count) continue;
    update(group);
    group.clear();
    progress.at(state_.step, words());
    stop_or_save();
  }
  return state_.batch >= planned_;
}

bool Session::validate(nlohmann::json& event) {
  if (average_) average_->swap();
  model_->eval();
  eval::Options quick;
  quick.resamples = 0;
  int64_t looked = 0;
  const auto suite = judge_together(team_.group(), *model_, device_, clips_, store_.info(), valid_,
                                    quick, [&](const eval::ClipResult& clip) {
                                      if (looked++ == 0)
                                        watch_.curves(state_.step, clip, store_.info().rig);
                                    });
  if (average_) average_->swap();
  std::optional<double> value;
  if (suite) {
    for (const auto& [name, estimate] : suite->metrics.items()) {
      if (estimate.value) event["valid"][name] = *estimate.value;
    }
    value = suite->metrics.value(options_.monitor);
  }
  const bool known = team_.of_leader(value ? 1 : 0) > 0;
  const double of_leader = team_.of_leader(value.value_or(0));
  if (known) value = of_leader;
  last_valid_ = value;
  if (!value) return false;
  const bool better = !state_.best || (wants_more(options_.monitor) ? *value > *state_.best
                                                                    : *value < *state_.best);
  if (better) state_.best = *value;
  return better;
}

void Session::close_epoch(bool complete) {
  check_loss();
  nlohmann::json event = {{"event", "epoch"},
                          {"epoch", state_.epoch + 1},
                          {"step", state_.step},
                          {"lr", rate(std::max<int64_t>(0, state_.step - 1))},
                          {"seconds", resumed_s_ + monotonic_s() - started_s_}};
  if (state_.loss_frames > 0) {
    event["loss"] = state_.loss_sum / static_cast<double>(state_.loss_frames);
  }
  checked_frames_ = complete ? 0 : state_.loss_frames;
  for (const auto& [name, term] : state_.terms) {
    if (term.count > 0) event["terms"][name] = term.sum / term.count;
  }
  if (complete) {  // else max_steps ended it half-way: a longer training goes on from there
    ++state_.epoch;
    state_.batch = 0;
    state_.loss_sum = 0;
    state_.loss_frames = 0;
    state_.terms.clear();
    if (average_) average_->after_epoch(state_.step, total_steps_);
  }
  bool best = false;
  if (!valid_.empty()) {
    watch_.clock().lap(Phase::other);
    best = validate(event);
    watch_.clock().lap(Phase::validation);
    state_.bad_epochs = best ? 0 : state_.bad_epochs + 1;
    if (best) state_.best_step = state_.step;
    if (complete && options_.schedule == Schedule::plateau) watch(state_.plateau, options_, best);
  }
  event["best"] = best;
  state_.finished = is_over() || is_closed_form();
  watch_.epoch(event, *model_);
  if (best || state_.finished || state_.epoch % options_.checkpoint_every == 0) save();
}

void Session::fit_closed_form(models::ClosedFormHead& head) {
  const at::NoGradGuard no_grad;
  Progress progress("fitting", static_cast<int64_t>(train_.size()));
  int64_t done = 0;
  for (const auto& piece : train_) {
    check_interrupt();
    const data::Segment s{piece.clip, piece.begin, piece.end};
    const auto batch = collate({clips_.sample(s)});
    const auto x = model_->normalise(batch.features.to(device_), batch.lengths);
    head.observe(x[0], batch.targets[0]);
    progress.at(++done);
  }
  progress.finish();
  note("solving");
  head.solve();
  state_.step = 1;
}

Outcome Session::go() {
  started_s_ = saved_s_ = monotonic_s();
  checked_step_ = state_.step;
  checked_frames_ = state_.loss_frames;
  watch_.begin(state_.step);
  Outcome out;
  if (auto* closed = dynamic_cast<models::ClosedFormHead*>(&model_->head())) {
    if (!state_.finished) {
      fit_closed_form(*closed);
      close_epoch(/*complete=*/true);  // one pass is all there is
    }
  } else {
    Progress progress("training", total_steps_);
    state_.finished = is_over();
    while (!state_.finished) {
      const bool complete = train_epoch(progress);
      close_epoch(complete);
    }
  }
  out.leads = team_.leads();
  out.steps = state_.step;
  out.epochs = state_.epoch;
  out.best = state_.best;
  out.stopped_early = state_.epoch < options_.max_epochs && !out_of_steps() && !is_closed_form();
  out.seconds = resumed_s_ + monotonic_s() - started_s_;
  const auto told = model_->head().metadata();
  if (const auto it = told.find("encoder"); it != told.end()) out.encoders = {it->second};
  return out;
}

}  // namespace kuchi::train
