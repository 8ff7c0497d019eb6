#include "catch.h"
#include "caught.h"
#include "curves/rig.h"

using namespace kuchi;
using curves::join_rigs;
using curves::parse_rig;
using curves::Rig;
using kuchi::test::caught;

namespace {

Rig one() {
  return parse_rig(
      "name: one\ncurves: [jawOpen, {name: smile_left, group: lips}]\naperture: jawOpen\n"
      "closed_below: 0.1\nto_arkit: {mouthSmileLeft: smile_left}\n",
      "one");
}

Rig two() {
  return parse_rig(
      "name: two\ncurves:\n  - {name: SmileRight, mirror: SmileLeft}\n  - pucker\n"
      "  - {name: SmileLeft, mirror: SmileRight}\naperture: pucker\nclosed_below: 0.2\n"
      "to_arkit: {jawOpen: 1 - pucker, mouthSmileLeft: SmileLeft / 2, mouthPucker: pucker}\n",
      "two");
}

}  // namespace

TEST_CASE("joined rigs: the first's curves, then new names; one name is one curve", "[curves]") {
  Rig rig = one();
  join_rigs(rig, two(), "two.h5");
  CHECK(rig.name == "one+two");
  CHECK(rig.names() == std::vector<std::string>{"jawOpen", "smile_left", "SmileRight", "pucker"});
  CHECK(rig.curves[1].group == "lips");
  // What crosses the midline is known from the rig that has both sides.
  CHECK(rig.index(rig.curves[1].mirror) == 2);
  CHECK(rig.index(rig.curves[2].mirror) == 1);
  CHECK(rig.aperture.text() == "jawOpen");
  CHECK(rig.closed_below == 0.1);
  // A formula of the second is not heard where the first gives that ARKit curve.
  REQUIRE(rig.to_arkit.size() == 2);
  CHECK(rig.to_arkit[0].second.text() == "smile_left");
  CHECK(rig.to_arkit[1].first == "mouthPucker");
  join_rigs(rig, two(), "two.h5");  // again: nothing new
  CHECK(rig.name == "one+two");
  CHECK(rig.size() == 4);
}

TEST_CASE("joined rigs: the first aperture that there is", "[curves]") {
  Rig rig = parse_rig("name: bare\ncurves: [a]\n", "bare");
  join_rigs(rig, two(), "two");
  CHECK(rig.aperture.text() == "pucker");
  CHECK(rig.closed_below == 0.2);
}

TEST_CASE("joined rigs: visemes of a set are those of the first rig that has it", "[curves]") {
  const auto with = [](const std::string& name, const std::string& curve) {
    return parse_rig("name: " + name + "\ncurves: [" + curve + "]\nvisemes: {oculus: {PP: {" +
                         curve + ": 1}}}\n",
                     name);
  };
  Rig rig = one();
  join_rigs(rig, with("a", "x"), "a");
  join_rigs(rig, with("b", "y"), "b");
  REQUIRE(rig.visemes.size() == 1);
  CHECK(rig.visemes[0].visemes[0].curves[0].first == "x");
}

TEST_CASE("joined rigs: one name with two ranges, rests or mirrors is refused", "[curves]") {
  const auto refused = [](const std::string& curves) {
    Rig rig = two();
    return caught([&] { join_rigs(rig, parse_rig("name: x\ncurves:\n" + curves, "x"), "x.h5"); });
  };
  const auto range = refused("  - {name: Pucker, range: [0, 100]}\n");
  CHECK(range.code == 3);
  CHECK(range.text.find("x.h5: its curve \"Pucker\" runs from 0 to 100") == 0);
  CHECK(range.has("from 0 to 1"));
  CHECK(refused("  - {name: pucker, rest: 0.5}\n").has("at rest 0.5"));
  const auto mirror =
      refused("  - {name: SmileLeft, mirror: other}\n  - {name: other, mirror: SmileLeft}\n");
  CHECK(mirror.code == 3);
  CHECK(mirror.has("mirrors \"other\""));
}
