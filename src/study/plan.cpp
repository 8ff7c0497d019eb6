#include "study/plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/hash.h"
#include "core/random.h"
#include "core/text.h"

namespace kuchi::study {
namespace {
using config::Node;

Node text_node(const std::string& text, const Location& at) {
  Node out;
  out.kind = Node::Kind::scalar;
  out.scalar = text;
  out.at = at;
  return out;
}

Node list_node(const std::vector<std::string>& texts, const Location& at) {
  Node out;
  out.kind = Node::Kind::sequence;
  out.at = at;
  for (const auto& text : texts) {
    out.items.push_back(text_node(text, at));
    out.items.back().quoted = true;
  }
  return out;
}

bool has(const Choice& choice, const config::Assignment& wanted) {
  return std::any_of(choice.begin(), choice.end(), [&](const auto& c) {
    return c.key == wanted.key && flow_text(c.value) == flow_text(wanted.value);
  });
}

/// Factors conditions of which name one key with several values hold for any of them.
bool applies(const Factor& factor, const Choice& choice) {
  return std::all_of(factor.when.begin(), factor.when.end(), [&](const config::Assignment& w) {
    if (!w.value.is_sequence()) return has(choice, w);
    return std::any_of(w.value.items.begin(), w.value.items.end(), [&](const Node& value) {
      return has(choice, {w.key, w.key_at, value});
    });
  });
}

void add_grid(const Study& study, size_t at, Choice& choice, std::vector<Choice>& out) {
  if (at == study.factors.size()) {
    out.push_back(choice);
    return;
  }
  const auto& factor = study.factors[at];
  if (!applies(factor, choice)) {
    add_grid(study, at + 1, choice, out);
    return;
  }
  for (const auto& value : factor.values) {
    choice.push_back({factor.key, factor.at, value});
    add_grid(study, at + 1, choice, out);
    choice.pop_back();
  }
}

Node drawn(const Factor& factor, Stream& stream) {
  if (!factor.values.empty()) return factor.values[stream.below(factor.values.size())];
  const Range& range = *factor.range;
  const double share = stream.uniform();
  double value = range.log ? range.from * std::pow(range.to / range.from, share)
                           : range.from + share * (range.to - range.from);
  if (range.integer) {
    // Each whole number has its own share, the ends too.
    const double low = range.from - 0.5, high = range.to + 0.5;
    if (!range.log) value = low + share * (high - low);
    return text_node(std::to_string(std::clamp<int64_t>(
                         std::llround(value), std::llround(range.from), std::llround(range.to))),
                     factor.at);
  }
  // Six digits are enough for any of them, and can be read.
  return text_node(number(value, 6), factor.at);
}

std::vector<Choice> draw(const Study& study) {
  std::vector<Choice> out;
  std::set<std::string> known;
  // Few values may not give as many settings as are asked for.
  for (int64_t i = 0; static_cast<int64_t>(out.size()) < study.draws && i < 100 * study.draws;
       ++i) {
    Choice choice;
    for (size_t f = 0; f < study.factors.size(); ++f) {
      const auto& factor = study.factors[f];
      Stream stream(static_cast<uint64_t>(study.seed), "sweep", static_cast<uint64_t>(i), f);
      if (applies(factor, choice)) choice.push_back({factor.key, factor.at, drawn(factor, stream)});
    }
    if (known.insert(words(choice)).second) out.push_back(std::move(choice));
  }
  return out;
}

Setting with_budget(const Study& study, Setting setting, int64_t rung) {
  const auto& halving = *study.halving;
  std::erase_if(setting.choice, [&](const auto& c) { return c.key == halving.key; });
  setting.choice.push_back({halving.key, halving.at, halving.budgets[static_cast<size_t>(rung)]});
  setting.name = words(setting.choice);
  setting.rung = rung;
  return setting;
}

/// Names of what is dealt out, each with its clips.
using Groups = std::vector<std::pair<std::string, std::vector<std::string>>>;

Groups by_speaker(const Study& study, std::span<const data::ClipFacts> clips) {
  std::map<std::string, std::vector<std::string>> speakers;
  for (const auto& clip : clips) {
    if (clip.speaker.empty()) {
      fail_config({study.file.string()},
                  cat("cross_validation: speaker, but clip ", clip.id,
                      " has no speaker; give the recipe a {speaker} label, or use clip"));
    }
    speakers[clip.speaker].push_back(clip.id);
  }
  return {speakers.begin(), speakers.end()};
}

Groups dealt(const Study& study, std::span<const data::ClipFacts> clips) {
  const auto order = permutation(static_cast<int64_t>(clips.size()),
                                 Stream(static_cast<uint64_t>(study.seed), "folds"));
  Groups out(static_cast<size_t>(study.fold_count));
  for (size_t i = 0; i < order.size(); ++i) {
    out[i % out.size()].second.push_back(clips[static_cast<size_t>(order[i])].id);
  }
  for (size_t k = 0; k < out.size(); ++k) {
    out[k].first = cat("fold ", k + 1);
    std::sort(out[k].second.begin(), out[k].second.end());
  }
  return out;
}

Choice everything(const Study& study, const Setting& setting, const Fold* fold, int64_t seed) {
  const Location at{study.file.string()};
  Choice out = study.overrides;
  out.insert(out.end(), setting.choice.begin(), setting.choice.end());
  if (fold != nullptr) {
    out.push_back({"data.split.by", at, text_node("list", at)});
    out.push_back({"data.split.test", at, list_node(fold->test, at)});
    out.push_back({"data.split.valid", at, list_node(fold->valid, at)});
    out.push_back({"eval.split", at, text_node("test", at)});
  }
  out.push_back({"train.seed", at, text_node(std::to_string(seed), at)});
  return out;
}

}  // namespace

bool holds(const Choice& pattern, const Setting& setting) {
  return std::all_of(pattern.begin(), pattern.end(), [&](const auto& p) {
    return p.key == "name" ? p.value.text() == setting.name : has(setting.choice, p);
  });
}

std::vector<Setting> settings_of(const Study& study) {
  std::vector<Setting> out;
  if (study.search == Search::list) {
    for (const auto& listed : study.list) out.push_back({listed.name, listed.choice});
    return out;
  }
  std::vector<Choice> choices;
  if (study.draws > 0) {
    choices = draw(study);
  } else {
    Choice none;
    add_grid(study, 0, none, choices);
  }
  for (auto& choice : choices) {
    auto name = words(choice);
    out.push_back({std::move(name), std::move(choice)});
  }
  return out;
}

std::vector<Setting> first_rung(const Study& study, std::vector<Setting> settings) {
  if (study.halving) {
    for (auto& setting : settings) setting = with_budget(study, std::move(setting), 0);
  }
  return settings;
}

std::vector<Setting> next_rung(const Study& study, std::span<const Setting> last,
                               std::span<const size_t> order, int64_t rung) {
  // At least one goes on, however few there were.
  const auto kept = std::min(
      order.size(), static_cast<size_t>(std::max(
                        1.0, std::floor(static_cast<double>(last.size()) * study.halving->keep))));
  std::vector<Setting> out;
  for (size_t i = 0; i < kept; ++i) out.push_back(with_budget(study, last[order[i]], rung));
  return out;
}

std::vector<Fold> folds_of(const Study& study, std::span<const data::ClipFacts> clips) {
  constexpr size_t kMost = 100;
  const Location at{study.file.string()};
  Groups groups;
  switch (study.folds) {
    case Folds::none:
      return {};
    case Folds::clips:
      if (clips.size() > kMost) {
        fail_config(at, cat("cross_validation: clip would train ", clips.size(),
                            " times a setting; give a number of folds, like 5"));
      }
      for (const auto& clip : clips) groups.push_back({clip.id, {clip.id}});
      break;
    case Folds::speakers:
      groups = by_speaker(study, clips);
      break;
    case Folds::number:
      if (static_cast<int64_t>(clips.size()) < study.fold_count) {
        fail_config(at, cat("cross_validation: ", study.fold_count, " folds of ", clips.size(),
                            " clips; give fewer"));
      }
      groups = dealt(study, clips);
      break;
  }
  if (groups.size() < 2) {
    fail_config(at,
                cat("cross_validation needs two to hold out in turn; there is ", groups.size()));
  }
  std::vector<Fold> out;
  for (size_t k = 0; k < groups.size(); ++k) {
    Fold fold{groups[k].first, groups[k].second, {}};
    if (study.valid_next) fold.valid = groups[(k + 1) % groups.size()].second;
    out.push_back(std::move(fold));
  }
  return out;
}

std::vector<Trial> trials_of(const Study& study, std::span<const Setting> settings,
                             std::span<const Fold> folds, const Resolve& resolve) {
  std::vector<Trial> out;
  std::vector<std::string> mistakes;
  for (const int64_t seed : study.seeds) {
    for (size_t s = 0; s < settings.size(); ++s) {
      for (size_t f = 0; f < std::max<size_t>(1, folds.size()); ++f) {
        const Fold* fold = folds.empty() ? nullptr : &folds[f];
        Trial trial;
        trial.setting = s;
        trial.seed = seed;
        if (fold != nullptr) trial.fold = f;
        try {
          auto resolved = resolve(everything(study, settings[s], fold, seed));
          trial.id = Hasher().add(resolved.identity).hex().substr(0, 12);
          trial.yaml = std::move(resolved.yaml);
        } catch (const UserError& e) {
          for (const auto& line : split(e.what(), '\n')) {
            if (std::find(mistakes.begin(), mistakes.end(), line) == mistakes.end()) {
              mistakes.push_back(line);
            }
          }
        }
        out.push_back(std::move(trial));
      }
    }
    if (!mistakes.empty()) throw UserError(Exit::config, join(mistakes, "\n"));
  }
  return out;
}

}  // namespace kuchi::study
