// A head of one's own: the example of docs/plugins.md, built on the installed package.
#include <cmath>

#include "installed.h"
#include "io/npy.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// perceptron.so, built once for all tests.
const std::string& plugin() {
  static const std::string file =
      (build_example("plugin_head", Workshop::get().dir / "plugin_head") / "perceptron.so")
          .string();
  return file;
}

std::vector<std::string> with_plugin(std::vector<std::string> line,
                                     const std::vector<std::string>& more = {}) {
  line.insert(line.end(), more.begin(), more.end());
  line.insert(line.end(), {"--plugin", plugin()});
  return line;
}

const fs::path& plugin_run() {
  static const fs::path run = [] {
    const fs::path out = Workshop::get().dir / "plugin-run";
    must(with_plugin(little_training(out), {"model.head=perceptron", "model.perceptron.width=24"}));
    return out;
  }();
  return run;
}

/// A copy of the plug-in with some bytes of its text replaced.
std::string changed(const fs::path& file, const std::string& after, char with) {
  auto bytes = content(plugin());
  const auto at = bytes.find(after);
  REQUIRE(at != std::string::npos);
  bytes[at + after.size()] = with;
  write(file, bytes);
  return file.string();
}

}  // namespace

TEST_CASE("plug-in: a head of one's own trains, resumes, predicts, is live and becomes ONNX",
          "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const auto run = plugin_run().string();
  const auto sound = make_sound(dir.path), curves = (dir / "curves.npy").string();

  must(with_plugin({"resume", run}, {"train.max_epochs=3"}));
  must(with_plugin({"predict", run, sound, "--format", "npy", "--out", curves}));
  must(with_plugin({"eval", run, "--json", (dir / "metrics.json").string()}));
  must(with_plugin({"report", run, "--out", (dir / "page.html").string()}));
  must(with_plugin({"export", run, "--out", (dir / "mouth.onnx").string()}));

  const auto info = call(with_plugin({"inspect", run, "--json", "-"})).json();
  CHECK(info["live"]["lookahead_frames"] == 0);
  const auto want = io::read_npy<float>(curves);
  CHECK(want.shape[0] > 30);
  const auto heard =
      python({source("docs/examples/onnx/run.py").string(), (dir / "mouth.onnx").string(), sound});
  if (heard.code == -1) {
    WARN("skipped: no Python of the tests' own to run the ONNX with");
    return;
  }
  INFO(heard.err);
  REQUIRE(heard.code == 0);
  const auto rows = split(heard.out, '\n');
  REQUIRE(rows.size() == static_cast<size_t>(want.shape[0]) + 2);
  for (size_t j = 0; j + 2 < rows.size(); ++j) {
    const auto values = split(rows[j + 1], ',');
    for (size_t c = 1; c < values.size(); ++c) {
      REQUIRE(std::abs(std::stod(values[c]) - want.values[j * (values.size() - 1) + c - 1]) <=
              1e-4);
    }
  }
}

TEST_CASE("plug-in: kuchi live gives what kuchi predict gives", "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const auto sound = make_sound(dir.path), curves = (dir / "curves.npy").string();
  must(with_plugin({"predict", plugin_run().string(), sound, "--format", "npy", "--out", curves}));
  // A WAV file's samples begin after its header of 44 bytes.
  const auto live =
      shell("tail -c +45 " + quoted(fs::path(sound)) + " | " + quoted(program()) + " live " +
            quoted(plugin_run()) + " -q --plugin=" + quoted(fs::path(plugin())));
  INFO(live.err);
  REQUIRE(live.code == 0);
  const auto want = io::read_npy<float>(curves);
  const auto lines = split(live.out, '\n');
  REQUIRE(lines.size() == static_cast<size_t>(want.shape[0]) + 1);
  size_t i = 0;
  for (size_t j = 0; j + 1 < lines.size(); ++j) {
    const auto frame = nlohmann::ordered_json::parse(lines[j]);
    for (const auto& [name, value] : frame["curves"].items()) {
      REQUIRE(std::abs(value.get<double>() - want.values[i++]) <= 1e-4);
    }
  }
}

TEST_CASE("plug-in: a run says that it needs one, and one that does not need it goes without",
          "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  for (const std::string verb : {"predict", "eval", "resume", "inspect", "live", "report"}) {
    std::vector<std::string> line = {verb, plugin_run().string()};
    if (verb == "predict") line.insert(line.end(), {"x.wav", "--out", dir / "x.npy"});
    const auto ran = call(line);
    INFO(verb << ": " << ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, "its head \"perceptron\" comes from a plug-in, " + plugin()));
    CHECK(has(ran.err, "--plugin"));
  }
  const auto other = dir / "other";
  must(with_plugin(little_training(other)));
  CHECK_FALSE(fs::exists(other / "plugins.json"));
  must({"inspect", other.string()});

  CHECK(has(call(with_plugin({"config", "--reference"})).out, "`model.perceptron.width`"));
  CHECK_FALSE(has(call({"config", "--reference"}).out, "perceptron"));
  write(dir / "c.yaml", "model: {head: perceptron, perceptron: {width: 0}}\n");
  const auto check = call(with_plugin({"config", "--check", (dir / "c.yaml").string()}));
  CHECK(check.code == 2);
  CHECK(has(check.err, "must be at least 1"));
}

TEST_CASE("plug-in: one that was built from something else is refused before its code runs",
          "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const auto refused = [&](const std::string& file, const std::string& why) {
    const auto ran = call({"config", "--defaults", "--plugin", file});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
    CHECK(has(ran.err, file));
    CHECK(has(ran.err, why));
  };
  refused(changed(dir / "a.so", "|headers ", 'z'), "build it again against this Kuchi");
  refused(changed(dir / "b.so", "plug-in|Kuchi ", '7'), "this program from Kuchi 0.1.0");
  refused(changed(dir / "c.so", "|LibTorch ", '1'), "this program from LibTorch 2.11");
  refused(changed(dir / "d.so", "|C++ ABI ", '0'), "this program from C++ ABI");
  refused(source("LICENSE").string(), "is no plug-in of Kuchi's");
  const auto truncated = dir / "e.so";
  const auto bytes = content(plugin());
  write(truncated, bytes.substr(0, bytes.find("kuchi plug-in|") + 200));
  refused(truncated.string(), "cannot be loaded");
  CHECK(call({"config", "--defaults", "--plugin", (dir / "none.so").string()}).code == 3);
  CHECK(call({"config", "--defaults", "--plugin"}).code == 2);
}
