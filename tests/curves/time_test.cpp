// Times of captures: drop-frame codes, clocks that are not what they say, rows lost and repeated.
#include <cmath>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/cadence.h"
#include "curves/drop_frame.h"
#include "curves/track.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

/// SMPTE drop-frame code of a frame number, by counting: numbers are skipped one after another.
class DropCounter {
 public:
  explicit DropCounter(int base, int start_s = 0) : base_(base), seconds_(start_s) { skip(); }
  Timecode next() {
    const Timecode code{seconds_, static_cast<double>(number_), true};
    if (++number_ == base_) {
      number_ = 0;
      seconds_ = (seconds_ + 1) % 86400;
      skip();
    }
    return code;
  }

 private:
  void skip() {
    if (seconds_ % 60 == 0 && seconds_ / 60 % 10 != 0) number_ = base_ / 15;
  }
  int base_, seconds_, number_ = 0;
};

std::string text_of(const Timecode& code, const char* mark = ";") {
  const auto two = [](int value) { return cat(value < 10 ? "0" : "", value); };
  return cat(two(code.seconds / 3600), ":", two(code.seconds / 60 % 60), ":",
             two(code.seconds % 60), mark, two(static_cast<int>(code.frames)));
}

std::string csv(const std::vector<std::string>& codes) {
  std::string text = "Timecode,BlendshapeCount,JawOpen\n";
  for (size_t i = 0; i < codes.size(); ++i) text += cat(codes[i], ",1,", i % 7, "\n");
  return text;
}

/// Live Link's timecode of a moment of the day, in a base, with three digits of sub-frame.
std::string code_at(double time_s, int base) { return timecode_text(time_s, base); }

double worst_error(const Track& track, const std::vector<double>& truth) {
  REQUIRE(track.times_s.size() == truth.size());
  double worst = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    worst = std::max(worst, std::abs(track.times_s[i] - (truth[i] - truth[0])));
  }
  return worst;
}
}  // namespace

TEST_CASE("timecode: drop-frame numbers count frames of 29.97 and 59.94", "[curves][sync]") {
  for (const int base : {30, 60}) {
    for (const int start : {0, 3570, 86100}) {  // before a minute, before a tenth, before midnight
      INFO(base << " from " << start);
      DropCounter counter(base, start);
      std::vector<Timecode> codes;
      for (int i = 0; i < base * 700; ++i) codes.push_back(counter.next());
      const auto clock = timecode_clock(codes);
      REQUIRE(clock.base == base);
      REQUIRE(clock.drop);
      double worst = 0, day = 0;
      for (size_t i = 0; i < codes.size(); ++i) {
        if (i > 0 && codes[i].seconds < codes[i - 1].seconds) day += clock.day_s();
        const double time = day + clock.seconds(codes[i]) - clock.seconds(codes[0]);
        worst = std::max(worst, std::abs(time - static_cast<double>(i) * 1001 / (base * 1000)));
      }
      CHECK(worst < 1e-6);
      // Written without ';' the minutes that begin tell it.
      for (auto& code : codes) code.semicolon = false;
      CHECK(timecode_clock(codes).drop);
    }
  }
  CHECK(TimecodeClock{30, true}.day_s() == Approx(86399.9136));  // SMPTE: 2 589 408 frames
  CHECK(TimecodeClock{30, true}.seconds({600, 0}) == Approx(17982 * 1001 / 30000.0));
}

TEST_CASE("timecode: a semicolon over numbers that cannot be dropped is only a semicolon",
          "[curves][sync]") {
  std::vector<Timecode> codes;
  for (int i = 0; i < 30 * 130; ++i) codes.push_back({i / 30, static_cast<double>(i % 30), true});
  CHECK_FALSE(timecode_clock(codes).drop);
  // Two rows lost where one minute begins do not make drop-frame of codes that do not say so.
  std::vector<Timecode> lost;
  for (auto code : codes) {
    code.semicolon = false;
    if (code.seconds != 60 || code.frames >= 2) lost.push_back(code);
  }
  CHECK_FALSE(timecode_clock(lost).drop);
}

TEST_CASE("read: drop-frame captures are right after ten minutes and over midnight",
          "[curves][sync]") {
  Folder folder;
  DropCounter counter(30, 86390);
  std::vector<std::string> codes;
  std::vector<double> truth;
  for (int i = 0; i < 30 * 620; ++i) {
    codes.push_back(text_of(counter.next()));
    truth.push_back(i * 1001.0 / 30000);
  }
  const Track track = read_track(write(folder / "drop.csv", csv(codes)));
  CHECK(worst_error(track, truth) < 1e-6);
  CHECK(track.fps == Approx(30000.0 / 1001));
}

TEST_CASE("read: a clock that counts 60 at 30 rows/s and 59.904 that claim 60, after ten minutes",
          "[curves][sync]") {
  Folder folder;
  struct Case {
    double rate;
    const char* name;
  };
  for (const Case c : {Case{30.0, "a.csv"}, {30.004, "b.csv"}, {59.904, "c.csv"}}) {
    INFO(c.rate);
    std::vector<std::string> codes;
    std::vector<double> truth;
    for (int i = 0; i < static_cast<int>(c.rate * 610); ++i) {
      if (i % 997 == 400 || (i > 5000 && i < 5012)) continue;  // lost
      const double time = 47581.3 + i / c.rate;
      codes.push_back(code_at(time, 60));
      truth.push_back(time);
      if (i % 1501 == 700) codes.push_back(codes.back());  // written twice
    }
    const Track track = read_track(write(folder / c.name, csv(codes)));
    CHECK(worst_error(track, truth) < 0.005);
    CHECK(track.repeated > 5);
    const auto found = cadence(track.times_s);
    CHECK(found.step_s == Approx(1 / c.rate).epsilon(0.002));
    CHECK(found.missing >= 11 + static_cast<int64_t>(c.rate * 610 / 997) - 1);
  }
}

TEST_CASE("read: what happens at ten minutes stands there at 30 fps, whatever the rows' rate",
          "[curves][sync]") {
  Folder folder;
  for (const double rate : {59.904, 60.06}) {  // claims 60: counted rows would be a second off
    INFO(rate);
    std::string text = "Timecode,BlendshapeCount,JawOpen\n";
    for (int i = 0; i < static_cast<int>(rate * 605); ++i) {
      const double t = i / rate, from_event = t - 600;
      const double jaw = std::exp(-from_event * from_event / (2 * 0.05 * 0.05));
      text += cat(code_at(3600 + t, 60), ",1,", number(jaw, 8), "\n");
    }
    const Track track = read_track(write(folder / "e.csv", text));
    const Matrix curve = resample(track, 30, 30 * 604);
    double mass = 0, moment = 0;
    for (int64_t j = 0; j < curve.rows; ++j) {
      mass += curve(j, 0);
      moment += curve(j, 0) * static_cast<double>(j) / 30;
    }
    CHECK(std::abs(moment / mass - 600) < 0.005);
  }
}

TEST_CASE("read: rows that repeat a time are left out in every format", "[curves][sync]") {
  Folder folder;
  const auto file = write(folder / "a.json",
                          R"({"names": ["jawOpen"], "frames": [
    {"weights": [0.1], "time": 0}, {"weights": [0.2], "time": 0.1}, {"weights": [0.9], "time": 0.1},
    {"weights": [0.3], "time": 0.2}, {"weights": [0.4], "time": 0.4}]})");
  const Track track = read_track(file);
  REQUIRE(track.values.rows == 4);
  CHECK(track.repeated == 1);
  CHECK(track.values.data == std::vector<float>{0.1f, 0.2f, 0.3f, 0.4f});
  const auto found = cadence(track.times_s);
  CHECK(found.missing == 1);
  CHECK(found.gaps == 1);
  CHECK(found.longest_gap_s == Approx(0.2));
}
