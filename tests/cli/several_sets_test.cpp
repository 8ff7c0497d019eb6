// kuchi prepare, train, eval, inspect and export on data sets with unlike rigs.
#include "../data/tone_sets.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

struct Sets {
  TempDir dir;
  std::string a = tones_a().write_to(dir.path), b = tones_b().write_to(dir.path);
  std::string h5(const std::string& name) const { return (dir / (name + ".h5")).string(); }
};

std::vector<std::string> train_on(const std::string& data, const fs::path& run) {
  return {"train",
          source("configs/debug/tiny.yaml").string(),
          "--out",
          run.string(),
          data,
          "features.stack=1",
          "train.threads=1",
          "model.head=linear",
          "model.linear.context=1",
          "-q"};
}

Json judged(const fs::path& run, const std::vector<std::string>& more = {}) {
  std::vector<std::string> line = {"eval", run.string(), "--json", "-"};
  line.insert(line.end(), more.begin(), more.end());
  return must(line).json();
}

}  // namespace

TEST_CASE("several recipes: one store, one training, one output a curve name", "[cli][slow]") {
  NEEDS_PROGRAM();
  const Sets sets;
  const auto prepared =
      must({"prepare", sets.a, sets.b, "--out", sets.h5("both"), "features.stack=1", "--json", "-"})
          .json();
  CHECK(prepared.at("names") == Json({"low", "high", "both", "inverse"}));
  CHECK(prepared.at("clips").size() == 16);
  CHECK(prepared.at("provenance").at("data") == "a + b");

  const auto seen = must({"inspect", sets.h5("both"), "--verify", "--json", "-"}).json();
  CHECK(seen.at("clips_of_curve") == Json({{"both", 8}, {"inverse", 8}}));
  CHECK(seen.at("datasets").at("b") == "8 clips, split by clip");
  CHECK(seen.at("hash") == prepared.at("hash"));
  CHECK(seen.at("clips")[8].at("labels").at("dataset") == "b");

  const auto run = sets.dir / "run", other = sets.dir / "other";
  must(train_on("data.store=" + sets.h5("both"), run));
  const auto numbers = judged(run);
  CHECK(numbers.at("clips_of_curve").at("both") == 2);
  for (const char* name : {"low", "high", "both", "inverse"}) {
    INFO(name);
    CHECK(numbers.at("per_curve").at(name).at("r2").at("value").get<double>() > 0.9);
  }
  CHECK(numbers.at("per_curve").at("low").at("mse").at("low").is_number());
  const auto told = must({"eval", run.string()});
  CHECK(has(told.out + told.err, "not in every clip"));

  // The same by recipes, and by stores, and judged on one of the sets alone.
  must(train_on("data.recipe=[" + sets.a + ", " + sets.b + "]", other));
  CHECK(judged(other).at("metrics") == numbers.at("metrics"));
  must({"prepare", sets.b, "--out", sets.h5("b"), "features.stack=1"});
  const auto of_b = judged(run, {"--store", sets.h5("b"), "--split", "test"});
  CHECK(of_b.at("clips") == 2);
  CHECK(of_b.at("per_curve").at("both").at("mse").at("value").is_null());
  CHECK(of_b.at("per_curve").at("inverse").at("mse").at("value") ==
        numbers.at("per_curve").at("inverse").at("mse").at("value"));
  must({"prepare", sets.a, "--out", sets.h5("a"), "features.stack=1"});
  const auto listed = sets.dir / "listed";
  must(train_on("data.store=[" + sets.h5("a") + ", " + sets.h5("b") + "]", listed));
  CHECK(judged(listed).at("metrics") == numbers.at("metrics"));

  // A run that was split otherwise has learnt from what is a's test part where it stands alone.
  CHECK_FALSE(has(must({"eval", listed.string(), "--store", sets.h5("a"), "--split", "test"}).err,
                  "that are judged here"));
  const auto otherwise = sets.dir / "otherwise";
  auto line = train_on("data.store=[" + sets.h5("a") + ", " + sets.h5("b") + "]", otherwise);
  for (const char* more : {"data.split.by=clip", "data.split.seed=77"}) line.emplace_back(more);
  must(line);
  CHECK(has(must({"eval", otherwise.string(), "--store", sets.h5("a"), "--split", "test"}).err,
            "that are judged here as test"));

  must({"export", run.string(), "--from", "features", "--out", (sets.dir / "m.onnx").string()});
  const auto onnx = must({"inspect", (sets.dir / "m.onnx").string(), "--json", "-"}).json();
  for (const char* name : {"low", "high", "both", "inverse"}) {
    CHECK(has(onnx.at("metadata").at("curves").get<std::string>(), name));
  }
  // A clip's page draws what its rig has.
  must({"report", run.string(), "--out", (sets.dir / "page.html").string(), "--no-probe"});
}

TEST_CASE("several recipes: what does not go together is one sentence", "[cli][slow]") {
  NEEDS_PROGRAM();
  const Sets sets;
  const auto refused = [&](const std::vector<std::string>& line, int code,
                           const std::string& part) {
    const auto before = listing(sets.dir.path);
    const auto ran = call(line);
    INFO(ran.err);
    CHECK(ran.code == code);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, part));
    CHECK(listing(sets.dir.path) == before);
  };
  auto wide = tones_b();
  wide.name = "wide";
  wide.ranges = {{"low", "[0, 100]"}};
  auto fast = tones_b();
  fast.name = "fast";
  fast.fps = "60";
  const std::string in_percent = wide.write_to(sets.dir.path), at_60 = fast.write_to(sets.dir.path);
  const auto prepare = [&](const std::string& other, const std::string& more = "features.stack=1") {
    return std::vector<std::string>{"prepare", sets.a, other, "--out", sets.h5("x"), "-q", more};
  };
  refused(prepare(in_percent), 3, "\"low\" runs from 0 to 100");
  refused(prepare(at_60), 3, "data.fps");
  refused(prepare(sets.b, "data.consent=signed by all"), 2, "data.consent");
  refused(train_on("data.recipe=[" + sets.a + ", " + in_percent + "]", sets.dir / "run"), 3,
          "\"low\" runs from 0 to 100");
  refused(train_on("data.recipe=[" + sets.a + ", " + at_60 + "]", sets.dir / "run"), 3, "data.fps");
  must(prepare(at_60, "data.fps=30"));
  must({"prepare", sets.a, "--out", sets.h5("a"), "features.stack=1"});
  refused(train_on("data.store=[" + sets.h5("a") + ", " + sets.h5("none") + "]", sets.dir / "run"),
          3, "none.h5");
  auto at_rate = train_on("data.store=" + sets.h5("a"), sets.dir / "run");
  at_rate.push_back("data.fps=30");
  refused(at_rate, 2, "data.fps");
  // A store with a curve that the model has not is another rig's.
  must(train_on("data.store=" + sets.h5("a"), sets.dir / "run"));
  must({"prepare", sets.b, "--out", sets.h5("b"), "features.stack=1"});
  refused({"eval", (sets.dir / "run").string(), "--store", sets.h5("b")}, 3, "\"inverse\"");
}
