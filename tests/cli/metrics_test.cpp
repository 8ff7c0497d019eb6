// Metrics and post-processing from the command line.
#include "curves/track.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// A folder of two captures of the embedded set with their sound, by name: t/*.npy, wav/*.wav.
fs::path two_captures(const TempDir& dir) {
  must({"synth", (dir / "set").string(), "--clips", "2", "--seconds", "3", "-q"});
  for (const auto& e : fs::recursive_directory_iterator(dir / "set")) {
    const auto ending = e.path().extension();
    if (e.path().string().find("probe") != std::string::npos) continue;
    if (ending == ".npy") {
      fs::create_directories(dir / "t");
      fs::copy_file(e.path(), dir.path / "t" / e.path().filename());
    } else if (ending == ".wav") {
      fs::create_directories(dir / "wav");
      fs::copy_file(e.path(), dir.path / "wav" / e.path().filename());
    }
  }
  return dir / "set/curve_names.txt";
}

/// A copy of the captures with noise.
void noisy(const TempDir& dir, const std::string& to, double noise) {
  fs::create_directories(dir / to);
  Stream draw(4, "test.noisy");
  for (const auto& e : fs::directory_iterator(dir / "t")) {
    auto m = io::read_npy_matrix(e.path());
    for (float& x : m.data) x += static_cast<float>(noise * draw.normal());
    io::write_npy(dir.path / to / e.path().filename(), m);
  }
}

std::vector<std::string> score_line(const TempDir& dir, const fs::path& names,
                                    const std::vector<std::string>& more) {
  std::vector<std::string> line = {"score",       "--target", (dir / "t").string(), "--rig",
                                   "arkit-mouth", "--names",  names.string(),       "--json",
                                   "-",           "-q"};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

}  // namespace

TEST_CASE("cli: score measures lips, sound and the shipped mouth", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto names = two_captures(dir);
  noisy(dir, "a", 0.05);
  const auto json =
      must(score_line(dir, names,
                      {"--pred", (dir / "a").string(), "--audio", (dir / "wav").string()}))
          .json();
  for (const char* name :
       {"lip_dtw", "mtm", "slcc", "slcc_target", "still", "rest", "lve", "lve_sq", "mve"}) {
    INFO(name);
    REQUIRE(json["metrics"].contains(name));
    CHECK(json["metrics"][name]["value"].is_number());
  }
  CHECK(!json["metrics"].contains("fdd"));
  CHECK(json["vertices"].get<std::string>().find("shipped lip model") != std::string::npos);
  const double lve = json["metrics"]["lve"]["value"];
  CHECK(lve > 0.0005);
  CHECK(lve < 0.01);
  const auto none =
      must(score_line(dir, names, {"--pred", (dir / "a").string(), "--vertex-basis", "none"}))
          .json();
  CHECK(!none["metrics"].contains("lve"));
  CHECK(!none.contains("vertices"));
  CHECK(!none["metrics"].contains("slcc"));
}

TEST_CASE("cli: score sets several systems side by side", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto names = two_captures(dir);
  noisy(dir, "a", 0.01);
  noisy(dir, "b", 0.02);
  noisy(dir, "c", 0.1);
  const auto a = (dir / "a").string(), b = (dir / "b").string(), c = (dir / "c").string();
  const auto json = must(score_line(dir, names, {"--pred", a, "--pred", b, "--pred", c})).json();
  REQUIRE(json["systems"].size() == 3);
  REQUIRE(json["comparisons"].size() == 3);
  CHECK(json["systems"][2]["model"] == c);
  CHECK(json["comparisons"][0]["a"] == a);
  CHECK(json["comparisons"][0]["b"] == b);
  CHECK(json["comparisons"][0]["ratio"].get<double>() < 0.5);
  for (const auto& pair : json["comparisons"]) {
    if (pair["p"].is_null()) continue;
    CHECK(pair["p_corrected"].get<double>() >= pair["p"].get<double>());
  }
  const auto twice = call(score_line(dir, names, {"--pred", a, "--pred", a}));
  CHECK(twice.code == 2);
  CHECK(twice.err.find("given twice") != std::string::npos);
  const auto both = call(score_line(dir, names, {"--pred", a, "--pred", b, "--against", c}));
  CHECK(both.code == 2);
  CHECK(both.one_sentence());
}

TEST_CASE("cli: score after post-processing, beside without", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto names = two_captures(dir);
  noisy(dir, "a", 0.05);
  const auto a = (dir / "a").string();
  const auto json = must(score_line(dir, names,
                                    {"--pred", a, "--against", a, "--post", "smooth=savgol",
                                     "--post", "clamp=true"}))
                        .json();
  CHECK(json["comparison"]["ratio"].get<double>() < 0.9);  // noise goes
  const auto wrong = call(score_line(dir, names, {"--pred", a, "--post", "smoth=savgol"}));
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("did you mean") != std::string::npos);
  const auto deaf = call(score_line(dir, names, {"--pred", a, "--post", "rest_after_s=0.5"}));
  CHECK(deaf.code == 2);
  CHECK(deaf.err.find("--audio") != std::string::npos);
}

TEST_CASE("cli: eval by phones, and after post-processing; predict and live agree", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto& run = shared_run();
  const auto plain =
      must({"eval", run.string(), "--split", "all", "--phones", "--json", "-"}).json();
  REQUIRE(plain.contains("phones"));
  CHECK(plain["phones"]["unlabelled_clips"] == 0);
  CHECK(plain["phones"]["classes"].size() >= 4);
  double share = 0;
  for (const auto& phone : plain["phones"]["phones"]) {
    share += phone["error_share"].get<double>();
    CHECK(phone["trained"].is_number());
  }
  CHECK(share == Approx(1));
  CHECK(must({"eval", run.string(), "--split", "all", "--phones", "-q"})
            .out.find("more recordings would help most") != std::string::npos);

  const auto smooth =
      must({"eval", run.string(), "--split", "all", "--post", "smooth=one_euro", "--json", "-"})
          .json();
  CHECK(smooth["metrics"]["acc_mse"]["value"] != plain["metrics"]["acc_mse"]["value"]);

  const auto sound = make_sound(dir.path);
  must({"predict", run.string(), sound, "--out", (dir / "raw.npy").string(), "-q"});
  must({"predict", run.string(), sound, "--out", (dir / "post.npy").string(), "-q", "--post",
        "smooth=one_euro", "--post", "rest_after_s=0.2"});
  CHECK(io::read_npy_matrix(dir / "raw.npy").data != io::read_npy_matrix(dir / "post.npy").data);
  const auto live = call({"live", run.string(), "--post", "smooth=savgol"});
  CHECK(live.code == 2);
}

TEST_CASE("cli: the shipped lips are what their script makes", "[cli]") {
  TempDir dir;
  const auto ran = python({source("tests/golden/make_lip_model.py").string(), dir.path.string()});
  if (ran.code == -1) {
    WARN("skipped: no Python environment; run scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto ours = io::read_npy<float>(source("configs/rigs/lip_model.npy"));
  const auto theirs = io::read_npy<float>(dir / "lip_model.npy");
  REQUIRE(ours.shape == theirs.shape);
  CHECK(ours.shape == std::vector<int64_t>{28, 30, 3});
  CHECK(ours.values == theirs.values);
  CHECK(content(source("configs/rigs/lip_model.npy.names.txt")) ==
        content(dir / "lip_model.npy.names.txt"));
}
