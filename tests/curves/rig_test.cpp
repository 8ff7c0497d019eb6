#include "curves/rig.h"

#include <set>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/arkit_names.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

fs::path rig_file(const std::string& name) {
  return fs::path(KUCHI_SOURCE_DIR) / "configs" / "rigs" / (name + ".yaml");
}

Rig shipped(const std::string& name) { return load_rig(rig_file(name).string()); }

std::string refusal(const std::string& yaml) {
  return error_of(Exit::config, [&] { parse_rig(yaml, "my.yaml"); });
}

double one(const Expression& e, const std::vector<std::pair<std::string, double>>& values) {
  std::vector<double> arguments;
  for (const auto& name : e.names()) {
    for (const auto& [key, value] : values) {
      if (key == name) arguments.push_back(value);
    }
  }
  REQUIRE(arguments.size() == e.names().size());
  return e.evaluate(arguments);
}

const Expression& arkit_formula(const Rig& rig, const std::string& arkit) {
  for (const auto& [name, formula] : rig.to_arkit) {
    if (name == arkit) return formula;
  }
  FAIL("no to_arkit for " << arkit);
  return rig.aperture;
}
}  // namespace

TEST_CASE("rigs: every shipped rig has its curves, ranges and mirrors", "[curves]") {
  const std::pair<const char*, int64_t> rigs[] = {
      {"arkit", 52}, {"arkit-mouth", 27}, {"facegood", 29}, {"kuchi26", 26}};
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(rig_file("x").parent_path())) {
    files += entry.path().extension() == ".yaml";
  }
  CHECK(files == std::size(rigs));
  for (const auto& [name, size] : rigs) {
    INFO(name);
    const Rig rig = shipped(name);
    CHECK(rig.name == name);
    CHECK(rig.size() == size);
    CHECK(!rig.aperture.names().empty());
    CHECK(load_rig(name).names() == rig.names());
    for (const Curve& curve : rig.curves) {
      INFO(curve.name);
      CHECK((curve.low == 0 || curve.low == -1));
      CHECK(curve.high == 1);
      CHECK(curve.rest == 0);
      CHECK(!curve.group.empty());
      const bool sided = lower(curve.name).ends_with("left") || curve.name.ends_with("_l");
      CHECK((!sided || curve.mirror != curve.name));
    }
  }
}

TEST_CASE("rigs: arkit has the 52 names, arkit-mouth their jaw and mouth in order", "[curves]") {
  const Rig arkit = shipped("arkit");
  CHECK(arkit.names() == std::vector<std::string>(kArkitNames.begin(), kArkitNames.end()));
  std::vector<std::string> mouth;
  for (const auto& name : arkit.names()) {
    if (name.starts_with("jaw") || name.starts_with("mouth")) mouth.push_back(name);
  }
  CHECK(shipped("arkit-mouth").names() == mouth);
  CHECK(arkit.curves[static_cast<size_t>(arkit.index("JAW_LEFT"))].mirror == "jawRight");
  CHECK(arkit.index("jaw_open") == 17);
  CHECK(arkit.index("no such") == -1);
  CHECK(one(arkit.aperture, {{"jawOpen", 0.5}, {"mouthClose", 0.2}}) == Approx(0.3));
  CHECK(one(arkit.aperture, {{"jawOpen", 0.1}, {"mouthClose", 0.2}}) == 0);
}

TEST_CASE("rigs: facegood is the file's 29 moving curves, mapped as its note says", "[curves]") {
  const Rig rig = shipped("facegood");
  CHECK(rig.curves.front().name == "mouth_stretch_u");
  CHECK(rig.curves[20].name == "mouth_stretch_c");
  CHECK(rig.curves.back().name == "nose_wrinkle_r");
  CHECK(one(arkit_formula(rig, "mouthFunnel"), {{"mouth_funnel_dl", .1},
                                                {"mouth_funnel_dr", .2},
                                                {"mouth_funnel_ul", .4},
                                                {"mouth_funnel_ur", .3}}) == .4);
  CHECK(arkit_formula(rig, "jawOpen").text() == "mouth_stretch_c");
  CHECK(arkit_formula(rig, "mouthSmileRight").text() == "mouth_lipCornerPull_r");
  CHECK(rig.to_arkit.size() == 17);
  const auto data = shared("facegood/curve_names.txt");
  if (data.empty()) return;
  const auto names = split(slurp(data), '\n');
  auto from = names.begin();
  for (const auto& name : rig.names()) {  // in the file's order
    INFO(name);
    from = std::find(from, names.end(), name);
    REQUIRE(from != names.end());
  }
}

TEST_CASE("rigs: the facegood aperture weighs its curves as metrics define", "[curves]") {
  const Rig rig = shipped("facegood");
  std::vector<float> values(2 * 29, 0.f);
  const auto set = [&](const char* name, float v) {
    values[29 + static_cast<size_t>(rig.index(name))] = v;
  };
  set("mouth_stretch_c", .8f);
  set("mouth_lowerLipDepress_l", .2f);
  set("mouth_lowerLipDepress_r", .4f);
  set("mouth_upperLipRaise_l", .1f);
  set("mouth_press_r", .2f);
  set("mouth_suck_ul", .4f);
  const auto lips = aperture(rig, values, 2);
  CHECK(lips[0] == 0);
  // .8 + ½·(.3 + .05) − .1 − .1, by hand
  CHECK(lips[1] == Approx(0.775).epsilon(1e-6));
  set("mouth_stretch_c", 0);
  set("mouth_press_l", 1);
  CHECK(aperture(rig, values, 2)[1] == 0);
}

TEST_CASE("rigs: kuchi26 gives ARKit's mouth back as it was", "[curves]") {
  const Rig rig = shipped("kuchi26");
  CHECK(rig.curves[static_cast<size_t>(rig.index("lip_corner_left"))].low == -1);
  CHECK(rig.curves[static_cast<size_t>(rig.index("jaw_open"))].low == 0);
  CHECK(rig.curves[static_cast<size_t>(rig.index("mouth_open"))].low == 0);
  // One of each pair of opposites, so that nothing is lost.
  std::vector<std::pair<std::string, double>> face;
  int i = 0;
  for (const auto& name : shipped("arkit-mouth").names()) {
    const std::set<std::string> zero = {"jawRight", "mouthLeft", "mouthFrownLeft",
                                        "mouthSmileRight"};
    face.emplace_back(name, zero.count(name) ? 0 : 0.01 * ++i);
  }
  std::vector<std::pair<std::string, double>> own;
  for (const Curve& curve : rig.curves) {
    REQUIRE(curve.from_arkit);
    own.emplace_back(curve.name, one(*curve.from_arkit, face));
    CHECK(own.back().second >= curve.low);
    CHECK(own.back().second <= curve.high);
  }
  CHECK(rig.to_arkit.size() == 27);
  for (const auto& [name, value] : face) {
    INFO(name);
    CHECK(one(arkit_formula(rig, name), own) == Approx(value).margin(1e-12));
  }
}

TEST_CASE("rigs: as text and back, nothing is lost", "[curves]") {
  for (const char* name : {"arkit", "arkit-mouth", "facegood", "kuchi26"}) {
    const Rig rig = shipped(name);
    const std::string text = rig_to_yaml(rig);
    const Rig back = parse_rig(text, "stored rig");
    CHECK(rig_to_yaml(back) == text);
    CHECK(back.names() == rig.names());
    CHECK(back.to_arkit.size() == rig.to_arkit.size());
    CHECK(back.aperture.text() == rig.aperture.text());
  }
  Rig odd;
  odd.name = "odd: one";
  odd.curves = {{"yes", -2, 0.1, -1, "", "yes", {}}, {"#2", 0, 1, 0, "a, b", "#2", {}}};
  odd.closed_below = 0.05;
  const Rig back = parse_rig(rig_to_yaml(odd), "x");
  CHECK(back.names() == odd.names());
  CHECK(back.curves[0].low == -2);
  CHECK(back.curves[0].high == 0.1);
  CHECK(back.curves[0].rest == -1);
  CHECK(back.curves[1].group == "a, b");
  CHECK(back.closed_below == 0.05);
}

TEST_CASE("rigs: a mistake is told with its place", "[curves]") {
  CHECK(contains(refusal("name: a\ncurves: [b]\ncurvs: 1\n"),
                 "my.yaml:3:1: unknown key \"curvs\"; did you mean \"curves\"?"));
  CHECK(contains(refusal("curves: [b]\n"), "key \"name\" is missing"));
  CHECK(contains(refusal("name: a\ncurves: []\n"), "at least one curve"));
  CHECK(contains(refusal("name: a\ncurves: [jaw_open, JawOpen]\n"), "my.yaml:2:20: curve"));
  CHECK(contains(refusal("name: a\ncurves: [{name: b, range: [1, 0]}]\n"), "must be below"));
  CHECK(contains(refusal("name: a\ncurves: [{name: b, rest: 2}]\n"), "outside its range"));
  CHECK(contains(refusal("name: a\ncurves: [{name: b, mirror: c}]\n"), "no curve \"c\""));
  CHECK(contains(refusal("name: a\ncurves: [{name: b, mirror: c}, c]\n"), "mirrors another"));
  CHECK(contains(refusal("name: a\ncurves: [b]\naperture: b - c\n"), "my.yaml:3:11: no curve"));
  CHECK(contains(refusal("name: a\ncurves: [b]\naperture: b -\n"), "my.yaml:3:11: formula"));
  CHECK(contains(refusal("name: a\ncurves: [b]\nto_arkit: {jawOpn: b}\n"),
                 "did you mean \"jawOpen\"?"));
  CHECK(contains(refusal("name: a\ncurves: [{name: b, from_arkit: jawOpn}]\n"),
                 "did you mean \"jawOpen\"?"));
  CHECK(contains(error_of(Exit::config, [] { load_rig("facegod"); }),
                 "no rig or file \"facegod\"; did you mean \"facegood\"?"));
}
