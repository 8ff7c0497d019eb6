#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"
#include "io/json_text.h"
#include "stats/crossing.h"
#include "stats/hierarchical.h"
#include "stats/paired_test.h"
#include "stats/permutation.h"
#include "study/questions.h"
#include "study/sweep.h"

namespace kuchi::study {
namespace {
using Json = nlohmann::ordered_json;
using config::Node;

Json value_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar: {
      long long whole = 0;
      double value = 0;
      if (node.quoted) return node.scalar;
      if (node.scalar == "true") return true;
      if (node.scalar == "false") return false;
      if (parse_integer(node.scalar, whole)) return whole;
      if (parse_number(node.scalar, value) && std::isfinite(value)) return value;
      return node.scalar;
    }
    case Node::Kind::sequence: {
      Json out = Json::array();
      for (const auto& item : node.items) out.push_back(value_json(item));
      return out;
    }
    case Node::Kind::map: {
      Json out = Json::object();
      for (const auto& entry : node.entries) out[entry.key] = value_json(entry.value);
      return out;
    }
  }
  return nullptr;
}

Json choice_json(const Choice& choice) {
  Json out = Json::object();
  for (const auto& c : choice) out[c.key] = value_json(c.value);
  return out;
}

/// Every key that any setting gives, with its values in the order met.
Json factors_json(const Planned& planned) {
  std::vector<std::pair<std::string, std::vector<Node>>> keys;
  for (const auto& setting : planned.settings) {
    for (const auto& c : setting.choice) {
      auto at =
          std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.first == c.key; });
      if (at == keys.end()) at = keys.insert(keys.end(), {c.key, {}});
      const auto same = [&](const Node& n) { return flow_text(n) == flow_text(c.value); };
      if (std::none_of(at->second.begin(), at->second.end(), same)) at->second.push_back(c.value);
    }
  }
  Json out = Json::array();
  for (const auto& [key, values] : keys) {
    Json list = Json::array();
    for (const auto& value : values) list.push_back(value_json(value));
    out.push_back({{"key", key}, {"values", std::move(list)}});
  }
  return out;
}

class Summary {
 public:
  Summary(const Planned& planned, const std::filesystem::path& dir)
      : planned_(planned), results_(read_results(dir, planned.trials, Ledger(dir))) {
    by_setting_.resize(planned.settings.size());
    for (const auto& result : results_) by_setting_[result.trial.setting].push_back(&result);
  }

  Json json() {
    const auto& study = planned_.study;
    Json out;
    out["name"] = study.name;
    out["about"] = study.about;
    out["base"] = study.base.string();
    static constexpr const char* kSearches[] = {"grid", "random", "list", "halving"};
    out["search"] = kSearches[static_cast<size_t>(study.search)];
    out["metric"] = study.metric;
    out["better"] = "lower";
    out["factors"] = factors_json(planned_);
    out["seeds"] = study.seeds;
    out["folds"] = Json::array();
    for (const auto& fold : planned_.folds) out["folds"].push_back(fold.name);
    const auto settings = settings_json();
    out["evidence"] = evidence();
    const auto baseline = baseline_of(planned_);
    out["baseline"] = baseline ? Json(*baseline) : Json(nullptr);
    const auto best = best_index();
    out["best"] = best ? Json(*best) : Json(nullptr);
    out["trials"] = trials_json();
    out["settings"] = settings;
    out["comparisons"] = comparisons_json();
    out["learning_curves"] = curves_json();
    return out;
  }

 private:
  std::vector<const Result*> of_settings(const std::vector<size_t>& settings) const {
    std::vector<const Result*> out;
    for (const size_t s : settings) {
      out.insert(out.end(), by_setting_[s].begin(), by_setting_[s].end());
    }
    return out;
  }

  /// A setting's metrics, the study's own with its interval over seeds and units.
  eval::Scores scores(size_t setting) const {
    auto out = scores_of(by_setting_[setting]);
    const auto& metric = planned_.study.metric;
    const auto errors = errors_of(by_setting_[setting], metric);
    if (!errors) return out;
    const auto mean = stats::hierarchical_mean(errors->sums);
    // A mean over clips stands beside the pooled value only where it is the same thing.
    if (metric == "mse" && mean.mean) out.set(metric, {mean.mean, mean.low, mean.high});
    return out;
  }

  Json settings_json() {
    Json out = Json::array();
    for (size_t s = 0; s < planned_.settings.size(); ++s) {
      const auto& setting = planned_.settings[s];
      int64_t done = 0, failed = 0;
      for (const auto* result : by_setting_[s]) {
        if (result->measured) ++done;
        if (result->state && result->state->kind == State::Kind::failed) ++failed;
      }
      scores_.push_back(scores(s));
      out.push_back({{"name", setting.name},
                     {"overrides", choice_json(setting.choice)},
                     {"rung", setting.rung},
                     {"trials", by_setting_[s].size()},
                     {"done", done},
                     {"failed", failed},
                     {"metrics", eval::to_json(scores_.back())}});
    }
    return out;
  }

  Json trials_json() const {
    Json out = Json::array();
    for (const auto& result : results_) {
      const auto& trial = result.trial;
      const auto& setting = planned_.settings[trial.setting];
      std::string status = "pending";
      if (result.state) {
        static constexpr const char* kStatus[] = {"running", "done", "failed"};
        status = kStatus[static_cast<size_t>(result.state->kind)];
      }
      out.push_back({{"id", trial.id},
                     {"setting", trial.setting},
                     {"overrides", choice_json(setting.choice)},
                     {"seed", trial.seed},
                     {"fold", trial.fold ? Json(planned_.folds[*trial.fold].name) : Json(nullptr)},
                     {"rung", setting.rung},
                     {"status", status},
                     {"reason", result.state ? result.state->reason : ""},
                     {"run", "trials/" + trial.id},
                     {"seconds", result.state ? Json(result.state->seconds) : Json(nullptr)},
                     {"metrics", result.measured ? eval::to_json(result.measured->metrics)
                                                 : Json(Json::object())}});
    }
    return out;
  }

  std::string evidence() const {
    for (const auto& own : by_setting_) {
      const auto errors = errors_of(own, "mse");
      if (!errors) continue;
      const auto clips = std::set<std::string>(errors->clips.begin(), errors->clips.end()).size();
      std::string out;
      if (errors->blocks) {
        out =
            cat("Fewer than 20 clips are held out (", clips, "), so the ", errors->clips.size(),
                " blocks of 5 s in them are what intervals and p-values are over: evidence within "
                "these clips only.");
      }
      if (errors->sums.seeds() == 1) {
        out += cat(out.empty() ? "" : " ",
                   "One seed: evidence on these weights; another seed may differ.");
      }
      return out;
    }
    return "";
  }

  std::optional<size_t> best_index() const {
    std::optional<size_t> out;
    double least = 0;
    for (size_t s = 0; s < planned_.settings.size(); ++s) {
      const auto value = scores_[s].value(planned_.study.metric);
      if (planned_.settings[s].rung != last_rung(planned_) || !value) continue;
      if (!out || *value < least) out = s, least = *value;
    }
    return out;
  }

  struct Answer {
    Pairing pairing;
    stats::HierarchicalRatio ratio;
    std::optional<double> p;
    double smallest_p = 1;
    int64_t seeds = 0, units = 0;
    bool blocks = false;
  };

  Answer answer_of(const Pairing& pairing) const {
    Answer out;
    out.pairing = pairing;
    const auto a = errors_of(of_settings(pairing.first), planned_.study.metric);
    const auto b = errors_of(of_settings(pairing.second), planned_.study.metric);
    if (!a || !b || a->clips != b->clips || a->sums.counts != b->sums.counts) return out;
    out.seeds = std::min(a->sums.seeds(), b->sums.seeds());
    out.units = a->sums.units();
    out.blocks = a->blocks;
    out.ratio = stats::hierarchical_ratio(a->sums, b->sums);
    out.p = stats::paired_p(a->sums, b->sums);
    out.smallest_p = stats::smallest_paired_p(out.units);
    return out;
  }

  static std::string says(const Answer& answer, stats::Verdict verdict, const stats::Need& need) {
    const auto& [a, b, first, second] = answer.pairing;
    if (!answer.ratio.ratio) return cat("Whether ", a, " is better than ", b, " was not measured.");
    const double change = 100 * (*answer.ratio.ratio - 1);
    const auto size = cat(number(std::abs(change), 2), " % ", change < 0 ? "less" : "more");
    if (verdict != stats::Verdict::kNotEnoughEvidence) {
      return cat(a, " errs ", size, " than ", b, ".");
    }
    std::string out =
        cat(a, " errs ", size, " than ", b, " here, which may be luck: not enough evidence.");
    const char* unit = answer.blocks ? "blocks of 5 s" : "clips";
    if (!answer.ratio.low) {
      return cat(out, " ", answer.units, " ", unit, " are too few to say what would decide.");
    }
    std::vector<std::string> would;
    if (need.units) would.push_back(cat(*need.units, " ", unit, " (", answer.units, " now)"));
    if (need.seeds) would.push_back(cat(*need.seeds, " seeds (", answer.seeds, " now)"));
    if (would.empty()) {
      return out +
             " No number of clips or seeds that can be had would decide a difference this "
             "small.";
    }
    if (need.units.value_or(answer.units + 1) <= answer.units ||
        need.seeds.value_or(answer.seeds + 1) <= answer.seeds) {
      return out +
             " As many as were run show a difference of this size four times in five; this time "
             "they did not. More seeds would tell.";
    }
    return cat(out, " A difference of this size would show, four times in five, with ",
               join(would, " or with "), ".");
  }

  Json comparisons_json() const {
    std::vector<Answer> answers;
    std::vector<std::optional<double>> p;
    for (const auto& pairing : pairings_of(planned_)) {
      answers.push_back(answer_of(pairing));
      p.push_back(answers.back().p);
    }
    const auto corrected = stats::holm(p);
    const auto family = std::count_if(p.begin(), p.end(), [](const auto& v) { return !!v; });
    Json out = Json::array();
    for (size_t i = 0; i < answers.size(); ++i) {
      const auto& answer = answers[i];
      const auto verdict = stats::verdict(answer.ratio.ratio, corrected[i]);
      stats::Need need;
      Json need_json = nullptr;
      if (verdict == stats::Verdict::kNotEnoughEvidence && answer.ratio.low) {
        stats::NeedOptions options;
        // As Holm would judge it were it the last of the family to be looked at.
        options.alpha = 0.05 / static_cast<double>(std::max<int64_t>(1, family));
        need = stats::need(answer.ratio.parts, std::log(*answer.ratio.ratio), options);
        need_json = {{"units", need.units ? Json(*need.units) : Json(nullptr)},
                     {"seeds", need.seeds ? Json(*need.seeds) : Json(nullptr)}};
      }
      out.push_back({{"a", answer.pairing.a},
                     {"b", answer.pairing.b},
                     {"metric", planned_.study.metric},
                     {"ratio", io::number_or_null(answer.ratio.ratio)},
                     {"low", io::number_or_null(answer.ratio.low)},
                     {"high", io::number_or_null(answer.ratio.high)},
                     {"p", io::number_or_null(answer.p)},
                     {"p_corrected", io::number_or_null(corrected[i])},
                     {"smallest_p", answer.units > 0 ? Json(answer.smallest_p) : Json(nullptr)},
                     {"seeds", answer.seeds},
                     {"units", answer.units},
                     {"unit", answer.blocks ? "block" : "clip"},
                     {"verdict", stats::verdict_name(verdict)},
                     {"need", need_json},
                     {"says", says(answer, verdict, need)}});
    }
    return out;
  }

  /// Settings that differ in the curve's factor alone, by what they agree in, at rising values.
  std::vector<std::pair<std::string, std::vector<std::pair<double, size_t>>>> lines() const {
    const auto& key = planned_.study.curve;
    std::vector<std::pair<std::string, std::vector<std::pair<double, size_t>>>> out;
    for (size_t s = 0; s < planned_.settings.size(); ++s) {
      Choice rest;
      std::optional<double> x;
      for (const auto& c : planned_.settings[s].choice) {
        double value = 0;
        if (c.key == key && c.value.is_scalar() && parse_number(c.value.scalar, value)) {
          x = value;
        } else {
          rest.push_back(c);
        }
      }
      if (!x || *x <= 0) continue;
      const auto name = words(rest);
      auto at =
          std::find_if(out.begin(), out.end(), [&](const auto& l) { return l.first == name; });
      if (at == out.end()) at = out.insert(out.end(), {name, {}});
      at->second.emplace_back(*x, s);
    }
    std::erase_if(out, [](const auto& line) { return line.second.size() < 2; });
    for (auto& line : out) std::sort(line.second.begin(), line.second.end());
    return out;
  }

  std::optional<std::vector<stats::CurvePoint>> points_of(
      const std::vector<std::pair<double, size_t>>& line) const {
    std::vector<stats::CurvePoint> out;
    for (const auto& [x, s] : line) {
      auto errors = errors_of(by_setting_[s], planned_.study.metric);
      if (!errors || errors->sums.units() < 2) return std::nullopt;
      if (!out.empty() && errors->sums.seeds() != out[0].setting.seeds()) return std::nullopt;
      out.push_back({x, std::move(errors->sums)});
    }
    return out;
  }

  Json curves_json() const {
    constexpr size_t kMostLines = 8;  // of which every two are looked at
    const auto all = lines();
    if (all.empty()) return nullptr;
    Json out = {
        {"factor", planned_.study.curve}, {"lines", Json::array()}, {"crossings", Json::array()}};
    for (const auto& [name, points] : all) {
      Json list = Json::array();
      for (const auto& [x, s] : points) {
        const auto* e = scores_[s].find(planned_.study.metric);
        const eval::Estimate none;
        const auto& estimate = e != nullptr ? *e : none;
        list.push_back({{"x", x},
                        {"value", io::number_or_null(estimate.value)},
                        {"low", io::number_or_null(estimate.low)},
                        {"high", io::number_or_null(estimate.high)}});
      }
      out["lines"].push_back({{"name", name}, {"points", std::move(list)}});
    }
    for (size_t i = 0; i < std::min(all.size(), kMostLines); ++i) {
      for (size_t j = i + 1; j < std::min(all.size(), kMostLines); ++j) {
        add_crossing(all[i], all[j], out["crossings"]);
      }
    }
    return out;
  }

  template <typename Line>
  void add_crossing(const Line& a, const Line& b, Json& out) const {
    const auto pa = points_of(a.second), pb = points_of(b.second);
    if (!pa || !pb || pa->size() != pb->size()) return;
    for (size_t i = 0; i < pa->size(); ++i) {
      if ((*pa)[i].x != (*pb)[i].x || (*pa)[i].setting.counts != (*pb)[i].setting.counts) return;
    }
    const auto crossing = stats::crossing(*pa, *pb);
    if (!crossing) return;
    out.push_back({{"a", a.first},
                   {"b", b.first},
                   {"x", io::number_or_null(crossing->x)},
                   {"low", io::number_or_null(crossing->low)},
                   {"high", io::number_or_null(crossing->high)},
                   {"share", crossing->share},
                   {"beyond", crossing->a_beyond ? a.first : b.first}});
  }

  const Planned& planned_;
  std::vector<Result> results_;
  std::vector<std::vector<const Result*>> by_setting_;
  std::vector<eval::Scores> scores_;
};

}  // namespace

Json summarise(const Planned& planned, const std::filesystem::path& dir) {
  return Summary(planned, dir).json();
}

}  // namespace kuchi::study
