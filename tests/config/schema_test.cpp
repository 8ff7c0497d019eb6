#include "config/schema.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "config/paths.h"
#include "core/text.h"

using namespace kuchi;
using namespace kuchi::config;
namespace fs = std::filesystem;

namespace {

enum class Goal { low, high };

/// One option of every type.
struct Everything {
  bool flag = false;
  int64_t count = 3, window = 5;
  double rate = 0.5;
  std::string name = "plain", mode = "a";
  std::vector<std::string> names = {"x", "y z"};
  std::vector<int64_t> sizes = {1, 2};
  std::vector<double> shares = {0.25};
  std::map<std::string, double> weights = {{"jawOpen", 2}};
  std::map<std::string, std::vector<double>> spans = {{"velocity", {0.25, 1}}};
  Goal goal = Goal::low;
  Schema schema;

  Everything() {
    auto top = schema.section("top");
    top.about("About the top.");
    top.add("flag", flag).help("a flag");
    top.add("count", count).at_least(1).at_most(10).help("how many").unit("clips");
    top.add("rate", rate).above(0).below(1).help("a rate | a share");
    top.add("window", window).at_least(1).odd();
    auto deep = top.section("deep");
    deep.add("name", name);
    deep.add("mode", mode).choices({"a", "b", "blend"});
    auto list = schema.section("list");
    list.add("names", names);
    list.add("sizes", sizes).at_least(1);
    list.add("shares", shares).at_least(0).at_most(1);
    list.add("weights", weights).at_least(0);
    list.add("spans", spans).at_most(1);
    list.add_choice("goal", goal, {{"low", Goal::low}, {"high", Goal::high}});
  }
  void read(const std::string& text) { schema.apply(flatten(parse_yaml(text, "x.yaml"), schema)); }
};

std::string mistakes(const std::string& text) {
  Everything e;
  try {
    e.read(text);
  } catch (const UserError& error) {
    CHECK(error.code() == Exit::config);
    return error.what();
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

struct Files {
  fs::path path;
  Files() {
    static std::atomic<int> counter{0};
    path = fs::temp_directory_path() / cat("kuchi-config-", getpid(), "-", counter.fetch_add(1));
    fs::create_directories(path);
  }
  ~Files() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    return path / name;
  }
};

}  // namespace

TEST_CASE("schema: every type is read, and says where it came from", "[config]") {
  Everything e;
  e.read(
      "top: {flag: true, count: 10, rate: 0.25, window: 7, deep: {name: other, mode: b}}\n"
      "list:\n  names: [p, q]\n  sizes: [4]\n  shares: [0, 1]\n  weights: {a: 1, b: 0}\n"
      "  goal: high\n  spans: {a: [0.5, 0], b: []}\n");

  CHECK(e.flag);
  CHECK(e.count == 10);
  CHECK(e.rate == 0.25);
  CHECK(e.window == 7);
  CHECK(e.name == "other");
  CHECK(e.mode == "b");
  CHECK(e.names == std::vector<std::string>{"p", "q"});
  CHECK(e.sizes == std::vector<int64_t>{4});
  CHECK(e.shares == std::vector<double>{0, 1});
  CHECK(e.weights == std::map<std::string, double>{{"a", 1}, {"b", 0}});
  CHECK(e.spans == std::map<std::string, std::vector<double>>{{"a", {0.5, 0}}, {"b", {}}});
  CHECK(e.goal == Goal::high);
  CHECK(to_string(e.schema.origin("list.goal")) == "x.yaml:7:3");
  CHECK(e.schema.was_set("top.flag"));
}

TEST_CASE("schema: what nobody set keeps its default and says so", "[config]") {
  Everything e;
  e.read("top: {count: 4}\n");
  CHECK(e.rate == 0.5);
  CHECK(e.schema.origin("top.rate").file == "default");
  CHECK_FALSE(e.schema.was_set("top.rate"));
  CHECK(e.names.size() == 2);
}

TEST_CASE("schema: an unknown key has its place and the nearest name", "[config]") {
  CHECK(mistakes("top:\n  cuont: 4\n") ==
        "x.yaml:2:3: unknown key \"top.cuont\"; did you mean \"top.count\"?");
  CHECK(mistakes("top:\n  deep:\n    mdoe: a\n") ==
        "x.yaml:3:5: unknown key \"top.deep.mdoe\"; did you mean \"top.deep.mode\"?");
  CHECK(mistakes("lists: {sizes: [1]}\n") ==
        "x.yaml:1:9: unknown key \"lists.sizes\"; did you mean \"list.sizes\"?");
  CHECK(mistakes("something: 1\n") == "x.yaml:1:1: unknown key \"something\"");
}

TEST_CASE("schema: an unknown section is told even where it is empty", "[config]") {
  CHECK_FALSE(mistakes("tpo: {}\n").empty());
  CHECK_FALSE(mistakes("tpo:\n").empty());
  CHECK(mistakes("top: {}\nlist:\n").empty());
}

TEST_CASE("schema: a value of another type is refused with key and place", "[config]") {
  const auto has = [](const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
  };
  CHECK(mistakes("top: {count: many}\n") ==
        "x.yaml:1:14: top.count needs a whole number, has \"many\"");
  CHECK(has(mistakes("top: {count: 1.5}\n"), "top.count needs a whole number"));
  CHECK(has(mistakes("top: {count: [1]}\n"), "has a list"));
  CHECK(has(mistakes("top: {count: \"4\"}\n"), "needs a whole number"));
  CHECK(has(mistakes("top: {count: }\n"), "top.count needs a whole number, has nothing"));
  CHECK(has(mistakes("top: {rate: fast}\n"), "top.rate needs a number"));
  CHECK(has(mistakes("top: {rate: .nan}\n"), "top.rate needs a number"));
  CHECK(has(mistakes("top: {flag: 1}\n"), "top.flag needs true or false"));
  CHECK(has(mistakes("top: {deep: {name: [a]}}\n"), "top.deep.name needs text, has a list"));
  CHECK(has(mistakes("list: {sizes: 4}\n"), "list.sizes needs a list"));
  CHECK(has(mistakes("list: {sizes: [4, x]}\n"), "x.yaml:1:19: list.sizes needs a whole number"));
  CHECK(has(mistakes("list: {weights: 4}\n"), "list.weights needs a map"));
  CHECK(has(mistakes("list: {weights: {a: b}}\n"), "list.weights needs a number"));
  CHECK(has(mistakes("list: {spans: 4}\n"), "list.spans needs a map of lists"));
  CHECK(has(mistakes("list: {spans: {a: 4}}\n"), "list.spans needs a list"));
  CHECK(has(mistakes("list: {spans: {a: [0, 2]}}\n"), "list.spans must be at most 1; it is 2"));
  CHECK(has(mistakes("top: {count: {a: 1}}\n"), "top.count"));
}

TEST_CASE("schema: ranges, open and closed, and odd numbers", "[config]") {
  CHECK(mistakes("top: {count: 0}\n") ==
        "x.yaml:1:14: top.count must be at least 1, at most 10; it is 0");
  CHECK_FALSE(mistakes("top: {count: 11}\n").empty());
  CHECK_FALSE(mistakes("top: {rate: 0}\n").empty());
  CHECK_FALSE(mistakes("top: {rate: 1}\n").empty());
  CHECK(mistakes("top: {rate: 0.999}\n").empty());
  CHECK(mistakes("top: {window: 4}\n") ==
        "x.yaml:1:15: top.window must be odd, at least 1; it is 4");
  CHECK_FALSE(mistakes("list: {sizes: [1, 0]}\n").empty());
  CHECK_FALSE(mistakes("list: {shares: [1.1]}\n").empty());
  CHECK_FALSE(mistakes("list: {weights: {a: -1}}\n").empty());
}

TEST_CASE("schema: choices name themselves and the nearest", "[config]") {
  CHECK(mistakes("top: {deep: {mode: blned}}\n") ==
        "x.yaml:1:20: top.deep.mode must be one of a, b, blend; it is \"blned\"; did you mean "
        "\"blend\"?");
  CHECK(mistakes("list: {goal: hihg}\n").find("did you mean \"high\"") != std::string::npos);
}

TEST_CASE("schema: every mistake is listed at once, and nothing is told twice", "[config]") {
  const auto text = mistakes(
      "top:\n  cuont: 4\n  rate: 2\n  flag: perhaps\n  deep: {mode: c}\nlist: {sizes: no}\n");
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  for (const char* place :
       {"x.yaml:2:3", "x.yaml:3:9", "x.yaml:4:9", "x.yaml:5:16", "x.yaml:6:15"}) {
    INFO(text);
    CHECK(text.find(place) != std::string::npos);
  }
}

TEST_CASE("schema: a section is no key, and a key no section", "[config]") {
  CHECK(mistakes("top: 4\n") == "x.yaml:1:1: \"top\" is a section; give its keys, like top.count");
  CHECK(mistakes("top:\n  deep: [a]\n").find("\"top.deep\" is a section") != std::string::npos);
  CHECK(mistakes("top: {rate: {value: 1}}\n").find("top.rate") != std::string::npos);
  CHECK_FALSE(mistakes("[1, 2]\n").empty());
  CHECK_FALSE(mistakes("just text\n").empty());
}

TEST_CASE("schema: dotted keys mean what nested ones do", "[config]") {
  Everything e;
  e.read("top.count: 4\ntop.deep: {mode: b}\n");
  CHECK(e.count == 4);
  CHECK(e.mode == "b");
}

TEST_CASE("schema: overrides come last, and have their place", "[config]") {
  Everything e;
  auto all = flatten(parse_yaml("top: {count: 4, rate: 0.25}\n", "x.yaml"), e.schema);
  all.push_back(parse_override("top.count=7"));
  all.push_back(parse_override("list.sizes=[8, 9]"));
  all.push_back(parse_override("top.deep.name=a: b: c"));
  e.schema.apply(all);

  CHECK(e.count == 7);
  CHECK(e.rate == 0.25);
  CHECK(e.sizes == std::vector<int64_t>{8, 9});
  CHECK(e.name == "a: b: c");
  CHECK(to_string(e.schema.origin("top.count")) == "command line: top.count=7");

  Everything bad;
  CHECK(told([&] { bad.schema.apply({parse_override("top.cuont=7")}); }) ==
        "command line: top.cuont=7: unknown key \"top.cuont\"; did you mean \"top.count\"?");
  const std::string map =
      "top.deep.name takes text, not a section; a text with \": \" in it needs quotes";
  CHECK(told([&] {
          const auto said = parse_override("top.deep.name=signed: by all");
          Node root;
          root.kind = Node::Kind::map;
          root.entries.push_back({said.key, said.key_at, said.value});
          bad.schema.apply(flatten(root, bad.schema));
        }) == "command line: top.deep.name=signed: by all: " + map);
  CHECK(told([&] { bad.read("top:\n  deep:\n    name:\n      signed: by all\n"); }) ==
        "x.yaml:3:5: " + map);
  CHECK_FALSE(told([] { parse_override("top.count"); }).empty());
  CHECK_FALSE(told([] { parse_override("=4"); }).empty());
}

TEST_CASE("schema: an override of nothing empties a text and a list", "[config]") {
  Everything e;
  e.schema.apply({parse_override("top.deep.name="), parse_override("list.names=")});
  CHECK(e.name.empty());
  CHECK(e.names.empty());
}

TEST_CASE("schema: written as YAML it reads back to the same", "[config]") {
  Everything a;
  a.read(
      "top: {flag: true, rate: 0.1, deep: {name: \"1: yes\", mode: blend}}\n"
      "list: {names: [\"a,b\", \"\", \"true\", \"ü\\n\\\"\"], sizes: [], weights: {\"a: b\": "
      "1e-9}, spans: {\"c d\": [1e-9, 1]}, goal: high}\n");
  Everything b;
  b.read(a.schema.to_yaml());

  CHECK(a.schema.to_yaml() == b.schema.to_yaml());
  CHECK(b.name == "1: yes");
  CHECK(b.names == a.names);
  CHECK(b.sizes.empty());
  CHECK(b.weights == a.weights);
  CHECK(b.spans == a.spans);
  CHECK(b.rate == 0.1);
}

TEST_CASE("schema: the JSON schema has every option, its type and its range", "[config]") {
  Everything e;
  const auto j = e.schema.to_json_schema("Test");

  CHECK(j.at("$schema") == "http://json-schema.org/draft-07/schema#");
  CHECK(j.at("additionalProperties") == false);
  const auto& top = j.at("properties").at("top").at("properties");
  CHECK(top.at("count").at("type") == "integer");
  CHECK(top.at("count").at("minimum") == 1);
  CHECK(top.at("count").at("maximum") == 10);
  CHECK(top.at("rate").at("exclusiveMinimum") == 0);
  CHECK(top.at("rate").at("exclusiveMaximum") == 1);
  CHECK(top.at("deep").at("properties").at("mode").at("enum").size() == 3);
  CHECK(j.at("properties").at("list").at("properties").at("sizes").at("items").at("type") ==
        "integer");
  // One text or several, and an unquoted number is text here.
  const auto& names = j.at("properties").at("list").at("properties").at("names").at("anyOf");
  CHECK(names.at(1).at("type") == nlohmann::json{"string", "number", "boolean"});
}

TEST_CASE("schema: the reference page has every option, and bars do not break its tables",
          "[config]") {
  Everything e;
  const auto page = e.schema.to_markdown("Reference");
  for (const auto& key : e.schema.keys()) CHECK(page.find("`" + key + "`") != std::string::npos);
  CHECK(page.find("About the top.") != std::string::npos);
  CHECK(page.find("a rate \\| a share") != std::string::npos);
}

TEST_CASE("schema: an option declared twice is a bug of ours", "[config]") {
  Schema schema;
  int64_t a = 0;
  schema.section("s").add("x", a);
  CHECK_THROWS_AS(schema.section("s").add("x", a), std::logic_error);
}

TEST_CASE("compose: defaults come first and in order, the file's own keys win", "[config]") {
  Files files;
  files.write("base.yaml", "top: {count: 1, rate: 0.1}\nlist: {sizes: [1]}\n");
  files.write("more/second.yaml", "defaults: third\ntop: {count: 2}\n");
  files.write("more/third.yaml", "top: {count: 3, window: 9}\n");
  const auto file = files.write("x.yaml", "top: {rate: 0.9}\ndefaults: [base, more/second.yaml]\n");
  Everything e;
  std::vector<fs::path> read;
  e.schema.apply(load_config(file, e.schema, &read));

  CHECK(e.count == 2);   // second over its own default third, and over base
  CHECK(e.window == 9);  // third, found beside second
  CHECK(e.rate == 0.9);  // the file itself, though "defaults" stands below
  CHECK(e.sizes == std::vector<int64_t>{1});
  CHECK(read.size() == 4);
  CHECK(e.schema.origin("top.window").file.find("third.yaml") != std::string::npos);
}

TEST_CASE("compose: a circle, a missing default and a list of no names have their place",
          "[config]") {
  Files files;
  const auto a = files.write("a.yaml", "defaults: [b]\n");
  files.write("b.yaml", "defaults: [a]\n");
  const auto missing = files.write("missing.yaml", "top: {count: 1}\ndefaults: [nowhere/such]\n");
  const auto odd = files.write("odd.yaml", "defaults: {a: 1}\n");
  Schema none;

  const auto circle = told([&] { load_config(a, none); });
  CHECK(circle.find("includes itself") != std::string::npos);
  CHECK(circle.find(":1:12: ") != std::string::npos);
  const auto lost = told([&] { load_config(missing, none); });
  CHECK(lost.find("missing.yaml:2:12: no configuration \"nowhere/such\"") != std::string::npos);
  CHECK_FALSE(told([&] { load_config(odd, none); }).empty());
}

TEST_CASE("compose: twice the same default, by two ways, is no circle", "[config]") {
  Files files;
  files.write("base.yaml", "top: {count: 4}\n");
  files.write("l.yaml", "defaults: [base]\n");
  files.write("r.yaml", "defaults: [base]\n");
  Everything e;
  e.schema.apply(load_config(files.write("x.yaml", "defaults: [l, r]\n"), e.schema));
  CHECK(e.count == 4);
}

TEST_CASE("compose: a name that is no file here is a shipped one, and a file here comes first",
          "[config]") {
  Everything e;
  std::vector<fs::path> files;
  const auto named = load_config("debug/tiny", e.schema, &files);
  CHECK(files[0] == config_dir() / "debug/tiny.yaml");
  const auto spelled = load_config("configs/debug/tiny.yaml", e.schema);
  REQUIRE(named.size() == spelled.size());
  CHECK(named.size() > 5);

  const Files here;
  const auto before = fs::current_path();
  here.write("debug/tiny.yaml", "top: {count: 4}\n");
  fs::current_path(here.path);
  const auto own = load_config("debug/tiny.yaml", e.schema);
  fs::current_path(before);
  REQUIRE(own.size() == 1);
  CHECK(own[0].key == "top.count");
}

TEST_CASE("compose: a file that is nowhere is told as it was typed", "[config]") {
  Everything e;
  CHECK(told([&] { load_config("debug/tinny.yaml", e.schema); }).rfind("debug/tinny.yaml", 0) == 0);
}
