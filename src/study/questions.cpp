#include "study/questions.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::study {
namespace {

/// A setting without the keys of two patterns: what must agree.
std::string rest_of(const Setting& setting, const Question& question) {
  Choice rest;
  for (const auto& c : setting.choice) {
    const auto named = [&](const Choice& pattern) {
      return std::any_of(pattern.begin(), pattern.end(),
                         [&](const auto& p) { return p.key == c.key; });
    };
    if (!named(question.a) && !named(question.b)) rest.push_back(c);
  }
  return words(rest);
}

/// How a side of a question is called: by its name in the list, or by its keys.
std::string called(const Choice& pattern) {
  auto out = words(pattern);
  if (out.rfind("name=", 0) == 0) out.erase(0, 5);
  return out;
}

Pairing pairing_of(const std::vector<Setting>& settings, const Question& question) {
  Pairing out{called(question.a), called(question.b), {}, {}};
  const bool by_name = !question.a.empty() && question.a[0].key == "name";
  const auto answers = [&](size_t s, size_t t) {
    return s != t && settings[s].rung == settings[t].rung && holds(question.b, settings[t]) &&
           (by_name || rest_of(settings[s], question) == rest_of(settings[t], question));
  };
  for (size_t s = 0; s < settings.size(); ++s) {
    if (!holds(question.a, settings[s])) continue;
    for (size_t t = 0; t < settings.size(); ++t) {
      if (!answers(s, t)) continue;
      out.first.push_back(s);
      out.second.push_back(t);
      break;
    }
  }
  if (out.first.empty()) {
    fail_config(question.at,
                cat("no two settings answer whether ", out.a, " is better than ", out.b,
                    "; both must be among the factors' values, with the "
                    "other factors alike"));
  }
  return out;
}

}  // namespace

int64_t last_rung(const Planned& planned) {
  int64_t out = 0;
  for (const auto& setting : planned.settings) out = std::max(out, setting.rung);
  return out;
}

std::optional<size_t> baseline_of(const Planned& planned) {
  const auto& wanted = planned.study.baseline;
  if (!wanted) return std::nullopt;
  std::optional<size_t> out;
  for (size_t s = 0; s < planned.settings.size(); ++s) {
    const auto& setting = planned.settings[s];
    const bool later = !out || setting.rung > planned.settings[*out].rung;
    if (later && holds(*wanted, setting)) out = s;
  }
  if (!out) {
    fail_config(wanted->empty() ? Location{planned.study.file.string()} : wanted->front().key_at,
                cat("no setting is the baseline ", words(*wanted),
                    "; its values must be among the factors'"));
  }
  return out;
}

std::vector<Pairing> pairings_of(const Planned& planned) {
  std::vector<Pairing> out;
  const auto baseline = baseline_of(planned);
  for (const auto& question : planned.study.questions) {
    out.push_back(pairing_of(planned.settings, question));
  }
  if (!out.empty() || !baseline) return out;
  const auto& other = planned.settings[*baseline];
  for (size_t s = 0; s < planned.settings.size(); ++s) {
    const auto& setting = planned.settings[s];
    if (s == *baseline || setting.rung != other.rung) continue;
    out.push_back({setting.name, other.name, {s}, {*baseline}});
  }
  return out;
}

}  // namespace kuchi::study
