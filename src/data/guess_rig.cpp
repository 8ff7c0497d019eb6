#include "data/guess_rig.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/text.h"
#include "curves/arkit_names.h"

namespace kuchi::data {
namespace {

constexpr double kMostOutside = 0.05;  // of the values, as make_clip refuses a clip
constexpr double kInside = 1e-3;
constexpr int64_t kFewUnheld = 2;  // formats that lack the tongue are no news

/// Lowest and highest value of a curve in all samples, and how many.
struct Seen {
  double low = 0, high = 0;
};

std::map<std::string, Seen> ranges_of(const std::vector<curves::Track>& tracks) {
  std::map<std::string, Seen> seen;
  for (const auto& track : tracks) {
    for (int64_t c = 0; c < track.values.cols; ++c) {
      const auto [it, fresh] =
          seen.emplace(plain_name(track.names[static_cast<size_t>(c)]), Seen{});
      for (int64_t t = 0; t < track.values.rows; ++t) {
        const double value = track.values(t, c);
        if (fresh && t == 0) it->second = {value, value};
        it->second.low = std::min(it->second.low, value);
        it->second.high = std::max(it->second.high, value);
      }
    }
  }
  return seen;
}

/// Names that every sample has, as the first spells them; nothing of head and eye rotations.
std::vector<std::string> common_names(const std::vector<curves::Track>& tracks) {
  std::vector<std::string> names = tracks.front().names;
  std::set<std::string> rotations;
  for (const auto name : curves::kLiveLinkRotations) rotations.insert(plain_name(name));
  std::erase_if(names, [&](const std::string& name) {
    const std::string plain = plain_name(name);
    if (rotations.count(plain) > 0) return true;
    return std::any_of(tracks.begin(), tracks.end(), [&](const curves::Track& track) {
      return std::none_of(track.names.begin(), track.names.end(),
                          [&](const std::string& other) { return plain_name(other) == plain; });
    });
  });
  return names;
}

double share_outside(const std::vector<curves::Track>& tracks, const curves::Rig& rig) {
  int64_t outside = 0, all = 0;
  for (const auto& track : tracks) {
    for (int64_t c = 0; c < track.values.cols; ++c) {
      const int64_t own = rig.index(track.names[static_cast<size_t>(c)]);
      if (own < 0) continue;
      const auto& curve = rig.curves[static_cast<size_t>(own)];
      for (int64_t t = 0; t < track.values.rows; ++t) {
        const double value = track.values(t, c);
        outside += value < curve.low - kInside || value > curve.high + kInside ? 1 : 0;
        ++all;
      }
    }
  }
  return all > 0 ? static_cast<double>(outside) / static_cast<double>(all) : 0;
}

/// jawLeft → jawRight, mouth_press_l → mouth_press_r, LipCornerPullerL → …R; "" where there is
/// none.
std::string across(const std::string& name, const std::vector<std::string>& names) {
  const std::array<std::pair<std::string, std::string>, 4> words = {
      {{"Left", "Right"}, {"left", "right"}, {"LEFT", "RIGHT"}, {"_L_", "_R_"}}};
  std::vector<std::string> tries;
  const auto exchange = [&](const std::string& from, const std::string& to) {
    const auto at = name.find(from);
    if (at != std::string::npos) {
      tries.push_back(name.substr(0, at) + to + name.substr(at + from.size()));
    }
  };
  for (const auto& [left, right] : words) {
    exchange(left, right);
    exchange(right, left);
  }
  static const std::map<char, char> ends = {{'l', 'r'}, {'r', 'l'}, {'L', 'R'}, {'R', 'L'}};
  if (!name.empty() && ends.count(name.back()) > 0) {
    tries.push_back(name.substr(0, name.size() - 1) + ends.at(name.back()));
  }
  for (const auto& other : tries) {
    if (std::find(names.begin(), names.end(), other) != names.end()) return other;
  }
  return "";
}

std::string group_of(const std::string& name) {
  const std::string low = lower(name);
  for (const char* word :
       {"jaw", "tongue", "eye", "brow", "cheek", "nose", "mouth", "lip", "chin", "head"}) {
    if (low.find(word) != std::string::npos) {
      return std::string(word) == "lip" || std::string(word) == "chin" ? "mouth" : word;
    }
  }
  return "";
}

/// The curve that opens the mouth, by its name; "" where none says so.
std::string opening(const std::vector<std::string>& names) {
  for (const char* plain :
       {"jawopen", "mouthopen", "jawdrop", "openmouth", "openjaw", "jawdown", "au26jawdrop", "au26",
        "au25", "lipopen", "lipsopen", "aperture", "open"}) {
    for (const auto& name : names) {
      if (plain_name(name) == plain) return name;
    }
  }
  for (const auto& name : names) {
    const std::string low = plain_name(name);
    const bool mouth =
        low.find("jaw") != std::string::npos || low.find("mouth") != std::string::npos;
    if (mouth && low.find("open") != std::string::npos) return name;
  }
  return "";
}

/// A formula may hold letters, digits and _ only; another name cannot stand in it.
bool fits_formula(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::pair<double, double> round_range(double low, double high) {
  // Ranges that are in use, the narrowest that holds; else the span as it is, widened to two
  // digits.
  for (const auto& [from, to] : {std::pair{0.0, 1.0}, std::pair{-1.0, 1.0}, std::pair{0.0, 100.0},
                                 std::pair{-100.0, 100.0}}) {
    if (low >= from - kInside && high <= to + kInside) return {from, to};
  }
  const double step = std::pow(10, std::floor(std::log10(std::max({-low, high, 1e-6}))) - 1);
  return {std::min(0.0, std::floor(low / step) * step),
          std::max(0.0, std::ceil(high / step) * step)};
}

curves::Rig new_rig(const std::vector<curves::Track>& tracks, const std::string& called) {
  const auto names = common_names(tracks);
  const auto seen = ranges_of(tracks);
  curves::Rig rig;
  rig.name = called;
  for (const auto& name : names) {
    curves::Curve curve;
    curve.name = name;
    auto range = seen.at(plain_name(name));
    const std::string other = across(name, names);
    if (!other.empty() && across(other, names) == name) {
      curve.mirror = other;
      const auto twin = seen.at(plain_name(other));
      range = {std::min(range.low, twin.low), std::max(range.high, twin.high)};
    } else {
      curve.mirror = name;
    }
    std::tie(curve.low, curve.high) = round_range(range.low, range.high);
    curve.group = group_of(name);
    rig.curves.push_back(curve);
  }
  const int64_t jaw = rig.index("jawOpen"), close = rig.index("mouthClose");
  const auto name_at = [&](int64_t i) { return rig.curves[static_cast<size_t>(i)].name; };
  std::string formula = opening(names);
  bool fits = fits_formula(formula);
  if (jaw >= 0 && close >= 0) {
    formula = cat("max(0, ", name_at(jaw), " - ", name_at(close), ")");
    fits = fits_formula(name_at(jaw)) && fits_formula(name_at(close));
  }
  if (fits) rig.aperture = curves::Expression::parse(formula, {"aperture"});
  return rig;
}

/// Plain names of the curves that each of the files holds or leaves at rest.
std::set<std::string> names_or_rest(const std::vector<curves::Track>& tracks) {
  const auto of = [](const curves::Track& track) {
    std::set<std::string> out;
    for (const auto* list : {&track.names, &track.unheld}) {
      for (const auto& name : *list) out.insert(plain_name(name));
    }
    return out;
  };
  auto have = of(tracks.front());
  for (const auto& track : tracks) {
    const auto own = of(track);
    std::erase_if(have, [&](const std::string& name) { return own.count(name) == 0; });
  }
  return have;
}

}  // namespace

GuessedRig guess_rig(const std::vector<curves::Track>& tracks, const std::string& name_if_new) {
  GuessedRig guess;
  if (!tracks.front().visemes.empty()) {
    guess.name = "arkit-mouth";
    guess.rig = curves::load_rig(guess.name);
    guess.sure = Sure::likely;
    guess.note = cat("the files hold ", tracks.front().visemes,
                     " visemes, which become curves through the rig's visemes");
    return guess;
  }
  const auto names = common_names(tracks);
  const auto have = names_or_rest(tracks);
  std::string nearest, nearest_lacks;
  size_t least_lacking = 1000;
  std::string outside_note;
  for (const auto& name : curves::shipped_rigs()) {
    auto rig = curves::load_rig(name);
    std::vector<std::string> lacking;
    for (const auto& curve : rig.curves) {
      if (have.count(plain_name(curve.name)) == 0) lacking.push_back(curve.name);
    }
    if (!lacking.empty()) {
      if (lacking.size() < least_lacking) {
        least_lacking = lacking.size();
        nearest = name;
        nearest_lacks = lacking.front();
      }
      continue;
    }
    const double outside = share_outside(tracks, rig);
    if (outside > kMostOutside) {
      outside_note =
          cat(number(100 * outside, 3), " % of the values are outside the ranges of ", name);
      continue;
    }
    if (!guess.name.empty() && rig.size() <= guess.rig.size()) continue;
    guess.name = name;
    guess.rig = std::move(rig);
  }
  if (!guess.name.empty()) {
    const auto moves = [&](const curves::Curve& curve) {
      return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return plain_name(name) == plain_name(curve.name);
      });
    };
    const auto moving = std::count_if(guess.rig.curves.begin(), guess.rig.curves.end(), moves);
    guess.note = cat("all ", guess.rig.size(), " curves of it are among the files' ",
                     tracks.front().names.size());
    if (guess.rig.size() - moving > kFewUnheld) {
      guess.sure = Sure::likely;
      guess.note = cat(moving, " of its ", guess.rig.size(),
                       " curves are in all files, the others are taken to be at rest");
    }
    if (guess.name == "arkit") {
      guess.note += "; rig: arkit-mouth has the 27 of jaw and mouth alone";
    }
    return guess;
  }
  guess.is_new = true;
  guess.name = name_if_new;
  guess.rig = new_rig(tracks, name_if_new);
  guess.sure = Sure::guess;
  guess.note = outside_note;
  if (guess.note.empty()) {
    guess.note = cat("no shipped rig's curves are all there; the nearest, ", nearest, ", has ",
                     least_lacking, " that the files lack, such as ", nearest_lacks);
  }
  return guess;
}

std::string new_rig_text(const GuessedRig& guess) {
  std::string text =
      cat("# Written by kuchi init, because no shipped rig fits: ", guess.note, ".\n",
          "# The order of the curves is the order of a model's outputs. Look at the ranges (they "
          "are what\n"
          "# the files looked at keep to), the mirrors (by left and right in the names) and the "
          "aperture,\n"
          "# and add to_arkit so that ARKit formats can be written; configs/rigs/arkit.yaml tells "
          "the form.\n");
  if (guess.rig.aperture.names().empty()) {
    text +=
        "# TODO: no curve is called like an open jaw or mouth, or its name has more than the "
        "letters,\n"
        "# digits and _ of a formula. Write a formula after aperture:, else closures and lag "
        "cannot\n"
        "# be measured.\n";
  }
  return text + curves::rig_to_yaml(guess.rig);
}

}  // namespace kuchi::data
