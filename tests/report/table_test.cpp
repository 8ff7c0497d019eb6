#include "report/table.h"

#include <sstream>

#include "catch.h"
#include "report/suite_tables.h"

namespace kuchi::report {
namespace {

eval::Suite suite(const std::string& model, double mse) {
  eval::Suite out;
  out.model = model;
  out.clips = 2;
  out.frames = 5400;
  out.curves = 29;
  out.metrics.set("mse", {mse, mse * 0.9, mse * 1.1});
  out.metrics.set("r2", {0.85, {}, {}});
  out.metrics.set("pcc", {});
  eval::Scores good, bad, still;
  good.set("r2", {0.9, {}, {}});
  bad.set("r2", {-0.1, {}, {}});
  out.per_curve = {{"still", still}, {"good", good}, {"bad", bad}};
  return out;
}

}  // namespace

TEST_CASE("width counts code points, not bytes", "[report]") {
  CHECK(width("abc") == 3);
  CHECK(width("×–é") == 3);
  CHECK(width("") == 0);
}

TEST_CASE("a table lines up names left and numbers right", "[report]") {
  Table table;
  table.add_column("curve", Align::left);
  table.add_column("×");
  table.add_row({"é", "1.25"});
  table.add_row({"mouth", "–"});
  table.add_row({"x"});
  std::ostringstream out;
  table.print(out);
  CHECK(out.str() ==
        "curve     ×\n"
        "─────  ────\n"
        "é      1.25\n"
        "mouth     –\n"
        "x\n");
}

TEST_CASE("cells: digits, decimals, and a dash for what is undefined", "[report]") {
  CHECK(cell(0.00412345) == "0.004123");
  CHECK(cell({}) == "–");
  CHECK(cell(1.0 / 0.0) == "–");
  CHECK(fixed(0.5) == "0.500");
  CHECK(fixed({}) == "–");
}

TEST_CASE("curves in the rig's order, or worst first with the unmeasured last", "[report]") {
  std::ostringstream rig, worst;
  print_curves(rig, suite("a", 1));
  print_curves(worst, suite("a", 1), CurveOrder::worst_first);
  CHECK(rig.str().find("still") < rig.str().find("good"));
  CHECK(worst.str().find("bad") < worst.str().find("good"));
  CHECK(worst.str().find("good") < worst.str().find("still"));
}

TEST_CASE("systems side by side: ratio to the first, probes where any has one", "[report]") {
  std::vector<eval::Suite> suites = {suite("mean", 0.02), suite("linear", 0.01),
                                     suite("bilstm", 0.005)};
  suites[2].metrics.set("probe_1", {0.97, {}, {}});
  std::ostringstream out;
  print_comparison(out, suites);
  CHECK(out.str().find("×1.000") != std::string::npos);
  CHECK(out.str().find("×0.500") != std::string::npos);
  CHECK(out.str().find("×0.250") != std::string::npos);
  CHECK(out.str().find("probe_1") != std::string::npos);
  CHECK(out.str().find("0.970") != std::string::npos);
}

TEST_CASE("no systems and zero errors print without fuss", "[report]") {
  std::ostringstream out;
  print_comparison(out, {});
  const std::vector<eval::Suite> perfect = {suite("a", 0), suite("b", 0)};
  print_comparison(out, perfect);
  CHECK(out.str().find("nan") == std::string::npos);
}

TEST_CASE("one line says the number, its interval and over what", "[report]") {
  CHECK(one_line(suite("a", 0.01)) ==
        "mse 0.01 (0.009 – 0.011), r2 0.850, pcc – over 2 clips, 5400 frames, 29 curves");
}

TEST_CASE("the metric table ends with the note on evidence", "[report]") {
  auto s = suite("a", 0.01);
  s.evidence = "evidence within these clips only";
  std::ostringstream out;
  print_metrics(out, s);
  CHECK(out.str().find("evidence within these clips only\n") != std::string::npos);
}

}  // namespace kuchi::report
