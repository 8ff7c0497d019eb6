// Of Session: updates that are left out, and a training that diverges.
#include <ATen/ATen.h>

#include <algorithm>

#include "core/text.h"
#include "io/atomic_file.h"
#include "train/operator_watch.h"
#include "train/run.h"
#include "train/session.h"

namespace kuchi::train {
namespace {

constexpr int64_t kFaultsSought = 3;  // a session, beside that of the end

nlohmann::json facts_of(const Skipped& skipped) {
  return {{"step", skipped.update.step + 1},
          {"epoch", skipped.update.epoch + 1},
          {"in_a_row", skipped.in_a_row},
          {"why", skipped.why()},
          {"loss", skipped.loss},
          {"gradient_norm", skipped.norm},
          {"error", skipped.error},
          {"limit", skipped.limit}};
}

/// "its loss is not finite: 3 of 12 values of …; its batch was 2_05 [0, 200)".
std::string reason_text(const Skipped& skipped, const nlohmann::json& fault,
                        const data::StoreInfo& store) {
  std::string out = skipped.why();
  if (fault.contains("fault")) out += ": " + fault_from(fault["fault"]).text();
  std::string batch = batch_text(skipped.update.batches, store);
  if (fault.contains("batch_text")) batch = fault["batch_text"].get<std::string>();
  return cat(out, "; its batch was ", batch);
}

std::string advice_for(const Options& options, const Skipped& skipped,
                       const nlohmann::json& fault) {
  const auto stage = fault.contains("fault") ? fault["fault"].value("stage", "") : std::string();
  if (stage == "input") return "mend that clip or leave it out, or look at section augment";
  if (stage == "weights") {
    return cat("lower train.lr (now ", number(options.lr), ") or train.weight_decay (now ",
               number(options.weight_decay), ")");
  }
  auto text = cat("lower train.lr (now ", number(options.lr), ") or train.grad_clip (now ",
                  number(options.grad_clip), ")");
  if (skipped.is_finite()) {
    text += cat(", or, if such errors are ordinary here, raise train.runaway (now ",
                number(options.runaway), "; 0: no limit)");
  }
  return text;
}

}  // namespace

void Session::settle() {
  const auto told = health_.settle(state_);
  if (told.made > 0) {
    watch_.update(state_.step, told.made, told.loss, told.norm,
                  rate(std::max<int64_t>(0, state_.step - 1)));
  }
  for (const auto& skipped : told.skipped) look_into(skipped);
}

void Session::look_into(const Skipped& skipped) {
  // All updates of a row are left out from the same weights, so what broke in the first can be seen
  // at the row's end as well.
  if (skipped.in_a_row == 1 || !row_) {
    row_ = skipped;
    fault_ = {};
  }
  bool stops = skipped.in_a_row > options_.max_skipped;
  const bool seeks = fault_.is_null() && (stops || faults_sought_ < kFaultsSought);
  if (seeks) {
    ++faults_sought_;
    fault_ = find_fault(row_->update);
  }
  // Weights that are not finite do not heal.
  stops = stops || (fault_.contains("fault") && fault_["fault"]["stage"] == "weights");
  auto facts = facts_of(skipped);
  facts["event"] = "skipped";
  if (seeks) facts.update(fault_);
  facts.erase("batch_text");
  if (team_.leads() && !run_.empty()) append_event(run_, facts);
  const auto reason = reason_text(*row_, fault_, store_.info());
  const auto step = row_->update.step + 1, epoch = row_->update.epoch + 1;
  if (stops) {
    facts = facts_of(*row_);
    facts.update(fault_);
    facts.erase("batch_text");
    facts["left_out"] = skipped.in_a_row;
    diverge(facts,
            cat("training diverged at step ", step, " (epoch ", epoch, "): ", reason,
                skipped.in_a_row > 1
                    ? cat("; it and the ", skipped.in_a_row - 1, " updates after it were left out")
                    : std::string()),
            advice_for(options_, *row_, fault_));
  }
  if (seeks && team_.leads()) {
    warn(cat("step ", step, " (epoch ", epoch, "): this update is left out, as up to ",
             options_.max_skipped, " in a row are (train.max_skipped): ", reason));
  }
}

nlohmann::json Session::find_fault(const UpdateRecord& update) {
  nlohmann::json own = {{"batch", batch_json(update.batches, store_.info())},
                        {"batch_text", batch_text(update.batches, store_.info())}};
  if (const auto fault = first_fault(update)) own["fault"] = to_json(*fault);
  optimizer_->zero_grad();
  if (team_.size() == 1) return own;
  // What broke in one process's batches has spread to all by the sum: that one's word counts.
  for (const auto& text : team_.group().gather(own.dump())) {
    const auto other = nlohmann::json::parse(text);
    if (other.contains("fault")) return other;
  }
  return own;
}

std::optional<Fault> Session::first_fault(const UpdateRecord& update) {
  if (auto fault = broken_weights(model_->tensors())) return fault;
  const auto names = loss_.names();
  optimizer_->zero_grad();
  for (size_t i = 0; i < update.batches.size(); ++i) {
    if (update.batches[i].empty()) continue;
    const auto batch = make_batch(update.batches[i], update.epoch).to(device_);
    if (auto fault = broken_input(batch, store_.info())) return fault;
    at::Tensor prediction;
    std::optional<Fault> operation;
    {
      const OperatorWatch operators(*model_);
      prediction = answer_in(update.step, i, batch);
      operation = operators.first();
    }
    if (auto fault = broken_prediction(prediction, batch)) return operation ? operation : fault;
    const auto loss = loss_(prediction, batch, update.counts, share_done(update.step));
    for (size_t t = 0; t < names.size(); ++t) {
      const auto sum = loss.sums[static_cast<int64_t>(t)];
      if (auto fault = fault_of("loss", cat("sum of loss term ", names[t]), sum)) return fault;
    }
    if (auto fault = fault_of("loss", "weighted loss", loss.total)) return fault;
    loss.total.backward();
  }
  return broken_gradient(*model_);
}

void Session::refuse_to_save_broken(const edge::NamedTensors& tensors) {
  const auto fault = broken_weights(tensors);
  if (!fault) return;
  diverge({{"step", state_.step}, {"fault", to_json(*fault)}},
          cat("training diverged by step ", state_.step, ": ", fault->text()),
          cat("lower train.lr (now ", number(options_.lr), ") or train.weight_decay (now ",
              number(options_.weight_decay), ")"));
}

void Session::diverge(nlohmann::json facts, const std::string& what, const std::string& advice) {
  const auto kept = saved_step_ >= 0
                        ? cat("the checkpoint of step ", saved_step_, " is whole: kuchi resume ",
                              run_.string(), " train.lr=", number(options_.lr / 3, 2))
                        : std::string("no checkpoint was written yet");
  facts["event"] = "diverged";
  facts["checkpoint"] = saved_step_ >= 0 ? nlohmann::json(saved_step_) : nlohmann::json();
  if (team_.leads() && !run_.empty()) {
    append_event(run_, facts);
    facts.erase("event");
    io::write_atomically(run_ / "diverged.json", facts.dump(1) + "\n");
  }
  throw UserError(Exit::diverged, cat(what, "; ", advice, "; ", kept));
}

}  // namespace kuchi::train
