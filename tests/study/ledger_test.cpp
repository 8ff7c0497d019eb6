#include "study/ledger.h"

#include <fstream>

#include "catch.h"
#include "studies.h"

using namespace kuchi;
using namespace kuchi::study;
using namespace kuchi::test;

TEST_CASE("ledger: the last word on a training is kept", "[study]") {
  const StudyFolder folder;
  {
    Ledger ledger(folder.path);
    CHECK_FALSE(ledger.state("a"));
    ledger.record("a", {});
    ledger.record("b", {});
    ledger.record("a", {State::Kind::failed, "out of \"memory\"\n", 5, 2.5});
  }
  const Ledger again(folder.path);
  REQUIRE(again.state("a"));
  CHECK(again.state("a")->kind == State::Kind::failed);
  CHECK(again.state("a")->reason == "out of \"memory\"\n");
  CHECK(again.state("a")->code == 5);
  CHECK(again.state("a")->seconds == 2.5);
  CHECK(again.state("b")->kind == State::Kind::started);
}

TEST_CASE("ledger: a line that a crash cut off is passed over, also when others follow",
          "[study]") {
  const StudyFolder folder;
  {
    Ledger ledger(folder.path);
    ledger.record("a", {State::Kind::done, "", 0, 1});
  }
  std::ofstream(folder.path / "ledger.jsonl", std::ios::app) << "{\"id\":\"b\",\"sta";
  {
    Ledger ledger(folder.path);
    CHECK(ledger.state("a"));
    CHECK_FALSE(ledger.state("b"));
    ledger.record("c", {State::Kind::done, "", 0, 1});
  }
  std::ofstream(folder.path / "ledger.jsonl", std::ios::app) << "no ledger\n";
  const auto said = caught([&] { Ledger{folder.path}; });
  CHECK(said.has("ledger.jsonl:4:1: "));  // after a's, the half one, and c's
  CHECK(said.code == 3);
}

TEST_CASE("ledger: bytes that are no text do not break it", "[study]") {
  const StudyFolder folder;
  {
    Ledger ledger(folder.path);
    ledger.record("a", {State::Kind::failed, "bad \xff\xfe byte", 3, 0});
  }
  CHECK(Ledger(folder.path).state("a")->reason.find("bad ") == 0);
}
