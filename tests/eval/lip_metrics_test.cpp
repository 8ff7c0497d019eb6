// Warped lips, misalignment, sound and lips, and vertices, against NumPy and SciPy.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "catch.h"
#include "curves/rig.h"
#include "eval/dtw.h"
#include "eval/evaluate.h"
#include "eval/extrema.h"
#include "eval/golden_clips.h"

namespace kuchi::eval {
namespace {

constexpr int64_t kVertices = 12;

VertexBasis basis_of_golden() {
  VertexBasis basis;
  basis.name = "golden";
  basis.vertices = kVertices;
  basis.lips = {0, 3, 4};
  basis.upper = {5, 8, 11};
  for (uint64_t c = 0; c < golden::kCurves; ++c) {
    basis.curves.push_back("curve" + std::to_string(c));
    for (uint64_t i = 0; i < 3 * kVertices; ++i) {
      basis.moves.push_back(static_cast<float>(golden::uniform(7, c, i) - 0.5));
    }
  }
  return basis;
}

curves::Rig rig_of_golden() {
  std::string names;
  for (int64_t c = 0; c < golden::kCurves; ++c) {
    names += "  - {name: curve" + std::to_string(c) + ", range: [-10, 10]}\n";
  }
  return curves::parse_rig("name: golden\ncurves:\n" + names + "aperture: curve0\n", "golden");
}

std::vector<float> lips_of(const Matrix& m) {
  std::vector<float> out;
  for (int64_t t = 0; t < m.rows; ++t) out.push_back(std::max(0.0f, m(t, 0) - 0.25f));
  return out;
}

ClipResult lip_clip(uint64_t id, int64_t frames, double fps) {
  auto clip = golden::make_clip(id, frames, fps);
  for (int64_t t = frames - 30; id == 6 && t < frames; ++t) {  // at rest at the end
    for (int64_t c = 0; c < golden::kCurves; ++c) {
      clip.prediction(t, c) = static_cast<float>(golden::kOffset[c]);
    }
  }
  clip.target_aperture = lips_of(clip.target);
  clip.prediction_aperture = lips_of(clip.prediction);
  const auto samples = static_cast<int64_t>(static_cast<double>(frames) * 16000 / fps);
  for (int64_t i = 0; i < samples; ++i) {
    const double draw = golden::uniform(id, 99, static_cast<uint64_t>(i)) - 0.5;
    const bool over = samples > 22400 && i >= samples - 11200;  // the last 0.7 s are silent
    const double heard = i / 7000 % 3 < 2 && !over ? 1 : 0;
    clip.audio.push_back(static_cast<float>(draw * golden::triangle(i, 9000) * heard));
  }
  return clip;
}

Options with_vertices() {
  Options o;
  o.resamples = 50;
  o.vertices = std::make_shared<const VertexModel>(basis_of_golden(), rig_of_golden());
  return o;
}

void check_lip_scores(const Scores& ours, const nlohmann::json& theirs, const std::string& where) {
  for (const auto& [name, value] : theirs.items()) {
    INFO(where << " " << name);
    const auto found = ours.value(name);
    REQUIRE(found.has_value() == !value.is_null());
    if (found) CHECK(*found == Approx(value.get<double>()).epsilon(1e-6).margin(1e-9));
  }
}

}  // namespace

TEST_CASE("lips in time, sound and vertices equal NumPy's and SciPy's", "[eval]") {
  std::ifstream in(KUCHI_SOURCE_DIR "/tests/golden/lip_metrics.json");
  REQUIRE(in);
  const auto golden = nlohmann::json::parse(in);
  const std::vector<ClipResult> clips = {lip_clip(1, 1, 30),   lip_clip(2, 2, 30),
                                         lip_clip(3, 3, 30),   lip_clip(4, 400, 30),
                                         lip_clip(5, 233, 30), lip_clip(6, 500, 60)};
  const auto suite = evaluate(clips, golden::curves(), std::nullopt, with_vertices());
  check_lip_scores(suite.metrics, golden["metrics"], "pooled");
  for (const auto& [id, scores] : suite.per_clip)
    check_lip_scores(scores, golden["per_clip"][id], id);
  for (const char* name : {"lip_dtw", "mtm", "lve", "lve_sq", "mve"}) {  // over blocks of 5 s
    INFO(name);
    const auto* e = suite.metrics.find(name);
    REQUIRE(e->low);
    CHECK(*e->low <= *e->value);
    CHECK(*e->value <= *e->high);
  }
  CHECK(suite.vertices.find("12 vertices, 8 of its 8 curves") != std::string::npos);
}

TEST_CASE("warping: by hand, the same, one frame, and nothing", "[eval]") {
  using Path = std::vector<std::pair<int64_t, int64_t>>;
  const std::vector<double> a = {0, 0, 1, 0}, b = {0, 1, 0, 0};
  CHECK(dtw_path(a, b) == Path{{0, 0}, {1, 0}, {2, 1}, {3, 2}, {3, 3}});
  CHECK(dtw_path(a, a) == Path{{0, 0}, {1, 1}, {2, 2}, {3, 3}});
  CHECK(dtw_path(std::vector<double>{1}, std::vector<double>{5}) == Path{{0, 0}});
  CHECK(dtw_path({}, {}).empty());
}

TEST_CASE("warping in a band: the same path where it stays inside, and never outside", "[eval]") {
  std::vector<double> a, b;
  for (int t = 0; t < 300; ++t) {
    a.push_back(std::sin(t * 0.2) + 0.3 * std::sin(t * 0.071));
    b.push_back(std::sin((t - 3) * 0.2) + 0.3 * std::sin((t - 3) * 0.071));
  }
  CHECK(dtw_path(a, b, 20) == dtw_path(a, b));
  for (const auto& [i, j] : dtw_path(a, b, 1)) CHECK(std::abs(i - j) <= 1);
}

TEST_CASE("mtm: a delay in milliseconds, whatever its sign; still lips have none", "[eval]") {
  const auto lips = [](double late) {
    std::vector<float> out;
    for (int t = 0; t < 300; ++t) {
      const double x = t - late;
      out.push_back(static_cast<float>(0.5 + 0.3 * std::sin(x * 0.31) + 0.1 * std::sin(x * 0.17)));
    }
    return out;
  };
  auto clip = golden::make_clip(5, 300, 30);
  clip.target_aperture = lips(0);
  const auto mtm_of = [&](std::vector<float> prediction) {
    clip.prediction_aperture = std::move(prediction);
    return evaluate({{clip}}, golden::curves(), std::nullopt).metrics.value("mtm");
  };
  CHECK(*mtm_of(lips(0)) == Approx(0).margin(1e-9));
  CHECK(*mtm_of(lips(3)) == Approx(100).margin(8));
  CHECK(*mtm_of(lips(-3)) == Approx(100).margin(8));
  CHECK(!mtm_of(std::vector<float>(300, 0.4f)));
  std::swap(clip.target_aperture, clip.prediction_aperture);
  CHECK(!mtm_of(lips(0)));
}

TEST_CASE("peaks: plateaus at their middle, ends are none, small ones are left out", "[eval]") {
  const std::vector<double> x = {5, 1, 3, 3, 3, 1, 2, 0, 4};
  CHECK(peaks(x, 0) == std::vector<int64_t>{3, 6});
  CHECK(peaks(x, 1.5) == std::vector<int64_t>{3});
  CHECK(peaks(std::vector<double>(9, 1.0), 0).empty());
  CHECK(peaks({}, 0).empty());
}

TEST_CASE("slcc: lips that follow the sound, silence, and no sound", "[eval]") {
  auto clip = lip_clip(4, 400, 30);
  const auto slcc_of = [&] {
    return evaluate({{clip}}, golden::curves(), std::nullopt).metrics.value("slcc");
  };
  for (size_t i = 0; i < clip.audio.size(); ++i) {
    const auto place = static_cast<double>(i) / 16000;
    clip.audio[i] = static_cast<float>((i % 2 ? 1 : -1) * (0.5 + 0.4 * std::sin(6 * place)));
  }
  for (size_t t = 0; t < 400; ++t) {
    clip.prediction_aperture[t] =
        static_cast<float>(0.5 + 0.4 * std::sin(6 * static_cast<double>(t) / 30));
  }
  CHECK(*slcc_of() > 0.999);
  std::fill(clip.audio.begin(), clip.audio.end(), 0.0f);
  CHECK(!slcc_of());
  clip.audio.clear();
  CHECK(!slcc_of());
}

TEST_CASE("vertices by hand: one vertex moves by the error times its way", "[eval]") {
  VertexBasis basis;
  basis.name = "by hand";
  basis.curves = {"b", "unknown"};
  basis.vertices = 2;
  basis.moves = {3, 0, 4, 0, 0, 0, 9, 9, 9, 9, 9, 9};  // b moves vertex 0 by 5 m
  basis.lips = {0, 1};
  basis.upper = {0};
  const auto rig = curves::parse_rig("name: r\ncurves: [a, b]\naperture: a\n", "r");
  Options options;
  options.vertices = std::make_shared<const VertexModel>(basis, rig);
  ClipResult clip{"c", 30, Matrix(2, 2), Matrix(2, 2), {}, {}, {}, {}, 16000};
  clip.target.data = {0, 0, 0, 1};  // b: 0, 1
  clip.prediction.data = {7, 0.2f, 0, 0.6f};
  const auto suite = evaluate({{clip}}, {{"a", 1, 0}, {"b", 1, 0}}, std::nullopt, options);
  CHECK(*suite.metrics.value("lve") == Approx(5 * (0.2 + 0.4) / 2));
  CHECK(*suite.metrics.value("lve_sq") == Approx(25 * (0.04 + 0.16) / 2));
  CHECK(*suite.metrics.value("mve") == Approx(5 * (0.2 + 0.4) / 4));
  CHECK(*suite.metrics.value("fdd") == Approx(5 * (0.5 - 0.2)));  // std of 0, 1 and of 0.2, 0.6
  CHECK(*suite.metrics.value("fdd_abs") == Approx(5 * (0.5 - 0.2)));
  CHECK(*suite.metrics.value("fdd_sq") == Approx(25 * (0.5 - 0.16)));
  CHECK(suite.vertices.find("1 of its 2 curves") != std::string::npos);

  clip.captured = {true, false};  // nothing is known of b
  clip.target(0, 1) = clip.target(1, 1) = std::nanf("");
  const auto without = evaluate({{clip}}, {{"a", 1, 0}, {"b", 1, 0}}, std::nullopt, options);
  CHECK(*without.metrics.value("lve") == 0);
}

TEST_CASE("without vertices and for quick judging, their metrics are not in the file", "[eval]") {
  Options quick;
  quick.slow = false;
  const auto suite = evaluate({{lip_clip(4, 60, 30)}}, golden::curves(), std::nullopt, quick);
  CHECK(!suite.metrics.find("lip_dtw"));
  CHECK(!suite.metrics.find("mtm"));
  CHECK(!suite.metrics.find("lve"));
  CHECK(suite.metrics.find("slcc"));
  CHECK(!to_json(suite).contains("vertices"));
}

}  // namespace kuchi::eval
