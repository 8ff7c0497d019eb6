#include "study/study.h"

#include "catch.h"
#include "studies.h"

using namespace kuchi;
using namespace kuchi::study;
using namespace kuchi::test;

TEST_CASE("study: a file says what is varied, over what, and what is asked", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study(R"(
name: depth
about: How deep?
base: experiment/synth_bilstm
overrides: {train.max_steps: 50}
factors:
  model.head: [bilstm, lstm]
  model.bilstm.layers: {values: [1, 2], when: {model.head: bilstm}}
  train.lr: {from: 1e-4, to: 1e-2, log: true, steps: 3}
seeds: 2
cross_validation: {by: 5, valid: next}
compare:
  metric: mae
  baseline: {model.head: bilstm}
  questions:
    - {a: {model.head: lstm}, b: {model.head: bilstm}}
)");
  CHECK(study.name == "depth");
  CHECK(study.base == "experiment/synth_bilstm");
  REQUIRE(study.factors.size() == 3);
  CHECK(study.factors[1].when.size() == 1);
  REQUIRE(study.factors[2].values.size() == 3);
  CHECK(study.factors[2].values[1].number() == Approx(1e-3));
  CHECK(study.factors[2].values[2].scalar == "0.01");
  CHECK(study.seeds == std::vector<int64_t>{0, 1});
  CHECK(study.folds == Folds::number);
  CHECK(study.fold_count == 5);
  CHECK(study.valid_next);
  CHECK(study.metric == "mae");
  REQUIRE(study.questions.size() == 1);
  CHECK(words(study.questions[0].a) == "model.head=lstm");
}

TEST_CASE("study: a base beside the file is found before a shipped one", "[study]") {
  const StudyFolder folder;
  folder.write("mine.yaml", "");
  CHECK(folder.study("base: mine\nfactors: {width: [1]}\n").base == folder.path / "mine.yaml");
}

TEST_CASE("study: each mistake is told with its place and what to do", "[study]") {
  const StudyFolder folder;
  const auto told = [&](const std::string& text) { return caught([&] { folder.study(text); }); };
  const std::string base = "base: x\n";
  for (const auto& [text, place, what] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"factors: {width: [1]}\n", "study.yaml: ", "needs base"},
           {base + "factor: {width: [1]}\n", ":2:1: ", "did you mean \"factors\"?"},
           {base + "factors: {width: 3}\n", ":2:18: ", "a list like"},
           {base + "factors: {width: [1, 1]}\n", ":2:22: ", "twice"},
           {base + "factors: {width: {from: 1, to: 2}}\n", ":2:11: ", "needs its steps"},
           {base + "factors: {width: {from: 2, to: 1, steps: 2}}\n", ":2:18: ", "must rise"},
           {base + "factors: {width: {from: 0, to: 1, log: true, steps: 2}}\n",
            ":2:25: ", "above 0"},
           {base + "factors: {width: {values: [1], when: {head: a}}}\n",
            ":2:39: ", "no factor above"},
           {base + "factors: {width: [1]}\nsearch: gird\n", ":3:9: ", "did you mean \"grid\"?"},
           {base + "factors: {width: [1]}\nsearch: random\n", ":3:9: ", "needs trials"},
           {base + "factors: {width: [1]}\ntrials: 3\n", ":3:9: ", "random or halving"},
           {base + "factors: {width: [1]}\nsearch: halving\n", ":3:9: ", "go together"},
           {base + "search: list\n", ":2:9: ", "needs a list"},
           {base + "search: list\nlist: [{name: a, width: 1}, {name: a, width: 2}]\n",
            ":3:29: ", "called \"a\""},
           {base + "factors: {width: [1]}\nseeds: 0\n", ":3:8: ", "from 1"},
           {base + "factors: {width: [1]}\nseeds: [1, 1]\n", ":3:12: ", "twice"},
           {base + "factors: {width: [1]}\ncross_validation: clips\n",
            ":3:19: ", "clip, speaker or a number"},
           {base + "factors: {width: [1]}\nsearch: halving\nhalving: {budgets: [3, 2]}\n",
            ":4:24: ", "must rise"},
           {base + "factors: {width: [1]}\ncompare: {questions: [{a: {width: 1}}]}\n",
            ":3:23: ", "needs a and b"},
       }) {
    INFO(text);
    const auto said = told(text);
    INFO(said.text);
    CHECK(said.has(place));
    CHECK(said.has(what));
    CHECK(said.code == 2);
  }
}

TEST_CASE("study: a value written on one line reads back as the same", "[study]") {
  for (const char* text : {"3", "1e-3", "\"3\"", "true", "null", "[1, 2]", "[[a, b], [c]]",
                           "{a: 1, b: [x]}", "\"a: b\"", "'it''s'"}) {
    const auto node = config::parse_yaml(text, "test");
    const auto again = config::parse_yaml(flow_text(node), "test");
    INFO(text << " is written " << flow_text(node));
    CHECK(again.kind == node.kind);
    CHECK(again.scalar == node.scalar);
    CHECK(again.quoted == node.quoted);
    CHECK(flow_text(again) == flow_text(node));
  }
}
