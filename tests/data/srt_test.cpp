#include "data/srt.h"

#include <map>

#include "catch.h"
#include "data/fixture.h"
#include "data/phone_corpus.h"
#include "data/trees.h"

using namespace kuchi;
using namespace kuchi::data;
using namespace kuchi::test;

namespace {

Tier phones(std::vector<Interval> intervals) { return {"phones", false, std::move(intervals)}; }

/// Labelled intervals of both, one after another, to the millisecond.
void check_alike(const Tier& made, const Tier& from) {
  size_t at = 0;
  for (const auto& interval : from.intervals) {
    if (trim(interval.label).empty()) continue;
    REQUIRE(at < made.intervals.size());
    const auto& now = made.intervals[at++];
    CHECK(now.label == trim(interval.label));
    CHECK(now.begin_s == Approx(interval.begin_s).margin(0.0005001));
    CHECK(now.end_s == Approx(interval.end_s).margin(0.0005001));
  }
  CHECK(at == made.intervals.size());
}

Caught refused(const std::string& text) {
  return caught([&] { parse_srt(text, "a.srt"); });
}

}  // namespace

TEST_CASE("srt: a tier of phones, pauses left out", "[data]") {
  auto tier =
      phones({{"", 0, 0.5}, {"HH", 0.5, 0.58}, {"AH0\n", 0.58, 1}, {"a\nb", 3599.9996, 3661.25}});
  CHECK(to_srt(tier) ==
        "1\n00:00:00,500 --> 00:00:00,580\nHH\n\n"
        "2\n00:00:00,580 --> 00:00:01,000\nAH0\n\n"
        "3\n01:00:00,000 --> 01:01:01,250\na b\n\n");
  tier.points = true;
  CHECK(to_srt(tier).empty());
}

TEST_CASE("srt: what is written is read back within half a millisecond", "[data]") {
  Stream draw(8, "test.srt");
  for (int round = 0; round < 50; ++round) {
    Tier tier = phones({});
    double at_s = 0;
    for (int i = 0; i < 60; ++i) {
      // some of no length, some that overlap by less than a TextGrid is refused for
      const double length_s = draw.uniform() < 0.1 ? 0 : draw.uniform(0.0001, 2);
      const std::string label = draw.uniform() < 0.2 ? "" : cat("ə", i % 7, "\"");
      tier.intervals.push_back({label, std::max(0.0, at_s - 5e-7), at_s + length_s});
      at_s += length_s;
    }
    check_alike(parse_srt(to_srt(tier), "a.srt"), tier);
  }
}

TEST_CASE("srt: SubRip files as others write them", "[data]") {
  const std::vector<Interval> want = {{"HH", 0.5, 0.58}, {"œ̃", 0.58, 1}, {"", 1.25, 3661.007}};
  const auto check = [&](const std::string& text) {
    INFO(text);
    const auto tier = parse_srt(text, "a.srt");
    CHECK(tier.name == "phones");
    REQUIRE(tier.intervals.size() == want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      CHECK(tier.intervals[i].label == want[i].label);
      CHECK(tier.intervals[i].begin_s == want[i].begin_s);
      CHECK(tier.intervals[i].end_s == want[i].end_s);
    }
  };
  const std::string plain =
      "1\n00:00:00,500 --> 00:00:00,580\nHH\n\n2\n00:00:00,580 --> 00:00:01,000\nœ̃\n\n"
      "3\n00:00:01,250 --> 01:01:01,007\n";
  check(plain);
  std::string crlf, cr;
  for (const char c : plain) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    cr += c == '\n' ? '\r' : c;
  }
  check(crlf);
  check(cr);
  // numbers that lie or are not there, points, fewer digits, blanks, positions, empty lines
  check(
      "\n\n7\n00:00:00.5-->0:00:00.58 X1:40 X2:600\n  HH \n\n\n00:00:00,580 --> 00:00:01,000\nœ̃\n"
      "\n7\n0000:00:01,25   -->\t01:01:01,007\n\n\n");
  // a label that is a number is a label
  CHECK(parse_srt("1\n00:00:00,000 --> 00:00:01,000\n5\n", "a").intervals[0].label == "5");
  CHECK(parse_srt("1\n00:00:00,000 --> 00:00:01,000\na\nb\n", "a").intervals[0].label == "a b");

  const TempDir dir;
  write(dir / "bom.srt", "\xEF\xBB\xBF" + crlf);
  CHECK(read_srt(dir / "bom.srt").intervals.size() == 3);
  std::string utf16 = "\xff\xfe";
  for (const char c : std::string("1\r\n00:00:00,000 --> 00:00:01,000\r\nHH\r\n")) {
    utf16 += c;
    utf16 += '\0';
  }
  write(dir / "utf16.srt", utf16);
  CHECK(read_srt(dir / "utf16.srt").intervals[0].label == "HH");
}

TEST_CASE("srt: what is none is refused with its place", "[data]") {
  const std::string one = "1\n00:00:00,500 --> 00:00:00,580\nHH\n\n";
  const auto over = refused(one + "2\n00:00:00,579 --> 00:00:01,000\nAH\n");
  CHECK(over.code == 3);
  CHECK(
      over.has("a.srt:6: begins at 00:00:00,579, but the subtitle of line 2 goes on until "
               "00:00:00,580"));
  CHECK(refused(one + "2\n00:00:01,000 --> 00:00:00,900\nAH\n").has("a.srt:6: ends at"));
  CHECK(refused(one + "2\n00:00:01 -> 00:00:02\nAH\n").has("a.srt:6: a subtitle's times should"));
  CHECK(refused(one + "AH\n").has("a.srt:5: a subtitle's times should"));
  CHECK(refused("1\n00:00:00,5 --> 00:61:00,580\nHH\n").has("a.srt:2: "));
  CHECK(refused("1\n00:00:00,500 --> 00:00:00,580\nHH\n2\n00:00:00,580 --> 00:00:01,000\nAH\n")
            .has("a.srt:5: times inside the text of the subtitle above"));
  for (const char* empty : {"", "\n\r\n \n"}) {
    CHECK(refused(empty).code == 3);
    CHECK(refused(empty).has("a.srt: holds no subtitle"));
  }
  const TempDir dir;
  write(dir / "latin1.srt", "1\n00:00:00,500 --> 00:00:00,580\n\xe9\n");
  CHECK(caught([&] { read_srt(dir / "latin1.srt"); }).has("save it as UTF-8"));
  CHECK(caught([&] { read_srt(dir / "none.srt"); }).code == 3);

  Stream draw(9, "test.srt.noise");  // nothing crashes
  for (int round = 0; round < 300; ++round) {
    std::string text = one + one;
    for (int i = 0; i < 5; ++i) {
      text[static_cast<size_t>(draw.uniform(0, static_cast<double>(text.size())))] =
          "0123456789:,->\n \r"[static_cast<size_t>(draw.uniform(0, 17))];
    }
    const auto said = refused(text);
    CHECK((said.code == 0 || said.code == 3));
    CHECK_FALSE(said.has("\n"));
  }
}

TEST_CASE("srt: phones from it are a TextGrid's, pauses and all", "[data]") {
  const auto tier = phones({{"HH", 0.5, 0.58}, {"AH\"0", 0.58, 1}, {"T", 1.5, 2}});
  const auto grid = parse_text_grid(to_text_grid(tier), "x.TextGrid");
  const auto& back = interval_tier(grid, "phones", "x.TextGrid");
  REQUIRE(back.intervals.size() == 5);
  CHECK(back.intervals[0].label.empty());
  CHECK(back.intervals[0].end_s == 0.5);
  CHECK(back.intervals[2].label == "AH\"0");
  CHECK(back.intervals[3].begin_s == 1);
  CHECK(back.intervals[3].end_s == 1.5);
  CHECK(grid.end_s == 2);

  const TempDir dir;
  write(dir / "a.srt", to_srt(tier));
  const auto heard = read_srt_phones(dir / "a.srt", 2.25);
  REQUIRE(heard.intervals.size() == 6);
  CHECK(heard.intervals[5].label.empty());
  CHECK(heard.intervals[5].begin_s == 2);
  CHECK(heard.intervals[5].end_s == 2.25);
  write(dir / "film.srt",
        "1\n00:00:00,500 --> 00:00:00,580\nHH\n\n2\n00:00:01,000 --> 00:00:02,000\nI see\n");
  CHECK(caught([&] { read_srt_phones(dir / "film.srt", 3); }).has("film.srt:6: \"I see\" is no"));
}

TEST_CASE("srt: beside audio it is taken for its phones, after a TextGrid", "[data]") {
  const TempDir dir;
  const auto tier = phones({{"HH", 0.25, 0.5}, {"AH0", 0.5, 1}});
  for (const char* name : {"a", "b", "c"}) {
    audio::write_wav(dir / (std::string(name) + ".wav"), tone(32000, 3));
  }
  write(dir / "a.srt", to_srt(tier));
  write(dir / "b.srt", "no subtitle");  // not looked at
  write(dir / "b.TextGrid", to_text_grid(tier));
  PhoneOptions options;
  options.held_out = 0;
  auto corpus = find_phones(dir.path, options);
  CHECK(corpus.phones.names() == std::vector<std::string>{"AH", "HH", "sil"});
  REQUIRE(corpus.clips.size() == 2);
  CHECK(corpus.clips[0].phones.back().end_s == 2);  // the pause after the last phone
  CHECK(corpus.clips[1].phones.back().end_s == 1);
  REQUIRE(corpus.skipped.size() == 1);
  CHECK(corpus.skipped[0].why.find("no TextGrid or SRT") != std::string::npos);
  fs::remove(dir / "b.TextGrid");
  CHECK(caught([&] { find_phones(dir.path, options); }).has("b.srt:1: a subtitle's times"));
}

TEST_CASE("srt: a real TextGrid's phones go there and back", "[data]") {
  const auto file = fs::path(KUCHI_SOURCE_DIR) / ".." / "shared" / "data" / "speech" / "mfa_mit" /
                    "acoustic_corpus.TextGrid";
  if (!fs::exists(file)) {
    WARN("skipped: " << file.string() << " is not here");
    return;
  }
  for (const auto& tier : read_text_grid(file).tiers) {
    if (!tier.points && !to_srt(tier).empty()) check_alike(parse_srt(to_srt(tier), "a"), tier);
  }
}

TEST_CASE("srt: subtitles of words beside one sound do not stop the others", "[data]") {
  const TempDir dir;
  for (const char* id : {"a", "b", "c"}) put_audio(dir / (std::string(id) + ".wav"), 1, 1);
  const std::string phones =
      "1\n00:00:00,100 --> 00:00:00,400\np\n\n2\n00:00:00,400 --> "
      "00:00:00,900\na\n";
  write(dir / "a.srt", phones);
  write(dir / "b.srt", phones);
  write(dir / "c.srt", "1\n00:00:00,100 --> 00:00:00,900\nGood morning all\n");
  const auto corpus = find_phones(dir.path, {});
  CHECK(corpus.clips.size() == 2);
  REQUIRE(corpus.skipped.size() == 1);
  CHECK(corpus.skipped[0].why.find("c.srt") != std::string::npos);
}

TEST_CASE("phones: a recipe's list may name a clip that nobody labelled", "[data]") {
  const TempDir dir;
  for (const char* id : {"a", "b", "c"}) {
    put_audio(dir / (std::string(id) + ".wav"), 1, 1);
    write(dir / (std::string(id) + ".csv"), "time,jawOpen\n0,0.1\n0.5,0.2\n");
  }
  for (const char* id : {"a", "b"}) {
    write(dir / (std::string(id) + ".srt"),
          "1\n00:00:00,100 --> 00:00:00,400\np\n\n2\n00:00:00,400 --> 00:00:00,900\na\n");
  }
  write(dir / "recipe.yaml",
        "name: t\nlicence: CC0\nrig: arkit-mouth\nclips: {audio: \"{id}.wav\", curves: "
        "\"{id}.csv\"}\nsplit: {by: list, valid: [b, c], test: []}\n");
  const auto corpus = find_phones(dir / "recipe.yaml", {});
  CHECK(corpus.clips.size() == 2);
  CHECK(corpus.seconds(Split::valid) == Approx(1));
}

TEST_CASE("TextGrid: slips of rounding are no pauses, and what has no length is left out",
          "[data]") {
  const Tier tier = phones({{"a", 0, 0.3},
                            {"b", 0.3 + 1e-12, 0.5},
                            {"c", 0.5 - 1e-9, 0.7},
                            {"d", 0.7, 0.7},
                            {"e", 0.9, 1}});
  const auto whole = with_pauses(tier, 1);
  std::string labels;
  double until = 0;
  for (const auto& interval : whole.intervals) {
    labels += interval.label.empty() ? "_" : interval.label;
    CHECK(interval.begin_s == until);
    CHECK(interval.end_s > interval.begin_s);
    until = interval.end_s;
  }
  CHECK(labels == "abc_e");
}
