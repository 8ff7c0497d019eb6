#include "core/provenance.h"

#include <map>

#include "catch.h"

using namespace kuchi;

TEST_CASE("provenance: five fields in a fixed order, and back", "[core]") {
  const Provenance full{"set", "CC0", "signed", "research", "marked"};
  std::string keys;
  std::map<std::string, std::string> by_key;
  for (const auto& [key, value] : fields(full)) {
    keys += key + " ";
    by_key[key] = value;
  }
  CHECK(keys == "data licence consent permitted_use synthetic_mark ");
  CHECK(provenance_from([&](const char* key) { return by_key.at(key); }) == full);
  CHECK(fields({}).size() == 5);
}

TEST_CASE("provenance: of several data sets, each text once and no silence covered", "[core]") {
  const Provenance a{"a", "CC0", "signed", "", "mark"}, b{"b", "CC0", "", "", ""},
      c{"a", "MIT", "signed", "", "other mark"};
  CHECK(combined({a}) == a);
  CHECK(combined({a, a}) == a);
  CHECK(combined({}) == Provenance{});
  CHECK(combined({a, b, c}) ==
        Provenance{"a + b", "CC0 + MIT", "signed + not stated", "", "mark + other mark"});
  CHECK(combined({b, a}).consent == "not stated + signed");
  CHECK(combined({b}).synthetic_mark.empty());
}

TEST_CASE("provenance: as text, a line a field, whatever the texts hold", "[core]") {
  CHECK(to_text({"set", "", "two\nlines\x1b[31m", "自由", "m"}) ==
        "  data: set\n  licence: not stated\n  consent: two lines [31m\n"
        "  permitted_use: 自由\n  synthetic_mark: m\n");
}

TEST_CASE("provenance: the default mark stays as old stores have it in their silence", "[core]") {
  CHECK(std::string(kSyntheticMark) ==
        "synthetic media: mouth movement predicted from audio by a model, not captured");
}
