#include "config/yaml.h"

#include "catch.h"

using namespace kuchi;
using namespace kuchi::config;

namespace {

std::string mistake(const std::string& text) {
  try {
    parse_yaml(text, "x.yaml");
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::config);
    return e.what();
  }
  return "";
}

template <typename Act>
std::string told(Act act) {
  try {
    act();
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::config);
    return e.what();
  }
  return "";
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

}  // namespace

TEST_CASE("yaml: keys and values know their line and column, counted from 1", "[config]") {
  const auto root = parse_yaml("# first\ntrain:\n  lr: 1\n  list: [a, b]\n", "x.yaml");

  REQUIRE(root.entries.size() == 1);
  const auto& train = root.entries[0];
  CHECK(to_string(train.key_at) == "x.yaml:2:1");
  CHECK(to_string(train.value.entries[0].key_at) == "x.yaml:3:3");
  CHECK(to_string(train.value.entries[0].value.at) == "x.yaml:3:7");
  CHECK(to_string(train.value.find("list")->items[1].at) == "x.yaml:4:13");
  CHECK(root.find("none") == nullptr);
}

TEST_CASE("yaml: a key that stands twice is refused at its second place", "[config]") {
  const auto text = mistake("train:\n  lr: 1\n  seed: 2\n  lr: 3\n");
  CHECK(starts(text, "x.yaml:4:3: key \"lr\""));
  CHECK(text.find("line 2") != std::string::npos);
  CHECK_FALSE(mistake("{a: 1, a: 2}").empty());
  CHECK(mistake("a: {x: 1}\nb: {x: 1}").empty());  // twice, but not in one section
}

TEST_CASE("yaml: where a value starts on the next line, the first place is the key's line",
          "[config]") {
  const auto text = mistake("train:\n  lr: 1\ntrain:\n  seed: 2\n");
  CHECK(starts(text, "x.yaml:3:1: "));
  CHECK(text.find("line 1") != std::string::npos);
}

TEST_CASE("yaml: a syntax error has its place", "[config]") {
  CHECK(starts(mistake("a: [1, 2\nb: 3\n"), "x.yaml:2:"));
  CHECK(starts(mistake("a: b: c\n"), "x.yaml:1:5: this is not YAML"));
  CHECK(starts(mistake("a:\n\t- 1\n"), "x.yaml:2:"));
  CHECK(starts(mistake(std::string("a\0b", 3)), "x.yaml: is binary"));
  CHECK(starts(mistake("a: *nobody\n"), "x.yaml:1:"));
}

TEST_CASE("yaml: aliases stand for what they name; those that grow without bound are stopped",
          "[config]") {
  const auto root = parse_yaml("a: &x {lr: 1}\nb: *x\n", "x.yaml");
  CHECK(root.find("b")->find("lr")->number() == 1);

  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j)
      laughs += std::string(j > 0 ? ", " : "") + "*a" + std::to_string(i - 1);
    laughs += "]\n";
  }
  CHECK(mistake(laughs).find("too many") != std::string::npos);
}

TEST_CASE("yaml: an alias of what it stands in is told, not followed for ever", "[config]") {
  CHECK_FALSE(mistake("a: &a [1, *a]\n").empty());
}

TEST_CASE("yaml: nesting has an end", "[config]") {
  CHECK(mistake(std::string(60, '[') + std::string(60, ']')).empty());
  CHECK_FALSE(mistake(std::string(100, '[') + std::string(100, ']')).empty());
  CHECK_FALSE(mistake(std::string(20000, '[') + std::string(20000, ']')).empty());
  CHECK_FALSE(mistake(std::string(200000, '[')).empty());
  std::string steps;
  for (int i = 0; i < 3000; ++i) steps += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  CHECK_FALSE(mistake(steps).empty());
}

TEST_CASE("yaml: empty files and comments are empty documents", "[config]") {
  for (const char* text : {"", "\n\n", "# only this\n", "---\n"}) {
    CHECK(parse_yaml(text, "x.yaml").kind == Node::Kind::null);
  }
}

TEST_CASE("yaml: a second document in a file is not dropped without a word", "[config]") {
  CHECK_FALSE(mistake("a: 1\n---\nb: 2\n").empty());
}

TEST_CASE("yaml: typed readers take their type alone, and say what is there", "[config]") {
  const auto root = parse_yaml(
      "n: 1.5\ni: 10000\ne: 1e4\nq: \"1\"\nb: yes\nt: text\nl: [1]\nm: {a: 1}\nz:\nf: .inf\n",
      "x.yaml");
  const auto at = [&](const char* key) -> const Node& { return *root.find(key); };

  CHECK(at("n").number() == 1.5);
  CHECK(at("i").integer() == 10000);
  CHECK(at("e").integer() == 10000);
  CHECK(at("b").boolean());
  CHECK(at("q").text() == "1");
  CHECK(told([&] { at("q").number(); }) == "x.yaml:4:4: needs a number, has \"1\"");
  CHECK(told([&] { at("n").integer(); }) == "x.yaml:1:4: needs a whole number, has \"1.5\"");
  CHECK(told([&] { at("t").boolean(); }) == "x.yaml:6:4: needs true or false, has \"text\"");
  CHECK(told([&] { at("l").text(); }) == "x.yaml:7:4: needs text, has a list");
  CHECK(told([&] { at("m").number(); }) == "x.yaml:8:4: needs a number, has a section");
  CHECK(starts(told([&] { at("z").number(); }), "x.yaml:9:"));
  CHECK_FALSE(told([&] { at("f").number(); }).empty());
}

TEST_CASE("yaml: no spelling of infinity or of no number is a number", "[config]") {
  for (const char* odd : {".inf", "+.inf", "inf", "+inf", "-inf", "-.Inf", "infinity", "INFINITY",
                          "nan", ".NaN", "-nan", "nan(1)", "1e999"}) {
    INFO(odd);
    const auto root = parse_yaml(std::string("x: ") + odd, "x.yaml");
    CHECK_FALSE(told([&] { root.find("x")->number(); }).empty());
    CHECK_FALSE(told([&] { root.find("x")->integer(); }).empty());
  }
}

TEST_CASE("yaml: a scalar written out reads back as the same text", "[config]") {
  for (const char* text : {"plain",
                           "",
                           "1",
                           "1.5",
                           "true",
                           "No",
                           "null",
                           "~",
                           "a b",
                           "a: b",
                           "# no comment",
                           "[x]",
                           "{x}",
                           "*x",
                           "&x",
                           "-",
                           "-x",
                           "a\nb",
                           "a\tb",
                           "quote \" and \\ back",
                           "日本語",
                           " lead",
                           "trail ",
                           "0x10",
                           "1_000",
                           "2026-11-21",
                           "a\rb",
                           "../x/y.yaml",
                           "\x01",
                           "1e5",
                           "=",
                           "%x"}) {
    INFO(text);
    const auto root =
        parse_yaml("x: " + yaml_scalar(text) + "\nl: [" + yaml_scalar(text) + "]\n", "x");
    CHECK(root.find("x")->text() == text);
    CHECK(root.find("l")->items.at(0).text() == text);
  }
}

TEST_CASE("yaml: a file that is not there is a mistake of the configuration", "[config]") {
  CHECK(told([] { load_yaml("/no/such/file.yaml"); }) == "/no/such/file.yaml: no such file");
  CHECK_FALSE(told([] { load_yaml("/tmp"); }).empty());
}
