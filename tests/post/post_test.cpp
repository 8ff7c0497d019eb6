// What is done to predicted curves: each stage by its reference or by hand, and all of them live.
#include <cmath>
#include <nlohmann/json.hpp>

#include "../caught.h"
#include "../eval/golden_clips.h"
#include "audio/test_files.h"
#include "catch.h"
#include "core/random.h"
#include "post/savgol.h"
#include "post/stream.h"

namespace kuchi::post {
namespace {

const nlohmann::json& golden_post() {
  static const auto json =
      nlohmann::json::parse(test_files::slurp(test_files::golden("post.json")));
  return json;
}

curves::Rig small_rig() {
  return curves::parse_rig(
      "name: r\ncurves: [jawOpen, mouthClose, {name: other, range: [-1, 1], rest: 0.5}]\n"
      "aperture: clamp(jawOpen - mouthClose, 0, 1)\n",
      "r");
}

Matrix rows(std::vector<std::vector<float>> values) {
  Matrix m(static_cast<int64_t>(values.size()), static_cast<int64_t>(values.at(0).size()));
  for (int64_t t = 0; t < m.rows; ++t) {
    std::copy(values[static_cast<size_t>(t)].begin(), values[static_cast<size_t>(t)].end(),
              m.row(t).begin());
  }
  return m;
}

Matrix first_rows(const Matrix& all, int64_t count) {
  Matrix out(count, all.cols);
  std::copy_n(all.data.begin(), out.data.size(), out.data.begin());
  return out;
}

/// Noise while someone speaks, else nothing: (seconds, speaks) one after another.
std::vector<float> speech(const std::vector<std::pair<double, bool>>& parts) {
  std::vector<float> out;
  kuchi::Stream draw(1, "test.post");
  for (const auto& [seconds, speaks] : parts) {
    for (int64_t i = 0; i < static_cast<int64_t>(seconds * 16000); ++i) {
      out.push_back(speaks ? static_cast<float>(draw.uniform(-0.3, 0.3)) : 0.0f);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("one euro equals the paper's algorithm", "[post]") {
  const auto clip = golden::make_clip(4, 60, 30);
  OneEuro filter(30, 1.7, 5, 0.9);
  for (int64_t t = 0; t < 60; ++t) {
    std::vector<float> frame = {clip.prediction(t, 0), clip.prediction(t, 5)};
    filter.filter(frame);
    for (size_t c = 0; c < 2; ++c) {
      CHECK(
          frame[c] ==
          Approx(golden_post()["one_euro"][c][static_cast<size_t>(t)].get<double>()).margin(2e-7));
    }
  }
}

TEST_CASE("savgol equals SciPy's, at the ends too; short clips take what they have", "[post]") {
  const auto all = golden::make_clip(4, 60, 30).prediction;
  const auto check = [&](const std::string& name, const Matrix& got) {
    for (int64_t t = 0; t < got.rows; ++t) {
      INFO(name << " " << t);
      CHECK(got(t, 0) ==
            Approx(golden_post()[name][static_cast<size_t>(t)].get<double>()).margin(1e-6));
    }
  };
  check("savgol_7_3", savgol(all, 7, 3));
  check("savgol_15_4", savgol(all, 15, 4));
  check("savgol_0", savgol(all, 5, 0));
  check("savgol_101_6", savgol(all, 101, 6));               // of 60 frames 59 are fitted
  check("savgol_short", savgol(first_rows(all, 6), 7, 2));  // of 6 frames 5
  const auto two = first_rows(all, 2);
  CHECK(savgol(two, 7, 2).data == two.data);
  CHECK(savgol(Matrix(0, 3), 7, 2).rows == 0);
}

TEST_CASE("savgol leaves a polynomial of its order as it is", "[post]") {
  Matrix line(20, 1);
  for (int64_t t = 0; t < 20; ++t) {
    const double x = static_cast<double>(t) / 20;
    line(t, 0) = static_cast<float>(0.1 + x - 2 * x * x);
  }
  const auto out = savgol(line, 9, 2);
  for (int64_t t = 0; t < 20; ++t) CHECK(out(t, 0) == Approx(line(t, 0)).margin(1e-6));
}

TEST_CASE("snap: shut below one bound until above the other, nothing else touched", "[post]") {
  const auto rig = small_rig();
  Snap snap(rig, 0.1, 0.2);
  const auto after = [&](float jaw, float close) {
    std::vector<float> frame = {jaw, close, 0.7f};
    snap.filter(frame);
    CHECK(frame[2] == 0.7f);
    return frame;
  };
  CHECK(after(0.5f, 0.35f) == std::vector<float>{0.5f, 0.35f, 0.7f});  // 0.15, came from open
  const auto shut = after(0.5f, 0.45f);
  CHECK(shut[0] == Approx(0.475));  // both give way alike: the smallest change that shuts
  CHECK(shut[1] == Approx(0.475));
  const auto held = after(0.5f, 0.35f);  // the same lips as at first, but they were shut
  CHECK(held[0] - held[1] == Approx(0).margin(1e-6));
  CHECK(after(0.5f, 0.25f) == std::vector<float>{0.5f, 0.25f, 0.7f});
  CHECK(after(0.5f, 0.35f) == std::vector<float>{0.5f, 0.35f, 0.7f});
}

TEST_CASE("snap keeps to the rig's ranges", "[post]") {
  const auto rig = curves::load_rig("facegood");
  Snap snap(rig, 0.2, 0);
  std::vector<float> frame(static_cast<size_t>(rig.size()), 0.0f);
  const auto jaw = static_cast<size_t>(rig.index("mouth_stretch_c"));
  frame[jaw] = 0.04f;
  frame[static_cast<size_t>(rig.index("mouth_lowerLipDepress_l"))] = 0.2f;
  snap.filter(frame);
  CHECK(curves::aperture(rig, frame, 1)[0] == Approx(0).margin(2e-6));
  for (const float x : frame) {
    CHECK(x >= 0);
    CHECK(x <= 1);
  }
}

TEST_CASE("ease to rest: after silence, smoothly, and back with the sound", "[post]") {
  const auto rig = small_rig();
  Options o;
  o.rest_after_s = 0.5;
  o.rest_ease_s = 0.2;
  const auto audio = speech({{1, true}, {2, false}, {1, true}});
  Matrix open(120, 3, 0.8f);  // a mouth that stays open
  const auto out = apply(o, rig, 30, open, audio);
  for (int64_t t = 0; t < 45; ++t) {
    INFO(t);
    CHECK(out(t, 0) == 0.8f);
  }
  for (int64_t t = 54; t < 89; ++t) {
    INFO(t);
    CHECK(out(t, 0) == Approx(0).margin(1e-6));
    CHECK(out(t, 2) == Approx(0.5));  // its own rest
  }
  for (int64_t t = 46; t < 54; ++t) CHECK(out(t, 0) <= out(t - 1, 0));
  CHECK(out(96, 0) == 0.8f);
  CHECK(apply(o, rig, 30, open, {}).data == open.data);  // no sound: nobody can tell
}

TEST_CASE("clamp keeps curves within the rig's ranges", "[post]") {
  Options o;
  o.clamp = true;
  const auto out = apply(o, small_rig(), 30, rows({{-0.2f, 1.4f, -0.5f}}), {});
  CHECK(out.data == std::vector<float>{0, 1, -0.5f});
}

TEST_CASE("nothing is asked for: nothing is done", "[post]") {
  const auto clip = golden::make_clip(4, 60, 30);
  Matrix three(60, 3);
  for (int64_t t = 0; t < 60; ++t) {
    for (int64_t c = 0; c < 3; ++c) three(t, c) = clip.prediction(t, c);
  }
  CHECK(!Options{}.any());
  CHECK(apply({}, small_rig(), 30, three, speech({{2, true}})).data == three.data);
}

TEST_CASE("live is the whole clip's, however sound and frames come in pieces", "[post]") {
  const auto rig = small_rig();
  Options o;
  o.smooth = Smooth::one_euro;
  o.snap_below = 0.15;
  o.rest_after_s = 0.3;
  o.clamp = true;
  const auto audio = speech({{1, true}, {1, false}, {1, true}, {1, false}});
  Matrix values(120, 3);
  kuchi::Stream draw(3, "test.post.values");
  for (float& x : values.data) x = static_cast<float>(draw.uniform(-0.1, 0.6));
  const auto whole = apply(o, rig, 30, values, audio);
  for (const size_t piece : {1ul, 7ul, 160ul, 533ul, 16000ul, 99999ul}) {
    Stream stream(o, rig, 30);
    std::vector<float> got;
    int64_t given = 0;
    for (size_t at = 0; at < audio.size(); at += piece) {
      const size_t end = std::min(audio.size(), at + piece);
      stream.hear(std::span(audio).subspan(at, end - at));
      const auto known = std::min<int64_t>(static_cast<int64_t>(end) * 30 / 16000, 120);
      Matrix frames(known - given, 3);
      std::copy_n(values.data.begin() + 3 * given, frames.data.size(), frames.data.begin());
      given = known;
      stream.filter(frames);
      got.insert(got.end(), frames.data.begin(), frames.data.end());
    }
    INFO(piece);
    CHECK(got == whole.data);
  }
}

TEST_CASE("savgol is refused live, and options that contradict each other always", "[post]") {
  Options o;
  o.smooth = Smooth::savgol;
  const auto rig = small_rig();
  CHECK(test::caught([&] { Stream(o, rig, 30); }).text.find("not for live use") !=
        std::string::npos);
  const auto origin = [](const std::string& key) { return Location{key}; };
  o.savgol_frames = 3;
  o.savgol_order = 3;
  CHECK(test::caught([&] {
          check(o, origin);
        }).text.find("post.savgol_order: a polynomial of order 3") == 0);
  o = {};
  o.snap_below = 0.2;
  o.snap_above = 0.1;
  CHECK(test::caught([&] { check(o, origin); }).code == 2);
}

}  // namespace kuchi::post
