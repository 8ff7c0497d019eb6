#include "core/text.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "catch.h"
#include "core/random.h"
#include "core/utf8.h"

using namespace kuchi;

TEST_CASE("text: a number reads back as the same double", "[core]") {
  Stream draw(3, "test.number");
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = draw.next();
    double value = 0, back = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    if (!parse_number(number(value), back) || back != value) FAIL(number(value));
  }
  for (const double value : {0.0, -0.0, 0.1, 1e300, 5e-324, 1.0 / 3}) {
    double back = 1;
    REQUIRE(parse_number(number(value), back));
    CHECK(back == value);
    CHECK(std::signbit(back) == std::signbit(value));
  }
  CHECK(number(0.1) == "0.1");
  CHECK(number(30) == "30");
  CHECK(number(std::nan("")) == "nan");
  CHECK(number(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(number(0.000123456, 3) == "0.000123");
}

TEST_CASE("text: a number is a whole string, in any locale's spelling but the C one refused",
          "[core]") {
  double d = 0;
  long long n = 0;
  for (const char* good : {"1", "-1", "+1", "1e-3", ".5", "5."}) CHECK(parse_number(good, d));
  for (const char* bad : {"", "+", "1,5", "1 ", " 1", "1x", "0x10", "--1", "1e", "one"}) {
    INFO(bad);
    CHECK_FALSE(parse_number(bad, d));
  }
  CHECK((parse_integer("-9223372036854775808", n) && n == std::numeric_limits<long long>::min()));
  for (const char* bad : {"", "9223372036854775808", "1.0", "1e3", "0x1", " 1"}) {
    INFO(bad);
    CHECK_FALSE(parse_integer(bad, n));
  }
}

TEST_CASE("text: a number with two signs is none", "[core]") {
  double d = 0;
  long long n = 0;
  CHECK_FALSE(parse_number("+-1", d));
  CHECK_FALSE(parse_integer("+-1", n));
}

TEST_CASE("text: split, join and trim", "[core]") {
  CHECK(split("a,b,,c", ',') == std::vector<std::string>{"a", "b", "", "c"});
  CHECK(split("", ',') == std::vector<std::string>{""});
  CHECK(split(",", ',') == std::vector<std::string>{"", ""});
  CHECK(join({}, ", ").empty());
  CHECK(join({"a"}, ", ") == "a");
  CHECK(join(split("a.b.c", '.'), ".") == "a.b.c");
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n ").empty());
  CHECK(lower("JawOpen_É") == "jawopen_É");  // bytes beyond ASCII stay
}

TEST_CASE("text: one curve under many spellings has one plain name", "[core]") {
  for (const char* spelling :
       {"jawOpen", "JawOpen", "jaw_open", "JAW-OPEN", "jaw.open", "Jaw Open"}) {
    CHECK(plain_name(spelling) == "jawopen");
  }
  CHECK(plain_name("jawOpen2") != plain_name("jawOpen"));
}

TEST_CASE("text: the nearest name, or none where none can be meant", "[core]") {
  const std::vector<std::string> names = {"model.head", "train.lr", "train.max_epochs", "eval"};

  CHECK(nearest("model.haed", names) == "model.head");
  CHECK(nearest("train.max_epoch", names) == "train.max_epochs");
  CHECK(nearest("TRAIN.LR", names) == "train.lr");
  CHECK(nearest("evla", names) == "eval");
  CHECK(nearest("something.else", names).empty());
  CHECK(nearest("x", {}).empty());
  CHECK(did_you_mean("model.haed", names) == "; did you mean \"model.head\"?");
  CHECK(did_you_mean("something.else", names).empty());
}

TEST_CASE("text: code points as UTF-8, at the borders of its lengths", "[core]") {
  std::string text;
  for (const uint32_t point : {0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    append_utf8(text, point);
  }
  CHECK(text ==
        "\x7F"
        "\xC2\x80\xDF\xBF"
        "\xE0\xA0\x80\xEF\xBF\xBF"
        "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
}

TEST_CASE("text: seconds as a clock", "[core]") {
  CHECK(clock_text(0) == "0:00");
  CHECK(clock_text(83.2) == "1:23");
  CHECK(clock_text(59.7) == "1:00");
  CHECK(clock_text(3723) == "1:02:03");
  CHECK(clock_text(3599.9) == "1:00:00");
  for (const double odd : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK(clock_text(odd) == "?");
  }
}
