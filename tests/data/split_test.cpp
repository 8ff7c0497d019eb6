#include "data/split.h"

#include <map>
#include <set>

#include "catch.h"
#include "core/random.h"
#include "data/fixture.h"
#include "data/glob.h"
#include "data/options.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::caught;

namespace {
std::vector<ClipFacts> some_clips(Stream& draw) {
  std::vector<ClipFacts> clips;
  const auto count = static_cast<int64_t>(draw.below(12) + 1);
  const auto speakers = draw.below(6) + 1;
  for (int64_t i = 0; i < count; ++i) {
    clips.push_back({cat("clip", i), cat("s", draw.below(speakers)),
                     static_cast<int64_t>(draw.below(2000) + 1)});
  }
  return clips;
}

SplitSpec shares(SplitBy by, double valid, double test, double gap_s = 0) {
  SplitSpec spec;
  spec.by = by;
  spec.valid = valid;
  spec.test = test;
  spec.gap_s = gap_s;
  return spec;
}
}  // namespace

TEST_CASE("split: by time is train, gap, valid, gap, test", "[data]") {
  const std::vector<ClipFacts> clips = {{"a", "", 1000}};
  const auto pieces = split_clips(shares(SplitBy::time, 0.1, 0.2, 0.5), clips, 30);
  REQUIRE(pieces.size() == 3);
  CHECK((pieces[2].begin == 800 && pieces[2].end == 1000 && pieces[2].split == Split::test));
  CHECK((pieces[1].begin == 685 && pieces[1].end == 785 && pieces[1].split == Split::valid));
  CHECK((pieces[0].begin == 0 && pieces[0].end == 670 && pieces[0].split == Split::train));
  const auto only_valid = split_clips(shares(SplitBy::time, 0.1, 0, 0.5), clips, 30);
  REQUIRE(only_valid.size() == 2);
  CHECK(only_valid[0].end == 885);  // one gap, not two
  CHECK(split_clips(shares(SplitBy::time, 0, 0, 0.5), clips, 30)[0].end == 1000);
}

TEST_CASE("split: no frame in two splits, no piece nearer than the gap, for any spec", "[data]") {
  Stream draw(1, "test.split");
  for (int trial = 0; trial < 2000; ++trial) {
    const auto clips = some_clips(draw);
    const auto by = static_cast<SplitBy>(draw.below(3));
    const auto spec = shares(by, draw.uniform(0, 0.5), draw.uniform(0, 0.499), draw.uniform(0, 3));
    const double fps = draw.uniform(10, 120);
    const auto pieces = split_clips(spec, clips, fps);
    std::map<std::string, Split> by_speaker;
    for (size_t i = 0; i < pieces.size(); ++i) {
      const auto& p = pieces[i];
      REQUIRE((p.begin >= 0 && p.begin < p.end));
      REQUIRE(p.end <= clips[static_cast<size_t>(p.clip)].frames);
      if (i > 0) {
        REQUIRE(pieces[i - 1].clip <= p.clip);
        if (pieces[i - 1].clip == p.clip) {
          REQUIRE(static_cast<double>(p.begin - pieces[i - 1].end) >= spec.gap_s * fps);
        }
      }
      if (by != SplitBy::time)
        REQUIRE(p.end - p.begin == clips[static_cast<size_t>(p.clip)].frames);
      if (by == SplitBy::speaker) {
        const auto [it, fresh] =
            by_speaker.emplace(clips[static_cast<size_t>(p.clip)].speaker, p.split);
        REQUIRE(it->second == p.split);
      }
    }
    REQUIRE_FALSE(pieces_of(pieces, Split::train).empty());
  }
}

TEST_CASE("split: three units give each share one, whatever the seed", "[data]") {
  const std::vector<ClipFacts> clips = {{"a", "x", 9}, {"b", "y", 9}, {"c", "z", 9}};
  for (const auto by : {SplitBy::clip, SplitBy::speaker}) {
    std::set<int64_t> tested;
    for (int64_t seed = 0; seed < 50; ++seed) {
      auto spec = shares(by, 0.1, 0.1);
      spec.seed = seed;
      const auto pieces = split_clips(spec, clips, 30);
      for (const auto split : {Split::train, Split::valid, Split::test}) {
        REQUIRE(pieces_of(pieces, split).size() == 1);
      }
      tested.insert(pieces_of(pieces, Split::test)[0].clip);
    }
    CHECK(tested.size() == 3);  // the seed does draw
  }
}

TEST_CASE("split: the same spec draws the same, whatever the clips' order", "[data]") {
  std::vector<ClipFacts> clips;
  for (int i = 0; i < 20; ++i) clips.push_back({cat("c", i), "", 10});
  const auto spec = shares(SplitBy::clip, 0.2, 0.2);
  std::map<std::string, Split> forward;
  for (const auto& p : split_clips(spec, clips, 30)) {
    forward[clips[static_cast<size_t>(p.clip)].id] = p.split;
  }
  std::reverse(clips.begin(), clips.end());
  for (const auto& p : split_clips(spec, clips, 30)) {
    CHECK(forward.at(clips[static_cast<size_t>(p.clip)].id) == p.split);
  }
}

TEST_CASE("split: by list takes ids and patterns, the rest trains", "[data]") {
  const std::vector<ClipFacts> clips = {{"2_01", "", 9}, {"2_02", "", 9}, {"3_15", "", 9}};
  SplitSpec spec;
  spec.by = SplitBy::list;
  spec.valid_ids = {"3_*"};
  spec.test_ids = {"2_02"};
  const auto pieces = split_clips(spec, clips, 30);
  CHECK(pieces[0].split == Split::train);
  CHECK(pieces[1].split == Split::test);
  CHECK(pieces[2].split == Split::valid);
  spec.test_ids = {"2_03"};
  auto e = caught([&] { split_clips(spec, clips, 30); });
  CHECK(e.code == 2);
  CHECK(e.has("\"2_03\""));
  CHECK(e.has("did you mean"));
  spec.test_ids = {"3_15"};
  CHECK(caught([&] { split_clips(spec, clips, 30); }).has("for valid and for test"));
  spec.test_ids = {"2*"};
  CHECK(caught([&] { split_clips(spec, clips, 30); }).has("nothing to train on"));
}

TEST_CASE("split: by speaker wants every clip's speaker", "[data]") {
  const std::vector<ClipFacts> clips = {{"a", "x", 9}, {"b", "", 9}};
  auto e = caught([&] { split_clips(shares(SplitBy::speaker, 0.1, 0.1), clips, 30); });
  CHECK(e.code == 2);
  CHECK(e.has("clip \"b\" has no speaker"));
}

TEST_CASE("split: none trains on all; no clips give no pieces", "[data]") {
  const std::vector<ClipFacts> clips = {{"a", "", 9}, {"b", "", 0}};
  const auto pieces = split_clips(shares(SplitBy::none, 0.1, 0.1), clips, 30);
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].end == 9);
  for (const auto by : {SplitBy::time, SplitBy::clip, SplitBy::speaker, SplitBy::none}) {
    CHECK(split_clips(shares(by, 0.1, 0.1), {}, 30).empty());
  }
}

TEST_CASE("split: options change what they set and keep the rest", "[data]") {
  config::Schema schema;
  Options options;
  auto section = schema.section("data");
  describe(section, options);
  SplitSpec base = shares(SplitBy::clip, 0.2, 0.3, 2);
  base.seed = 5;
  CHECK(split_to_yaml(with_options(base, options.split, {})) == split_to_yaml(base));
  schema.apply({config::parse_override("data.split.valid=0.4"),
                config::parse_override("data.split.seed=9")});
  const auto changed = with_options(base, options.split, {});
  CHECK(changed.valid == 0.4);
  CHECK(changed.test == 0.3);
  CHECK(changed.seed == 9);
  CHECK(changed.gap_s == 2);
  schema.apply({config::parse_override("data.split.by=list"),
                config::parse_override("data.split.valid=[x, y]"),
                config::parse_override("data.split.test=z")});
  const auto listed = with_options(base, options.split, {});
  CHECK(listed.by == SplitBy::list);
  CHECK(listed.valid_ids == std::vector<std::string>{"x", "y"});
  CHECK(listed.test_ids == std::vector<std::string>{"z"});
  schema.apply({config::parse_override("data.split.by=time")});
  CHECK(
      caught([&] { with_options(base, options.split, {"here"}); }).has("here: split.valid names"));
  CHECK(caught([&] {
          schema.apply({config::parse_override("data.split.by=tim")});
        }).has("did you mean \"time\"?"));
  CHECK(caught([&] { schema.apply({config::parse_override("data.synth.clips=-1")}); }).code == 2);
}

TEST_CASE("split: its line of YAML reads back to the same", "[data]") {
  SplitSpec spec;
  spec.by = SplitBy::list;
  spec.valid_ids = {"2_05", "a: b", "3_*"};
  spec.test_ids = {"0.1x"};
  spec.gap_s = 0.25;
  spec.seed = 123;
  CHECK(split_to_yaml(parse_split(split_to_yaml(spec), "x")) == split_to_yaml(spec));
  CHECK(parse_split(split_to_yaml(spec), "x").valid_ids == spec.valid_ids);
  for (const auto by : {SplitBy::time, SplitBy::clip, SplitBy::speaker, SplitBy::none}) {
    const auto other = shares(by, 0.15, 0.05, 0);
    CHECK(split_to_yaml(parse_split(split_to_yaml(other), "x")) == split_to_yaml(other));
  }
  SplitSpec empty;
  empty.by = SplitBy::list;
  CHECK(parse_split(split_to_yaml(empty), "x").valid_ids.empty());
}

TEST_CASE("options: a store wins over a recipe, a recipe over the embedded set", "[data]") {
  Options options;
  CHECK(source(options) == Source::none);
  options.synth.clips = 5;
  CHECK(source(options) == Source::synth);
  options.recipe = {"r.yaml"};
  CHECK(source(options) == Source::recipe);
  options.store = {"s.h5"};
  CHECK(source(options) == Source::store);
}

TEST_CASE("glob: stars and question marks", "[data]") {
  CHECK(glob_match("a*c", "abbc"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("?b*", "ab"));
  CHECK_FALSE(glob_match("a?", "a"));
  CHECK_FALSE(glob_match("a*b", "abc"));
  CHECK(glob_match("*a*b*", "xxaxxbxx"));
  CHECK_FALSE(glob_match(std::string(200, '*') + "b", std::string(5000, 'a')));
}
