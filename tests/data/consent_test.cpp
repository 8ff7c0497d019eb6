// Consent before data: what `consent: required` stops, and what is recorded instead.
#include "data/consent.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "data/fixture.h"
#include "data/prepare.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::caught;
using test::SmallSet;

namespace {
PrepareOptions given(const std::string& consent) {
  PrepareOptions options;
  options.consent = consent;
  return options;
}
}  // namespace

TEST_CASE("consent: required and not recorded stops before anything is read", "[data]") {
  SmallSet set;
  set.recipe("root: nowhere\nconsent: required\n");  // a root that is read is told as missing
  const Recipe recipe = load_recipe(set.file());
  const std::string says =
      set.file().string() +
      ":7:1: consent is required and none is recorded; write here what the recorded people agreed "
      "to, or give data.consent=\"…\"";
  for (const auto& options : {PrepareOptions{}, given(""), given(" \n")}) {
    const auto e = caught([&] { prepare(recipe, {}, options, set.store()); });
    CHECK(e.code == 2);
    CHECK(e.text == says);
    CHECK(caught([&] { prepare_key(recipe, {}, options); }).text == says);
  }
  CHECK_FALSE(fs::exists(set.store()));
  for (const char* spelled : {"Required", "\" required \"", "'REQUIRED'"}) {
    set.recipe(cat("consent: ", spelled, "\n"));
    CHECK(caught([&] { prepare(load_recipe(set.file()), {}, {}, set.store()); }).code == 2);
  }
}

TEST_CASE("consent: what is given takes its place and stands in the store", "[data]") {
  SmallSet set;
  set.recipe("consent: required\npermitted_use: research\n");
  const Recipe recipe = load_recipe(set.file());
  const auto report = prepare(recipe, {}, given("signed by all on 2026-01-05"), set.store());
  const Provenance wanted{"small", "CC0", "signed by all on 2026-01-05", "research",
                          kSyntheticMark};
  CHECK(Store::open(set.store()).info().provenance == wanted);
  CHECK(to_json(report).at("provenance").at("consent") == wanted.consent);
  CHECK(
      to_text(report).find("  consent: signed by all on 2026-01-05\n  permitted_use: research\n") !=
      std::string::npos);
  CHECK(prepare_key(recipe, {}, given("a")) != prepare_key(recipe, {}, given("b")));
}

TEST_CASE("consent: a recipe's own text is kept, unless another is given", "[data]") {
  SmallSet set;
  set.recipe("consent: not required, the speaker is the author\n");
  const Recipe recipe = load_recipe(set.file());
  CHECK(settle_consent(recipe, "").consent == "not required, the speaker is the author");
  CHECK(settle_consent(recipe, "signed").consent == "signed");
  set.recipe("");
  CHECK(settle_consent(load_recipe(set.file()), "").consent.empty());
}

TEST_CASE("consent: what records nothing or is no text is refused", "[data]") {
  SmallSet set;
  const Recipe recipe = load_recipe(set.file());
  const auto refusal = [&](const std::string& text) {
    const auto e = caught([&] { settle_consent(recipe, text); });
    CHECK(e.code == 2);
    return e.text;
  };
  CHECK(refusal("required") ==
        "data.consent: \"required\" records nothing; say what the recorded people agreed to");
  CHECK(refusal("caf\xe9") == "data.consent: consent is not UTF-8; save or type it as UTF-8");
  CHECK(refusal(std::string("a\0b", 3)) == "data.consent: consent has a NUL; remove it");
  set.recipe("permitted_use: \"a\\0b\"\n");
  const auto e = caught([&] { load_recipe(set.file()); });
  CHECK(e.code == 2);
  CHECK(e.has("recipe.yaml:6:1: permitted_use has a NUL; remove it"));
}
