#include "train/session.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <limits>

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

uint64_t seed_of(const Options& options, const char* purpose, int64_t a = 0, int64_t b = 0) {
  return Stream(static_cast<uint64_t>(options.seed), purpose, static_cast<uint64_t>(a),
                static_cast<uint64_t>(b))
      .next();
}

/// The rows of a checkpoint's tables mean the names that it was trained with.
void refuse_other_names(const models::Vocabulary& now, const models::Making& making) {
  if (making.file.empty()) return;
  const auto it = making.saved.find("condition");
  const auto then = it == making.saved.end() ? std::string() : it->second;
  if (then == (now.empty() ? std::string() : models::to_text(now))) return;
  fail_data(making.file,
            "was trained with other speakers or styles than this training has; go on "
            "with the same model.condition and data.split");
}

std::optional<double> std_ratio_of(const nlohmann::json& event) {
  if (!event.contains("valid") || !event["valid"].contains("std_ratio")) return std::nullopt;
  return event["valid"]["std_ratio"].get<double>();
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
      watch_(run_, options_, store_.info().fps, device_, team_.leads()),
      health_(options_, loss_.names()) {
  set_precision(options_, device_);
  refuse_broken(clips_, store_.info(), both(train_, valid_));
  const auto stats = statistics(clips_, train_);
  refuse_unseen(stats.curves, store_.info());
  still_ = constants(stats, store_.info().rig);
  torch::manual_seed(seed_of(options_, "weights"));
  models::Card card{experiment.model.head, experiment.features, store_.info().rig,
                    store_.info().fps, store_.info().provenance};
  card.condition = models::vocabulary_of(experiment.model.condition, store_.info(), train_,
                                         config_at, experiment.model.chosen().by_descent());
  refuse_other_names(card.condition, making);
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
  const auto& vocabulary = model_->card().condition;
  for (size_t i = 0; i < segments.size() && !vocabulary.empty(); ++i) {
    samples[i].told = models::told_in_training(vocabulary, store_.info(), segments[i],
                                               experiment_.model.condition.pivot,
                                               static_cast<uint64_t>(options_.seed), epoch);
  }
  auto batch = collate(samples);
  batch.segments = segments;
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

double Session::share_done(int64_t step) const {
  return static_cast<double>(step) / static_cast<double>(total_steps_);
}

at::Tensor Session::answer_in(int64_t step, size_t place, const Batch& batch) {
  // Dropout is a function of (seed, step, batch), so that a resumed run draws the same, and
  // several processes draw what one would.
  const auto of_all = static_cast<int64_t>(place) * team_.size() + team_.rank();
  torch::manual_seed(seed_of(options_, "dropout", step, of_all));
  const auto narrow = autocast(options_.precision, device_);
  return answer(*model_, batch);
}

UpdateRecord Session::descend(const std::vector<Batch>& group) {
  UpdateRecord out{state_.step, state_.epoch, {}, {}, {}, {}};
  auto& counts = out.counts;
  for (const auto& b : group) {
    counts += b;
    out.batches.push_back(b.segments);
    watch_.clock().count_padding(b.frames, b.valid.defined() ? b.valid.numel() : 0);
  }
  team_.agree({&counts.frames, &counts.pairs, &counts.triples, &counts.absent_frames,
               &counts.absent_pairs, &counts.absent_triples, &counts.lipless_frames},
              save_is_due());
  out.divisors = loss_.divisors(counts);
  optimizer_->zero_grad();
  const auto terms = static_cast<int64_t>(out.divisors.size());
  auto sums = at::zeros({1 + terms}, at::TensorOptions(device_).dtype(at::kDouble));
  for (size_t i = 0; i < group.size(); ++i) {
    if (i + 1 == group.size()) team_.arm();
    if (group[i].frames == 0) continue;
    const auto batch =
        group[i].to(device_);  // where try_rates() gives what train_epoch() has sent ahead
    const auto loss =
        loss_(answer_in(state_.step, i, batch), batch, counts, share_done(state_.step));
    watch_.clock().lap(Phase::forward);
    loss.total.backward();
    watch_.clock().lap(Phase::backward);
    const auto weighted = loss.total.detach().to(at::kDouble) * static_cast<double>(counts.frames);
    sums += at::cat({weighted.reshape(1), loss.sums});
  }
  team_.sum_gradients();
  team_.sum(sums);
  if (team_.size() > 1) watch_.clock().lap(Phase::exchange);
  const auto norm = optimizer_->clip(options_.grad_clip).to(at::kDouble);
  out.numbers = at::cat({sums, norm.reshape(1)});
  return out;
}

void Session::update(const std::vector<Batch>& group) {
  const double lr = rate(state_.step);
  auto record = descend(group);
  watch_.clock().count(record.counts.frames);
  auto skip = health_.skip(state_, std::move(record));
  ++state_.step;
  state_.batch =
      std::min(planned_, state_.batch + static_cast<int64_t>(group.size()) * team_.size());
  // Asking a GPU for a number makes it wait, so it is told to leave the update out by itself; on
  // the CPU the answer is at hand.
  const bool asks = device_.is_cpu();
  if (!asks || !skip.item<bool>()) {
    if (asks) skip = at::Tensor();
    optimizer_->step(lr, skip);
    if (average_) average_->after_update(state_.step, skip);
  }
  if (asks || state_.step % 20 == 0) settle();
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

void Session::close_epoch(bool complete) {
  settle();
  nlohmann::json event = {{"event", "epoch"},
                          {"epoch", state_.epoch + 1},
                          {"step", state_.step},
                          {"lr", rate(std::max<int64_t>(0, state_.step - 1))},
                          {"seconds", resumed_s_ + monotonic_s() - started_s_}};
  if (state_.loss_frames > 0) {
    event["loss"] = state_.loss_sum / static_cast<double>(state_.loss_frames);
  }
  for (const auto& [name, term] : state_.terms) {
    if (term.count > 0) event["terms"][name] = term.sum / term.count;
  }
  if (state_.skipped > 0) event["skipped"] = state_.skipped;
  if (complete) {  // else max_steps ended it half-way: a longer training goes on from there
    ++state_.epoch;
    state_.batch = 0;
    state_.loss_sum = 0;
    state_.loss_frames = 0;
    state_.terms.clear();
    state_.skipped = 0;
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
  if (!is_closed_form()) {
    tell_if_collapsed(valid_.empty() ? std_ratio_in_training() : std_ratio_of(event));
    watch_.clock().lap(Phase::validation);
  }
  // Weights from which updates are left out, or which predict what is no number, are under
  // suspicion: they must not push a sound checkpoint out.
  const bool sound = state_.skipped_in_a_row == 0 && valid_is_finite_;
  const bool due = sound && state_.epoch % options_.checkpoint_every == 0;
  if (best || state_.finished || due) save();
}

void Session::fit_closed_form(models::ClosedFormHead& head) {
  const at::NoGradGuard no_grad;
  Progress progress("fitting", static_cast<int64_t>(train_.size()));
  int64_t done = 0;
  for (const auto& piece : train_) {
    check_interrupt();
    const data::Segment s{piece.clip, piece.begin, piece.end};
    const auto batch = collate({clips_.sample(s)});
    const auto told = models::told_by_labels(model_->card().condition, store_.info(), piece.clip);
    const auto x = model_->normalise(batch.features.to(device_), batch.lengths, {told});
    auto targets = batch.targets[0];
    if (batch.present.defined()) {
      targets = targets.masked_fill(batch.present.logical_not(),  // [1, curves]
                                    std::numeric_limits<double>::quiet_NaN());
    }
    head.observe(x[0], targets);
    progress.at(++done);
  }
  progress.finish();
  note("solving");
  head.solve();
  state_.step = 1;
}

Outcome Session::go() {
  started_s_ = saved_s_ = monotonic_s();
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
