#include "study/plan.h"

#include <set>

#include "catch.h"
#include "studies.h"

using namespace kuchi;
using namespace kuchi::study;
using namespace kuchi::test;

namespace {

std::vector<std::string> names_of(const std::vector<Setting>& settings) {
  std::vector<std::string> out;
  for (const auto& s : settings) out.push_back(s.name);
  return out;
}

}  // namespace

TEST_CASE("plan: a grid is every choice once, less what a condition shuts out", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study(R"(
base: x
factors:
  head: [a, b]
  width: {values: [1, 2], when: {head: a}}
  rate: [0.1]
)");
  CHECK(names_of(settings_of(study)) == std::vector<std::string>{"head=a width=1 rate=0.1",
                                                                 "head=a width=2 rate=0.1",
                                                                 "head=b rate=0.1"});
}

TEST_CASE("plan: draws follow from the seed, differ, and stay in their range", "[study]") {
  const StudyFolder folder;
  const std::string text = R"(
base: x
search: random
trials: 40
factors:
  width: {from: 1, to: 4}
  rate: {from: 1e-4, to: 1e-2, log: true}
)";
  const auto study = folder.study(text);
  const auto settings = settings_of(study);
  CHECK(names_of(settings) == names_of(settings_of(study)));
  CHECK(names_of(settings) != names_of(settings_of(folder.study(text + "seed: 1\n"))));
  REQUIRE(settings.size() == 40);
  std::set<std::string> names, widths;
  int64_t small = 0;
  for (const auto& s : settings) {
    names.insert(s.name);
    widths.insert(s.choice[0].value.scalar);
    const double rate = s.choice[1].value.number();
    CHECK(rate >= 1e-4);
    CHECK(rate <= 1e-2);
    small += rate < 1e-3 ? 1 : 0;
  }
  CHECK(names.size() == 40);
  CHECK(widths == std::set<std::string>{"1", "2", "3", "4"});
  CHECK(small > 10);  // half of a log range lies below its geometric middle
  CHECK(small < 30);
}

TEST_CASE("plan: fewer choices than draws give each once", "[study]") {
  const StudyFolder folder;
  const auto study =
      folder.study("base: x\nsearch: random\ntrials: 50\nfactors: {width: [1, 2, 3]}\n");
  CHECK(settings_of(study).size() == 3);
}

TEST_CASE("plan: no clip and no speaker is in two folds", "[study]") {
  const StudyFolder folder;
  const auto clips = invented_experiments().clips({});
  const auto folds = [&](const std::string& how) {
    return folds_of(folder.study("base: x\nfactors: {width: [1]}\ncross_validation: " + how + "\n"),
                    clips);
  };
  CHECK(folds("none").empty());
  CHECK(folds("clip").size() == 4);
  const auto speakers = folds("speaker");
  REQUIRE(speakers.size() == 3);
  CHECK(speakers[0].name == "ann");
  CHECK(speakers[0].test == std::vector<std::string>{"a1", "a2"});
  CHECK(speakers[0].valid.empty());
  const auto next = folds("{by: speaker, valid: next}");
  CHECK(next[0].valid == std::vector<std::string>{"b1"});
  CHECK(next[2].valid == std::vector<std::string>{"a1", "a2"});
  const auto two = folds("2");
  REQUIRE(two.size() == 2);
  std::set<std::string> all;
  for (const auto& fold : two) {
    CHECK(fold.test.size() == 2);
    all.insert(fold.test.begin(), fold.test.end());
  }
  CHECK(all.size() == 4);
  CHECK(caught([&] { folds("5"); }).has("5 folds of 4 clips"));
}

TEST_CASE("plan: clips without a speaker cannot be held out by speaker", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study("base: x\nfactors: {width: [1]}\ncross_validation: speaker\n");
  const std::vector<data::ClipFacts> clips = {{"a", "ann", 10}, {"b", "", 10}};
  CHECK(caught([&] { folds_of(study, clips); }).has("clip b has no speaker"));
}

TEST_CASE("plan: trials that come to the same configuration are one training", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study("base: x\nfactors: {width: [1, 2]}\nseeds: [3, 5]\n");
  const auto settings = settings_of(study);
  const Resolve blind = [](const Choice& choice) {  // the width makes no difference
    return Resolved{"", words({choice.back()})};
  };
  const auto trials = trials_of(study, settings, {}, blind);
  REQUIRE(trials.size() == 4);
  CHECK(trials[0].id == trials[1].id);
  CHECK(trials[2].id == trials[3].id);
  CHECK(trials[0].id != trials[2].id);
  CHECK(trials[0].seed == 3);  // seed by seed
  CHECK(trials[1].setting == 1);
}

TEST_CASE("plan: mistyped keys stop it before anything runs, each told once", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study("base: x\nfactors: {widht: [1, 2], raet: [1]}\nseeds: 3\n");
  const auto said = caught([&] { trials_of(study, settings_of(study), {}, invented_resolve); });
  CHECK(said.has("study.yaml:2:11: unknown key \"widht\""));
  CHECK(split(said.text, '\n').size() == 1);  // this resolver stops at the first
}

TEST_CASE("plan: halving keeps the best share with a larger budget", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study(R"(
base: x
search: halving
factors: {width: [1, 2, 3, 4, 5]}
halving: {budgets: [10, 20, 40]}
)");
  const auto first = first_rung(study, settings_of(study));
  REQUIRE(first.size() == 5);
  CHECK(first[0].name == "width=1 train.max_steps=10");
  const std::vector<size_t> order = {3, 0, 4, 1};  // the third failed
  const auto second = next_rung(study, first, order, 1);
  CHECK(names_of(second) ==
        std::vector<std::string>{"width=4 train.max_steps=20", "width=1 train.max_steps=20"});
  CHECK(second[0].rung == 1);
  CHECK(next_rung(study, second, std::vector<size_t>{1, 0}, 2).size() == 1);
}
