#include "data/text_grid.h"

#include "catch.h"
#include "data/phone_corpus.h"
#include "fixture.h"

using namespace kuchi;
using namespace kuchi::data;
using namespace kuchi::test;

namespace {

const fs::path kShared = fs::path(KUCHI_SOURCE_DIR) / ".." / "shared" / "data";

bool absent(const fs::path& file) {
  if (fs::exists(file)) return false;
  WARN("skipped: " << file.string() << " is not here");
  return true;
}

const std::string kLong =
    "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = 1\ntiers? "
    "<exists>\n"
    "size = 1\nitem []:\n    item [1]:\n        class = \"IntervalTier\"\n        name = "
    "\"phones\"\n"
    "        xmin = 0\n        xmax = 1\n        intervals: size = 2\n        intervals [1]:\n"
    "            xmin = 0\n            xmax = 0.4\n            text = \"a\"\n"
    "        intervals [2]:\n            xmin = 0.4\n            xmax = 1\n"
    "            text = \"\"\"b\"\"\"\n";
const std::string kShort =
    "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n1\n<exists>\n1\n"
    "\"IntervalTier\"\n\"phones\"\n0\n1\n2\n0\n0.4\n\"a\"\n0.4\n1\n\"\"\"b\"\"\"\n";

void check_two(const TextGrid& grid) {
  REQUIRE(grid.tiers.size() == 1);
  const auto& tier = interval_tier(grid, "phones", "x");
  REQUIRE(tier.intervals.size() == 2);
  CHECK(tier.intervals[0].label == "a");
  CHECK(tier.intervals[0].end_s == 0.4);
  CHECK(tier.intervals[1].label == "\"b\"");
  CHECK(grid.end_s == 1);
}

}  // namespace

TEST_CASE("TextGrid: long and short form say the same", "[data]") {
  check_two(parse_text_grid(kLong, "x"));
  check_two(parse_text_grid(kShort, "x"));
}

TEST_CASE("TextGrid: UTF-16 with a byte order mark is read", "[data]") {
  const TempDir dir;
  std::string utf16 = "\xff\xfe";
  for (const char c : kShort) {
    utf16 += c;
    utf16 += '\0';
  }
  write(dir / "a.TextGrid", utf16);
  check_two(read_text_grid(dir / "a.TextGrid"));
}

TEST_CASE("TextGrid: cut off before its last label it is refused", "[data]") {
  const size_t last_label = kShort.find("\"\"\"b");
  for (size_t n = 0; n <= last_label; ++n) {
    const auto error = caught([&] { parse_text_grid(kShort.substr(0, n), "x.TextGrid"); });
    INFO(n);
    CHECK(error.code == 3);
    CHECK(error.has("x.TextGrid"));
  }
}

TEST_CASE("TextGrid: absurd counts and times that run back are refused with their line", "[data]") {
  auto many = kShort;
  many.replace(many.find("\n2\n0\n"), 3, "\n99999999999\n");
  CHECK(caught([&] { parse_text_grid(many, "x.TextGrid"); }).has("x.TextGrid:"));
  auto back = kShort;
  back.replace(back.find("0.4\n1\n"), 6, "0.4\n0.2\n");
  const auto error = caught([&] { parse_text_grid(back, "x.TextGrid"); });
  CHECK(error.code == 3);
  INFO(error.text);
  CHECK(error.has("x.TextGrid:16"));
}

TEST_CASE("TextGrid: a real one has the phones that its text shows", "[data]") {
  const auto file = kShared / "speech" / "mfa_mit" / "cold_corpus.TextGrid";
  if (absent(file)) return;
  const auto grid = read_text_grid(file);
  CHECK(grid.end_s == 25.7175625);
  CHECK(interval_tier(grid, "words", file).intervals.size() == 95);
  const auto& phones = interval_tier(grid, "phones", file).intervals;
  REQUIRE(phones.size() == 246);
  CHECK(phones[1].label == "AH1");
  CHECK(phones[1].begin_s == 1.24);
  CHECK(phones.back().begin_s == 24.72);
  CHECK(caught([&] { interval_tier(grid, "phone", file); }).has("words"));

  PhoneSet set;
  set.add(phones);
  const auto at = phone_targets(phones, set, 2, 0.5, 0.8);  // 0.5 s and 1.3 s
  CHECK(set.names()[static_cast<size_t>(at[0])] == "sil");
  CHECK(set.names()[static_cast<size_t>(at[1])] == "AH");
  CHECK(phone_targets(phones, set, 1, 30, 1)[0] == kNoPhone);
  for (const char* broken : {"empty_textgrid.TextGrid", "mary_misaligned.TextGrid"}) {
    const auto bad = kShared / "malformed" / broken;
    const auto error = caught([&] { interval_tier(read_text_grid(bad), "phones", bad); });
    INFO(broken << ": " << error.text);
    CHECK(error.code == 3);
  }
}

TEST_CASE("phones: silences fold, stress falls, what was only heard is no phone", "[data]") {
  CHECK(phone_of("AH0") == "AH");
  CHECK(phone_of("sp") == "sil");
  CHECK(phone_of("") == "sil");
  CHECK(phone_of("spn").empty());
  CHECK(phone_of("tS") == "tS");
}

TEST_CASE("phones: the embedded set knows the phone at every frame", "[data]") {
  synth::Options few;
  few.clips = 4;
  few.seconds = 2;
  const auto corpus = embedded_phones(few, {});
  REQUIRE(corpus.clips.size() == 4);
  CHECK(corpus.phones.size() > 10);
  for (const auto& clip : corpus.clips) {
    CHECK(samples_of(clip).size() == static_cast<size_t>(clip.length));
    const auto targets = phone_targets(clip.phones, corpus.phones, 90, 0.0125, 0.02);
    CHECK(std::count(targets.begin(), targets.end(), kNoPhone) == 0);
  }
}
