// Rigs as YAML, read and written. The form is told at the head of configs/rigs/arkit.yaml.
#include <algorithm>
#include <cmath>
#include <set>

#include "config/paths.h"
#include "config/yaml.h"
#include "core/error.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/rig.h"
#include "curves/visemes.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostCurves = 10000;

void refuse_unknown_keys(const config::Node& map, const std::vector<std::string>& known) {
  for (const auto& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
      fail_config(entry.key_at, cat("unknown key \"", entry.key, "\"",
                                    advice(entry.key, known, "keys here: " + join(known, ", "))));
    }
  }
}

const config::Node& need(const config::Node& map, const std::string& key) {
  const config::Node* node = map.find(key);
  if (node == nullptr) fail_config(map.at, cat("key \"", key, "\" is missing; add it"));
  return *node;
}

double finite_number(const config::Node& node) {
  const double value = node.number();
  if (!std::isfinite(value)) fail_config(node.at, "a finite number is needed");
  return value;
}

Expression formula(const config::Node& node) { return Expression::parse(node.text(), node.at); }

void read_range(const config::Node& node, Curve& curve) {
  if (!node.is_sequence() || node.items.size() != 2) {
    fail_config(node.at, "a range is two numbers; write it as [0, 1]");
  }
  curve.low = finite_number(node.items[0]);
  curve.high = finite_number(node.items[1]);
  if (!(curve.low < curve.high)) {
    fail_config(node.at, "a range's first number must be below its second");
  }
}

Curve read_curve(const config::Node& node) {
  Curve curve;
  if (node.is_scalar()) {
    curve.name = node.text();
  } else {
    if (!node.is_map()) fail_config(node.at, "a curve is a name or a map with the key \"name\"");
    refuse_unknown_keys(node, {"name", "range", "rest", "group", "mirror", "from_arkit"});
    curve.name = need(node, "name").text();
    if (const auto* range = node.find("range")) read_range(*range, curve);
    if (const auto* rest = node.find("rest")) {
      curve.rest = finite_number(*rest);
    } else {
      curve.rest = std::clamp(0.0, curve.low, curve.high);
    }
    if (const auto* group = node.find("group")) curve.group = group->text();
    if (const auto* mirror = node.find("mirror")) curve.mirror = mirror->text();
    if (const auto* from = node.find("from_arkit")) curve.from_arkit = formula(*from);
  }
  if (plain_name(curve.name).empty()) fail_config(node.at, "a curve's name is empty; give it one");
  if (curve.rest < curve.low || curve.rest > curve.high) {
    fail_config(node.at, cat("the rest value of \"", curve.name, "\" is outside its range"));
  }
  if (curve.mirror.empty()) curve.mirror = curve.name;
  return curve;
}

void read_curves(const config::Node& list, Rig& rig) {
  if (!list.is_sequence() || list.items.empty()) {
    fail_config(list.at, "\"curves\" must be a list of at least one curve");
  }
  if (list.items.size() > kMostCurves) fail_config(list.at, "too many curves for a rig");
  std::set<std::string> seen;
  for (const auto& item : list.items) {
    Curve curve = read_curve(item);
    if (!seen.insert(plain_name(curve.name)).second) {
      fail_config(item.at, cat("curve \"", curve.name,
                               "\" is there twice (case and separators "
                               "do not count); keep one"));
    }
    if (curve.from_arkit) {
      for (const auto& name : curve.from_arkit->names()) {
        if (is_arkit_name(name)) continue;
        const auto known = arkit_names();
        fail_config(item.at, cat("from_arkit: no ARKit curve \"", name, "\"",
                                 advice(name, known, "use one of the 52 ARKit names")));
      }
    }
    rig.curves.push_back(std::move(curve));
  }
}

void check_mirrors(const config::Node& list, const Rig& rig) {
  for (size_t i = 0; i < rig.curves.size(); ++i) {
    const Curve& curve = rig.curves[i];
    const auto& at = list.items[i].at;
    const int64_t other = rig.index(curve.mirror);
    if (other < 0) {
      fail_config(at, cat("mirror of \"", curve.name, "\": no curve \"", curve.mirror, "\"",
                          advice(curve.mirror, rig.names(), "name one of this rig")));
    }
    const Curve& twin = rig.curves[static_cast<size_t>(other)];
    if (rig.index(twin.mirror) != static_cast<int64_t>(i)) {
      fail_config(at, cat("\"", curve.name, "\" mirrors \"", twin.name,
                          "\", which mirrors another; give both each other's name"));
    }
    if (twin.low != curve.low || twin.high != curve.high || twin.rest != curve.rest) {
      fail_config(at, cat("\"", curve.name, "\" and its mirror \"", twin.name,
                          "\" differ in range or rest; make them equal"));
    }
  }
}

void check_own_names(const Expression& expression, const Rig& rig, const Location& at) {
  for (const auto& name : expression.names()) {
    if (rig.index(name) < 0) {
      fail_config(at, cat("no curve \"", name, "\" in this rig",
                          advice(name, rig.names(), "use the names under \"curves\"")));
    }
  }
}

void read_to_arkit(const config::Node& map, Rig& rig) {
  if (!map.is_map()) fail_config(map.at, "\"to_arkit\" must be a map: ARKit curve: formula");
  const auto known = arkit_names();
  for (const auto& entry : map.entries) {
    if (!is_arkit_name(entry.key)) {
      fail_config(entry.key_at, cat("no ARKit curve \"", entry.key, "\"",
                                    advice(entry.key, known, "use one of the 52 ARKit names")));
    }
    Expression expression = formula(entry.value);
    check_own_names(expression, rig, entry.value.at);
    rig.to_arkit.emplace_back(entry.key, std::move(expression));
  }
}

Viseme read_viseme(const config::Node::Entry& entry, const std::string& name, const Rig& rig) {
  Viseme viseme{name, {}};
  if (!entry.value.is_map()) {
    fail_config(entry.value.at, "a viseme is a map of curves and their values; write {curve: 0.5}");
  }
  for (const auto& curve : entry.value.entries) {
    const int64_t index = rig.index(curve.key);
    if (index < 0) {
      fail_config(curve.key_at,
                  cat("no curve \"", curve.key, "\" in this rig",
                      advice(curve.key, rig.names(), "use the names under \"curves\"")));
    }
    const Curve& found = rig.curves[static_cast<size_t>(index)];
    const double value = finite_number(curve.value);
    if (value < found.low || value > found.high) {
      fail_config(curve.value.at, cat("is outside the range of \"", found.name, "\""));
    }
    viseme.curves.emplace_back(found.name, value);
  }
  return viseme;
}

void read_visemes(const config::Node& map, Rig& rig) {
  if (!map.is_map())
    fail_config(map.at, "\"visemes\" must be a map: set: {viseme: {curve: value}}");
  for (const auto& entry : map.entries) {
    const auto* names = find_viseme_set(entry.key);
    if (names == nullptr) {
      fail_config(entry.key_at, cat("no set of visemes \"", entry.key, "\"",
                                    advice(entry.key, viseme_set_names(),
                                           "use one of: " + join(viseme_set_names(), ", "))));
    }
    if (!entry.value.is_map()) fail_config(entry.value.at, "a set of visemes is a map by viseme");
    VisemeSet set{names->set, {}};
    std::set<int64_t> seen;
    for (const auto& viseme : entry.value.entries) {
      const int64_t index = names->index(viseme.key);
      if (index < 0) {
        fail_config(viseme.key_at,
                    cat("no viseme \"", viseme.key, "\" in ", entry.key,
                        advice(viseme.key, names->names, "use: " + join(names->names, ", "))));
      }
      const std::string& name = names->names[static_cast<size_t>(index)];
      if (!seen.insert(index).second) {
        fail_config(viseme.key_at, cat("viseme \"", name, "\" is there twice; keep one"));
      }
      set.visemes.push_back(read_viseme(viseme, name, rig));
    }
    rig.visemes.push_back(std::move(set));
  }
}

Rig read_rig(const config::Node& root, const std::string& where) {
  if (!root.is_map()) fail_config({where, 1, 1}, "a rig is a map with \"name\" and \"curves\"");
  refuse_unknown_keys(root, {"name", "curves", "aperture", "closed_below", "to_arkit", "visemes"});
  Rig rig;
  rig.name = need(root, "name").text();
  const config::Node& curves = need(root, "curves");
  read_curves(curves, rig);
  check_mirrors(curves, rig);
  if (const auto* aperture = root.find("aperture")) {
    rig.aperture = formula(*aperture);
    check_own_names(rig.aperture, rig, aperture->at);
  }
  if (const auto* closed = root.find("closed_below")) rig.closed_below = finite_number(*closed);
  if (const auto* to_arkit = root.find("to_arkit")) read_to_arkit(*to_arkit, rig);
  if (const auto* visemes = root.find("visemes")) read_visemes(*visemes, rig);
  return rig;
}

fs::path rig_folder() { return config::config_dir() / "rigs"; }

}  // namespace

std::vector<std::string> shipped_rigs() {
  std::vector<std::string> names;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(rig_folder(), ec)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Rig load_rig(const std::string& name) {
  std::error_code ec;
  if (fs::is_regular_file(name, ec)) return read_rig(config::load_yaml(name), name);
  const bool plain = !name.empty() && name.find('/') == std::string::npos;
  const fs::path shipped = rig_folder() / (name + ".yaml");
  if (plain && fs::is_regular_file(shipped, ec)) {
    return read_rig(config::load_yaml(shipped), shipped.string());
  }
  const auto known = shipped_rigs();
  fail_config({"rig", 0, 0},
              cat("no rig or file \"", name, "\"",
                  advice(name, known, "give a path or one of: " + join(known, ", "))));
}

Rig parse_rig(const std::string& yaml, const std::string& name_for_errors) {
  return read_rig(config::parse_yaml(yaml, name_for_errors), name_for_errors);
}

namespace {

std::string visemes_to_yaml(const std::vector<VisemeSet>& sets) {
  using config::yaml_scalar;
  std::string out = sets.empty() ? "" : "visemes:\n";
  for (const auto& set : sets) {
    out += cat("  ", yaml_scalar(set.name), set.visemes.empty() ? ": {}\n" : ":\n");
    for (const auto& viseme : set.visemes) {
      std::vector<std::string> parts;
      for (const auto& [curve, value] : viseme.curves) {
        parts.push_back(cat(yaml_scalar(curve), ": ", number(value)));
      }
      out += cat("    ", yaml_scalar(viseme.name), ": {", join(parts, ", "), "}\n");
    }
  }
  return out;
}

}  // namespace

std::string rig_to_yaml(const Rig& rig) {
  using config::yaml_scalar;
  std::string out = cat("name: ", yaml_scalar(rig.name), "\ncurves:\n");
  for (const Curve& curve : rig.curves) {
    out += cat("  - name: ", yaml_scalar(curve.name), "\n    range: [", number(curve.low), ", ",
               number(curve.high), "]\n    rest: ", number(curve.rest), "\n");
    if (!curve.group.empty()) out += cat("    group: ", yaml_scalar(curve.group), "\n");
    if (curve.mirror != curve.name) out += cat("    mirror: ", yaml_scalar(curve.mirror), "\n");
    if (curve.from_arkit) {
      out += cat("    from_arkit: ", yaml_scalar(curve.from_arkit->text()), "\n");
    }
  }
  out += cat("aperture: ", yaml_scalar(rig.aperture.text()), "\n");
  if (rig.closed_below) out += cat("closed_below: ", number(*rig.closed_below), "\n");
  if (!rig.to_arkit.empty()) out += "to_arkit:\n";
  for (const auto& [arkit, expression] : rig.to_arkit) {
    out += cat("  ", yaml_scalar(arkit), ": ", yaml_scalar(expression.text()), "\n");
  }
  return out + visemes_to_yaml(rig.visemes);
}

}  // namespace kuchi::curves
