#include "synth/phonology.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace kuchi::synth {
namespace {

using Labels = std::vector<std::string_view>;

/// Words that are looked up once: "s t r" → three phones.
std::vector<std::vector<int>> parse(std::initializer_list<std::string_view> items) {
  std::vector<std::vector<int>> out;
  for (std::string_view item : items) {
    std::vector<int> phones;
    while (!item.empty()) {
      const size_t space = item.find(' ');
      phones.push_back(phone(item.substr(0, space)));
      item = space == std::string_view::npos ? std::string_view{} : item.substr(space + 1);
    }
    out.push_back(phones);
  }
  return out;
}

const std::vector<int>& pick(const std::vector<std::vector<int>>& from, Stream& draw) {
  return from[draw.below(from.size())];
}

void append(std::vector<Unit>& word, const std::vector<int>& phones, double length, double loud) {
  for (int p : phones) {
    Unit u;
    u.phone = p;
    u.length = length;
    u.loud = loud;
    word.push_back(u);
  }
}

// ---- Japanese ----

const std::vector<std::vector<int>>& onsets_before(std::string_view v) {
  static const auto a = parse({"", "k", "s", "t", "n", "h", "m", "y", "rj", "w", "g", "z", "d", "b",
                               "p", "sy", "cy", "k y", "p y"});
  static const auto i =
      parse({"", "k", "sy", "cy", "n", "h", "m", "rj", "g", "jy", "b", "p", "sy", "cy"});
  static const auto u = parse(
      {"", "k", "s", "ts", "n", "f", "m", "y", "rj", "g", "z", "b", "p", "sy", "jy", "k y", "ts"});
  static const auto e =
      parse({"", "k", "s", "t", "n", "h", "m", "rj", "g", "z", "d", "b", "p", "w"});
  static const auto o = parse(
      {"", "k", "s", "t", "n", "h", "m", "y", "rj", "w", "g", "z", "d", "b", "p", "sy", "cy"});
  switch (v[0]) {
    case 'a':
      return a;
    case 'i':
      return i;
    case 'u':
      return u;
    case 'e':
      return e;
    default:
      return o;
  }
}

bool may_double(int p) {
  const auto label = phone_kinds()[static_cast<size_t>(p)].label;
  return label == "p" || label == "t" || label == "k" || label == "s" || label == "sy";
}

std::vector<Unit> japanese_word(Stream& draw) {
  static const Labels vowels = {"a", "a", "a", "i", "i", "uj", "uj", "e", "e", "o", "o"};
  const int morae = 2 + static_cast<int>(draw.below(3));
  const int drop = static_cast<int>(draw.below(static_cast<uint64_t>(morae) + 1));  // accent
  std::vector<Unit> word;
  for (int m = 0; m < morae; ++m) {
    const size_t first = word.size();
    const std::string_view v = vowels[draw.below(vowels.size())];
    const auto& onset = pick(onsets_before(v), draw);
    append(word, onset, 1, 1);
    if (m > 0 && onset.size() == 1 && may_double(onset[0]) && draw.chance(0.15)) {
      word.back().length = 1.9;  // geminate
    }
    append(word, {phone(v)}, draw.chance(0.15) ? 1.7 : 0.95, 1);
    if (draw.chance(0.22)) append(word, {phone("nn")}, 1, 0.9);
    const double high = (m > 0 || drop == 1) && (drop == 0 || m < drop) ? 1.13 : 0.97;
    for (size_t i = first; i < word.size(); ++i) {
      word[i].pitch_begin = word[i].pitch_end = high;
    }
  }
  return word;
}

// ---- English ----

std::vector<Unit> english_word(Stream& draw) {
  static const auto onsets =
      parse({"",    "p",   "t",   "k",   "b",   "d",   "g",     "m",     "n",     "f",    "v",
             "s",   "z",   "sh",  "ch",  "jh",  "th",  "l",     "r",     "w",     "y",    "h",
             "p",   "t",   "k",   "b",   "m",   "n",   "w",     "p l",   "p r",   "b l",  "b r",
             "t r", "d r", "k l", "k r", "g l", "g r", "f l",   "f r",   "s l",   "s p",  "s t",
             "s k", "s m", "s n", "s w", "t w", "k w", "s t r", "s p r", "s k r", "s k w"});
  static const auto nuclei = parse({"i", "ih", "eh", "ae", "ah", "ao", "uh", "u", "er", "a", "a ih",
                                    "a uh", "eh ih", "o uh", "ao ih", "u", "ae"});
  static const auto weak = parse({"ax", "ih", "er", "ax"});
  static const auto codas =
      parse({"",    "",    "",   "",   "",  "n",  "m",   "t",   "k",   "s",   "l",
             "r",   "d",   "z",  "v",  "p", "ng", "f",   "n t", "s t", "m p", "n d",
             "s k", "k s", "ch", "sh", "b", "g",  "n s", "l p", "t s", "ng k"});
  const int count = 1 + static_cast<int>(draw.below(3));
  const int stressed = static_cast<int>(draw.below(static_cast<uint64_t>(count)));
  std::vector<Unit> word;
  for (int s = 0; s < count; ++s) {
    const bool strong = s == stressed;
    const double loud = strong ? 1.1 : 0.85;
    const size_t first = word.size();
    append(word, pick(onsets, draw), 0.95, loud);
    const auto& nucleus = pick(strong || draw.chance(0.3) ? nuclei : weak, draw);
    const double length = (strong ? 1.15 : 0.8) * (nucleus.size() > 1 ? 0.72 : 1.0);
    append(word, nucleus, length, loud);
    append(word, pick(codas, draw), 0.9, loud);
    for (size_t i = first; i < word.size(); ++i) {
      word[i].pitch_begin = strong ? 1.12 : 0.96;
      word[i].pitch_end = strong ? 1.06 : 0.96;
    }
  }
  return word;
}

// ---- Mandarin ----

std::vector<Unit> mandarin_word(Stream& draw) {
  static const auto labials = parse({"p", "b", "m", "f", "b", "p"});
  static const auto plain = parse({"t", "d", "n", "l", "g", "k", "x", "s", "ts", "", "n", "l"});
  static const auto retroflex = parse({"sh", "ch", "jh", "r"});
  static const auto palatals = parse({"sy", "cy", "jy", "y"});
  static const auto wide =
      parse({"a", "a ih", "eh ih", "a uh", "o uh", "a n", "ax n", "a ng", "ax ng", "o", "a", "u"});
  static const auto round =
      parse({"w a", "w o", "w a ih", "w eh ih", "w a n", "w ax n", "w a ng", "u", "u ng", "ao ng"});
  static const auto front = parse({"i", "y a", "y eh", "y a uh", "y o uh", "y eh n", "i n",
                                   "y a ng", "i ng", "ue", "ue eh", "ue n"});
  static const auto apical = parse({"iz", "ax", "u", "a uh", "a n"});
  static const double tones[4][3] = {
      {1.18, 1.18, 1.18}, {0.92, 1.0, 1.18}, {0.92, 0.78, 0.92}, {1.25, 1.05, 0.8}};
  const int count = 1 + static_cast<int>(draw.below(3));
  std::vector<Unit> word;
  for (int s = 0; s < count; ++s) {
    const size_t first = word.size();
    const uint64_t kind = draw.below(10);
    if (kind < 2) {
      append(word, pick(labials, draw), 1, 1);
      append(word, pick(draw.chance(0.7) ? wide : front, draw), 1, 1);
    } else if (kind < 6) {
      append(word, pick(plain, draw), 1, 1);
      append(word, pick(draw.chance(0.5) ? wide : round, draw), 1, 1);
    } else if (kind < 8) {
      append(word, pick(retroflex, draw), 1, 1);
      append(word, pick(draw.chance(0.6) ? apical : round, draw), 1, 1);
    } else {
      append(word, pick(palatals, draw), 1, 1);
      append(word, pick(front, draw), 1, 1);
    }
    const double* tone = tones[draw.below(4)];
    const double n = static_cast<double>(word.size() - first);
    for (size_t i = first; i < word.size(); ++i) {
      const auto at = [&](double x) {
        return x < 0.5 ? tone[0] + (tone[1] - tone[0]) * 2 * x
                       : tone[1] + (tone[2] - tone[1]) * (2 * x - 1);
      };
      word[i].pitch_begin = at(static_cast<double>(i - first) / n);
      word[i].pitch_end = at(static_cast<double>(i - first + 1) / n);
    }
  }
  return word;
}

double usual_seconds(const Unit& u) {
  if (u.fixed_s > 0) return u.fixed_s;
  return u.length * phone_kinds()[static_cast<size_t>(u.phone)].usual_s;
}

}  // namespace

std::vector<Unit> draw_word(Language language, Stream& draw) {
  switch (language) {
    case Language::ja:
      return japanese_word(draw);
    case Language::en:
      return english_word(draw);
    default:
      return mandarin_word(draw);
  }
}

std::vector<Unit> draw_phrases(Language language, double speech_s, Stream& draw) {
  std::vector<Unit> all;
  double total_s = 0;
  while (total_s < speech_s) {
    const double phrase_s = std::min(draw.uniform(1.0, 2.4), speech_s - total_s);
    const size_t first = all.size();
    double spoken_s = 0;
    while (spoken_s < phrase_s) {
      for (const Unit& u : draw_word(language, draw)) {
        all.push_back(u);
        spoken_s += usual_seconds(u);
      }
    }
    const double n = static_cast<double>(all.size() - first);
    for (size_t i = first; i < all.size(); ++i) {  // the pitch sinks through the phrase
      const double here = 1.06 - 0.18 * static_cast<double>(i - first) / n;
      all[i].pitch_begin *= here;
      all[i].pitch_end *= here;
    }
    for (size_t i = all.size() - std::min<size_t>(3, all.size() - first); i < all.size(); ++i) {
      all[i].length *= 1.3;  // the end of a phrase is slower
    }
    total_s += spoken_s;
    if (total_s + 0.5 < speech_s) {
      Unit pause;
      pause.phone = kPause;
      pause.fixed_s = draw.uniform(0.12, 0.32);
      all.push_back(pause);
      total_s += pause.fixed_s;
    } else {
      break;
    }
  }
  return all;
}

}  // namespace kuchi::synth
