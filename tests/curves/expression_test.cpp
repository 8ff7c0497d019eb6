#include "curves/expression.h"

#include "audio/test_files.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using curves::Expression;

double value_of(const std::string& text, std::vector<double> values = {}) {
  return Expression::parse(text, {"rig.yaml", 3, 5}).evaluate(values);
}

std::string refusal(const std::string& text) {
  return error_of(Exit::config, [&] { Expression::parse(text, {"rig.yaml", 3, 5}); });
}
}  // namespace

TEST_CASE("expression: precedence, signs and functions are those of school", "[curves]") {
  CHECK(value_of("1 + 2*3 - 4/8") == 6.5);
  CHECK(value_of("(1 + 2)*3") == 9);
  CHECK(value_of("10 - 3 - 2") == 5);
  CHECK(value_of("24 / 4 / 2") == 3);
  CHECK(value_of("-2*3 + +1") == -5);
  CHECK(value_of("2 - -3") == 5);
  CHECK(value_of("min(3, 1, 2)") == 1);
  CHECK(value_of("max(3, 1 + 4, 2) + 1") == 6);
  CHECK(value_of("abs(2 - 5)") == 3);
  CHECK(value_of("clamp(1.5, 0, 1) + clamp(-1, 0, 1) + clamp(.25, 0, 1)") == 1.25);
  CHECK(value_of("1e-3 * 2.5E2") == 0.25);
  CHECK(value_of("1 / 0") == 0);
  CHECK(Expression().evaluate({}) == 0);
}

TEST_CASE("expression: names come once each, in order of appearance", "[curves]") {
  const auto e = Expression::parse("b + a*b - max(c_1, a)", {"x", 1, 1});
  CHECK(e.names() == std::vector<std::string>{"b", "a", "c_1"});
  const double values[] = {2, 3, 10};
  CHECK(e.evaluate(values) == 2 + 6 - 10);
  CHECK(e.text() == "b + a*b - max(c_1, a)");
}

TEST_CASE("expression: what is malformed is refused with its place", "[curves]") {
  for (const char* bad : {"", "1 +", "(1", "1)", "a b", "1..2", "max()", "clamp(1, 2)", "abs(1, 2)",
                          "* 2", "a $ b", "max(1,)", "1e", "a,b"}) {
    INFO(bad);
    CHECK(contains(refusal(bad), "rig.yaml:3:5: formula \""));
  }
  CHECK(contains(refusal("sin(1)"), "function \"sin\" is unknown at character 1"));
}

TEST_CASE("expression: depth and length are limited, the stack never overflows", "[curves]") {
  CHECK(contains(refusal(std::string(4000, '(') + "1" + std::string(4000, ')')), "too deep"));
  CHECK(contains(refusal(std::string(5000, '-') + "1"), "too deep"));
  CHECK(contains(refusal(std::string(20000, ' ')), "too long"));
  std::string wide = "1", deep = "1";
  for (int i = 0; i < 2000; ++i) wide += " + 1";
  for (int i = 0; i < 50; ++i) deep = "1 + (" + deep + ")";
  CHECK(value_of(wide) == 2001);
  CHECK(value_of(deep) == 51);
  std::string nested = "1";  // 90 values wait at each level
  for (int level = 0; level < 5; ++level) {
    std::string call = "max(";
    for (int k = 0; k < 90; ++k) call += "0,";
    nested = call + nested + ")";
  }
  CHECK(contains(refusal(nested), "too many values"));
}
