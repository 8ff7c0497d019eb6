#include "io/provenance_json.h"

#include "catch.h"

using namespace kuchi;

TEST_CASE("provenance as JSON: all five keys in order, and back", "[io]") {
  const Provenance full{"set", "CC0", "si\"gned\"\n", "research", "marked"};
  CHECK(io::to_json(full).dump() ==
        R"({"data":"set","licence":"CC0","consent":"si\"gned\"\n","permitted_use":"research",)"
        R"("synthetic_mark":"marked"})");
  CHECK(io::provenance_from_json(io::to_json(full)) == full);
  CHECK(io::to_json({}).size() == 5);
}

TEST_CASE("provenance as JSON: what others put under the key is no error", "[io]") {
  for (const char* text : {"3", "\"x\"", "null", "[\"data\"]", "{}", "{\"data\": 3}"}) {
    INFO(text);
    CHECK(io::provenance_from_json(nlohmann::json::parse(text)) == Provenance{});
  }
  CHECK(io::provenance_from_json({{"consent", "signed"}, {"more", 1}}) ==
        Provenance{"", "", "signed", "", ""});
}
