#include "curves/csv.h"

#include "audio/test_files.h"
#include "curves/timecode.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

std::vector<std::vector<std::string>> all(const std::string& text) {
  CsvReader csv(text, "a.csv");
  std::vector<std::vector<std::string>> rows;
  while (csv.next()) rows.emplace_back(csv.cells().begin(), csv.cells().end());
  return rows;
}
using Rows = std::vector<std::vector<std::string>>;

/// Timecodes of rows that come at `rate` in a base.
std::vector<Timecode> codes(double rate, int base, int rows, double start_s = 0) {
  std::vector<Timecode> out;
  for (int i = 0; i < rows; ++i) {
    const double frames = (start_s + i / rate) * base;
    const int seconds = static_cast<int>(frames / base);
    out.push_back({seconds, frames - seconds * base});
  }
  return out;
}
}  // namespace

TEST_CASE("csv: quotes, CRLF, byte-order mark and blank lines", "[curves]") {
  CHECK(all("a,b\n1,2\n") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(all("\xEF\xBB\xBF"
            "a,b\r\n1,2\r\n\r\n3,4") == Rows{{"a", "b"}, {"1", "2"}, {"3", "4"}});
  CHECK(all("\"a,1\",\"say \"\"so\"\"\"\n\"x\ny\", 2 \n") ==
        Rows{{"a,1", "say \"so\""}, {"x\ny", "2"}});
  CHECK(all("a;b\n1,5;2\n") == Rows{{"a", "b"}, {"1,5", "2"}});
  CHECK(all("a\tb\n1\t\n") == Rows{{"a", "b"}, {"1", ""}});
  CHECK(all("").empty());
}

TEST_CASE("csv: every cell knows its place", "[curves]") {
  CsvReader csv("a,b\n\"x\ny\",2\n11,22,33\n", "a.csv");
  csv.next();
  csv.next();
  CHECK(csv.line() == 2);
  csv.next();
  CHECK(to_string(csv.at(2)) == "a.csv:4:7");
  CHECK(contains(error_of(Exit::data, [] { all("a,b\n1,\"2\n"); }), "a.csv:2:3: this quote"));
  CHECK(contains(error_of(Exit::data, [] { all("\"a\"b,c\n"); }), "a.csv:1:1: text follows"));
}

TEST_CASE("timecode: read and refused", "[curves]") {
  Timecode code;
  REQUIRE(parse_timecode("13:15:18:54.561", code));
  CHECK(code.seconds == 13 * 3600 + 15 * 60 + 18);
  CHECK(code.frames == 54.561);
  CHECK(parse_timecode("00:00:01;29", code));
  for (const char* bad : {"", "1:2:3", "00:61:00:00", "aa:00:00:00", "00:00:00:", "00:00:00:-1",
                          "00:00:00:nan", "00:00:00:1e3", "::: ", "00:00:00:00:00"}) {
    INFO(bad);
    CHECK(!parse_timecode(bad, code));
  }
}

TEST_CASE("timecode: the base is found whatever the rows' rate", "[curves]") {
  struct Case {
    double rate;
    int base;
  };
  for (const Case c : {Case{30.004, 60},
                       {59.904, 60},
                       {60, 60},
                       {30, 30},
                       {24, 24},
                       {25, 25},
                       {50, 50},
                       {29.97, 30},
                       {120, 120},
                       {23.976, 24},
                       {15, 60},
                       {30, 120},
                       {12.5, 25},
                       {5, 25},
                       {18, 18}}) {
    for (const double start : {0.0, 0.51, 40000.2}) {
      INFO(c.rate << " rows/s in " << c.base << " from " << start);
      CHECK(timecode_base(codes(c.rate, c.base, 200, start)) == c.base);
    }
  }
}

TEST_CASE("timecode: rows dropped at some seconds do not shake the base", "[curves]") {
  std::vector<Timecode> kept;
  for (const auto& code : codes(30.004, 60, 600, 0.3)) {
    const bool dropped = (code.seconds % 3 == 0 && code.frames < 9) || code.seconds == 7;
    if (!dropped) kept.push_back(code);
  }
  CHECK(timecode_base(kept) == 60);
}

TEST_CASE("timecode: under a second the base follows the frames and the given rate", "[curves]") {
  CHECK(timecode_base(codes(30, 30, 20)) == 30);
  CHECK(timecode_base(codes(60, 60, 50)) == 60);
  CHECK(timecode_base(codes(60, 60, 20), 60) == 60);
  CHECK(timecode_base(codes(30, 30, 1)) == 30);
}

TEST_CASE("timecode: text of a time", "[curves]") {
  CHECK(timecode_text(0, 30) == "00:00:00:00.000");
  CHECK(timecode_text(3723.5, 60) == "01:02:03:30.000");
  CHECK(timecode_text(29 / 29.97, 30) == "00:00:00:29.029");
  CHECK(timecode_text(0.99999999, 30) == "00:00:01:00.000");
}
