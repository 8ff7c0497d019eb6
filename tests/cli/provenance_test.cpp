// Provenance and consent, as a user and a user's scripts meet them.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const Json kWanted = {{"data", "small"},
                      {"licence", "CC0"},
                      {"consent", "signed, all of them"},
                      {"permitted_use", "research"},
                      {"synthetic_mark", "made by a machine"}};

Json inspected(const fs::path& path) {
  const auto ran = call({"inspect", path.string(), "--json", "-"});
  INFO(path << ": " << ran.err);
  REQUIRE(ran.code == 0);
  return ran.json().at("provenance");
}

/// Four clips whose recipe asks for consent, and a model that is trained in an instant.
struct AskingSet : SmallSet {
  AskingSet() : SmallSet({"a", "b", "c", "d"}) {
    recipe(
        "permitted_use: research\nsynthetic_mark: made by a machine\n"
        "split: {by: clip, valid: 0.25, test: 0.25}\n\nconsent: required\n");
    write(dir / "train.yaml", "data: {recipe: recipe.yaml}\nmodel: {head: mean}\n");
    write(dir / "two.yaml", content(dir / "two.yaml") + "to_arkit: {jawOpen: open}\n");
  }
};

const std::string kRefusal =
    "recipe.yaml:10:1: consent is required and none is recorded; write here what the recorded "
    "people agreed to, or give data.consent=\"…\"\n";

}  // namespace

TEST_CASE("cli: consent that is required stops prepare and train, with its place", "[cli]") {
  NEEDS_PROGRAM();
  AskingSet set;
  const auto before = listing(set.dir.path);
  const auto prepare = call({"prepare", "recipe.yaml", "--out", "s.h5"}, set.dir.path);
  CHECK(prepare.code == 2);
  CHECK(prepare.out.empty());
  CHECK(prepare.err == kRefusal);
  const auto train = call({"train", "train.yaml", "--out", "run"}, set.dir.path);
  CHECK(train.code == 2);
  CHECK(train.out.empty());
  CHECK(train.err == (fs::canonical(set.dir.path) / kRefusal).string());
  CHECK(listing(set.dir.path) == before);
  CHECK(inspected(set.file()).at("consent") == "required");  // looking is no preparing
}

TEST_CASE("cli: provenance travels from the recipe into every file that can hold it", "[cli]") {
  NEEDS_PROGRAM();
  AskingSet set;
  const auto in = [&](std::vector<std::string> line) {
    const auto ran = call(line, set.dir.path);
    INFO(join(line, " ") << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    return ran;
  };
  const std::string consent = "data.consent=signed, all of them";
  const auto prepared = in({"prepare", "recipe.yaml", "--out", "s.h5", consent, "--json", "-"});
  CHECK(prepared.json().at("provenance") == kWanted);
  CHECK(inspected(set.dir / "s.h5") == kWanted);

  in({"train", "train.yaml", "--out", "run", consent, "-q"});
  CHECK(inspected(set.dir / "run") == kWanted);
  CHECK(inspected(set.dir / "run/best") == kWanted);
  CHECK(content(set.dir / "run/config.resolved.yaml").find("signed, all of them") !=
        std::string::npos);

  in({"predict", "run", "wav/a.wav", "--out", "p.json", "-q"});
  CHECK(inspected(set.dir / "p.json") == kWanted);
  in({"convert", "p.json", "--out", "c.json", "--to", "a2f", "--fps", "60", "-q"});
  CHECK(inspected(set.dir / "c.json") == kWanted);
  CHECK(in({"inspect", "c.json"}).out.find("provenance:\n  data: small\n  licence: CC0\n") !=
        std::string::npos);

  const auto lost = in({"convert", "p.json", "--out", "c.csv"});
  CHECK(lost.err == "c.csv: livelink has no place for the provenance that p.json holds\n");
  CHECK(inspected(set.dir / "c.csv").is_null());
  in({"convert", "c.csv", "--out", "again.json", "-q"});
  CHECK(inspected(set.dir / "again.json").at("consent") == "");  // not stated, and not made up

  const auto seen =
      python({source("tests/cli/read_provenance.py").string(), (set.dir / "s.h5").string(),
              (set.dir / "run/best/model.safetensors").string(), (set.dir / "p.json").string(),
              (set.dir / "run/data.json").string()});
  if (seen.code == -1) {
    WARN("not checked with h5py and safetensors: no build/venv-tests");
    return;
  }
  INFO(seen.err);
  REQUIRE(seen.code == 0);
  const Json by_python = seen.json();
  REQUIRE(by_python.size() == 4);
  for (const auto& one : by_python) CHECK(one == kWanted);
}

TEST_CASE("cli: a recipe without consent or root is prepared and inspected as before", "[cli]") {
  NEEDS_PROGRAM();
  SmallSet set;
  const auto ran = call({"prepare", "recipe.yaml", "--out", "s.h5"}, set.dir.path);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.find("provenance:\n  data: small\n  licence: CC0\n  consent: not stated\n") !=
        std::string::npos);
  const auto recipe = inspected(set.file());
  CHECK(recipe == inspected(set.dir / "s.h5"));
  CHECK(recipe.at("permitted_use") == "");
  CHECK(recipe.at("synthetic_mark").get<std::string>().starts_with("synthetic media: "));
}
