// What a training is made of, from the command line: a rate looked for, a start from another run.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// The little training's arguments behind another verb, without --out.
std::vector<std::string> little_search(const std::vector<std::string>& more) {
  auto all = little_training("");
  all.erase(all.begin() + 2, all.begin() + 4);
  all[0] = "lr";
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

TEST_CASE("cli: lr looks for a rate, and keeps nothing but what was asked for", "[cli]") {
  NEEDS_PROGRAM();
  shared_run();  // the data set is in the cache from here on
  TempDir dir;
  const auto csv = (dir / "rates.csv").string();
  const auto before = listing(Workshop::get().cache());
  const auto ran = must(little_search({"--steps", "30", "--from", "1e-4", "--out", csv, "-q"}));
  CHECK(ran.err.empty());
  CHECK(has(ran.out, "train.lr="));
  CHECK(listing(Workshop::get().cache()) == before);
  const std::string header = "lr,loss,smooth\n";
  const auto table = content(csv);
  REQUIRE(table.rfind(header, 0) == 0);
  CHECK(std::stod(table.substr(header.size())) == 1e-4);
  CHECK(listing(dir.path).size() == 1);

  const auto json = must(little_search({"--steps", "30", "--from", "1e-4", "--json", "-"})).json();
  CHECK(json.at("points").size() > 10);
  CHECK(json.at("suggestion").get<double>() > 1e-5);
  CHECK(json.contains("steepest"));

  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"--out", csv}, {"--from", "1", "--to", "0.1"}, {"model.head=mean"}}) {
    const auto refused = call(little_search(wrong));
    INFO(refused.err);
    CHECK(refused.code == 2);
    CHECK(has(refused.err, "\n"));
    CHECK_FALSE(has(refused.err, "bug of"));
  }
}

TEST_CASE("cli: a training starts from another run, and eval tells stillness", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  auto arguments = little_training(dir / "second");
  arguments.push_back("train.init=" + shared_run().string());
  const auto ran = must(arguments);
  CHECK(has(ran.err, "starting from"));
  CHECK(has(content(dir / "second/events.jsonl"), "\"event\":\"init\""));
  CHECK(has(content(dir / "second/config.resolved.yaml"), "init: " + shared_run().string()));

  const auto metrics = must({"eval", (dir / "second").string(), "--split", "all", "--json", "-"})
                           .json()
                           .at("metrics");
  for (const char* name : {"still", "still_ratio", "rest"}) {
    INFO(name);
    CHECK(metrics.contains(name));
  }
}
