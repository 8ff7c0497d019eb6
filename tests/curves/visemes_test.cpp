// Visemes: curves to weights and back, their files, and cues of Rhubarb's shapes.
#include "curves/visemes.h"

#include <cmath>
#include <random>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/least_squares.h"
#include "curves/mouth_cues.h"
#include "farthest.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

Rig rig_of(const std::string& name) {
  return load_rig(std::string(KUCHI_SOURCE_DIR) + "/configs/rigs/" + name + ".yaml");
}

/// Weights of a few visemes at a time, as speech has them: [frames, names].
Track some_weights(const VisemeNames& set, int64_t frames) {
  Track track;
  track.visemes = set.set;
  track.names = set.names;
  track.values = Matrix(frames, static_cast<int64_t>(set.names.size()));
  std::mt19937 random(7);
  for (int64_t t = 0; t < frames; ++t) {
    track.times_s.push_back(static_cast<double>(t) / 30);
    float left = 1;
    for (int i = 0; i < 3; ++i) {
      const auto v = static_cast<int64_t>(random() % set.names.size());
      const float weight = left * static_cast<float>(random() % 1000) / 1000;
      if (v == set.rest) continue;
      track.values(t, v) += weight;
      left -= weight;
    }
    if (set.rest >= 0) track.values(t, set.rest) = left;
  }
  return track;
}

double worst(const Matrix& a, const Matrix& b) {
  REQUIRE(a.cols == b.cols);
  return test::farthest(a.data, b.data);
}

/// Straight search for the least squares on a grid, for two columns.
std::pair<double, double> by_search(const MatrixOf<double>& a, const std::vector<double>& y) {
  double best = 1e9;
  std::pair<double, double> at;
  for (int i = 0; i <= 400; ++i) {
    for (int j = 0; j <= 400; ++j) {
      const double u = i / 200.0, v = j / 200.0;
      double cost = 0;
      for (size_t k = 0; k < y.size(); ++k) {
        const double d =
            u * a(0, static_cast<int64_t>(k)) + v * a(1, static_cast<int64_t>(k)) - y[k];
        cost += d * d;
      }
      if (cost < best) {
        best = cost;
        at = {u, v};
      }
    }
  }
  return at;
}
}  // namespace

TEST_CASE("least squares: never negative, and the least there is", "[curves]") {
  std::mt19937 random(3);
  for (int round = 0; round < 30; ++round) {
    MatrixOf<double> a(2, 4), gram(2, 2, 0.0);
    std::vector<double> y(4), right(2, 0.0);
    for (auto& v : a.data) v = static_cast<double>(random() % 1000) / 500 - 1;
    for (auto& v : y) v = static_cast<double>(random() % 1000) / 1000 - 0.3;
    for (int64_t i = 0; i < 2; ++i) {
      for (int64_t k = 0; k < 4; ++k) {
        right[static_cast<size_t>(i)] += a(i, k) * y[static_cast<size_t>(k)];
        for (int64_t j = 0; j < 2; ++j) gram(i, j) += a(i, k) * a(j, k);
      }
    }
    const auto w = non_negative_least_squares(gram, right);
    const auto [u, v] = by_search(a, y);
    CHECK(w[0] >= 0);
    CHECK(w[1] >= 0);
    if (u < 1.9 && v < 1.9) {
      CHECK(w[0] == Approx(u).margin(0.02));
      CHECK(w[1] == Approx(v).margin(0.02));
    }
  }
}

TEST_CASE("least squares: columns that are empty or the same do no harm", "[curves]") {
  MatrixOf<double> gram(3, 3, 0.0);  // columns 0 and 1 are one, 2 is empty
  gram(0, 0) = gram(0, 1) = gram(1, 0) = gram(1, 1) = 2;
  const auto w = non_negative_least_squares(gram, std::vector<double>{1, 1, 0});
  CHECK(w[0] + w[1] == Approx(0.5));
  CHECK(w[2] == 0);
  CHECK(non_negative_least_squares(gram, std::vector<double>{-1, -1, 0}) ==
        std::vector<double>{0, 0, 0});
}

TEST_CASE("visemes: weights become curves and come back as they were", "[curves]") {
  for (const char* rig_name : {"arkit", "arkit-mouth", "kuchi26"}) {
    for (const char* name : {"oculus", "vrm", "mpeg4"}) {
      INFO(rig_name << " " << name);
      const auto& set = viseme_set(name);
      const Rig rig = rig_of(rig_name);
      const Track weights = some_weights(set, 300);
      // kuchi26 and arkit-mouth have no tongue, so TH is told by the jaw alone.
      const Track curves = on_rig(weights, rig, "x");
      CHECK(curves.values.cols == rig.size());
      const Matrix back = to_visemes(rig, set, curves.values);
      CHECK(worst(back, weights.values) < 2e-5);
    }
  }
}

TEST_CASE("visemes: one in full is its curves in the rig's file, by hand", "[curves]") {
  Track one;
  one.visemes = "oculus";
  one.names = {"viseme_aa", "PP"};
  one.times_s = {0, 1};
  one.values = Matrix(2, 2);
  one.values(0, 0) = 1;
  one.values(1, 1) = 0.5f;
  const Rig rig = rig_of("arkit");
  const Track curves = on_rig(one, rig, "x");
  const auto at = [&](int64_t t, const char* curve) { return curves.values(t, rig.index(curve)); };
  CHECK(at(0, "jawOpen") == 0.65f);
  CHECK(at(0, "mouthLowerDownLeft") == 0.3f);
  CHECK(at(0, "mouthPressLeft") == 0);
  CHECK(at(1, "mouthPressRight") == 0.25f);
  CHECK(at(1, "eyeBlinkLeft") == 0);
}

TEST_CASE("visemes: a rig's own section goes before ARKit's, rest and range count", "[curves]") {
  const Rig rig = parse_rig(
      "name: r\ncurves: [{name: open, range: [-1, 1], rest: -1}, wide]\n"
      "visemes: {vrm: {aa: {open: 1}, ee: {open: 0, wide: 1}}}\n",
      "r");
  Matrix values(3, 2);
  values(0, 0) = -1;  // rest
  values(1, 0) = 0;   // half an aa
  values(2, 0) = 0;
  values(2, 1) = 1;  // ee
  const Matrix weights = to_visemes(rig, viseme_set("vrm"), values);
  CHECK(worst(weights, [] {
          Matrix m(3, 5);
          m(1, 0) = 0.5f;
          m(2, 3) = 1;
          return m;
        }()) < 1e-6);
  CHECK(rig_to_yaml(parse_rig(rig_to_yaml(rig), "x")) == rig_to_yaml(rig));
  const Rig blind = parse_rig("name: b\ncurves: [a]\nto_arkit: {browInnerUp: a}\n", "b");
  CHECK(contains(
      error_of(Exit::config, [&] { to_visemes(blind, viseme_set("oculus"), Matrix(1, 1)); }),
      "gives no curve that the visemes of oculus move"));
}

TEST_CASE("visemes: a rig of visemes has their weights as they are", "[curves]") {
  Folder folder;
  const Rig rig = parse_rig("name: v\ncurves: [oh, ee, ou, ih, aa]\n", "v");
  Matrix values(3, 5);
  for (size_t i = 0; i < values.data.size(); ++i) values.data[i] = static_cast<float>(i) / 16;
  write_track(folder / "a.json", "vrm", rig, values, {30, "", false});
  const Track back = read_track(folder / "a.json");
  CHECK(back.names[0] == "aa");
  CHECK(back.values(2, 0) == values(2, 4));
  CHECK(worst(on_rig(back, rig, "x").values, values) == 0);
}

TEST_CASE("visemes: mistakes in a rig's section are told with their place", "[curves]") {
  const auto told = [](const std::string& section) {
    return error_of(Exit::config, [&] {
      parse_rig("name: r\ncurves: [a, b]\nvisemes: " + section + "\n", "my.yaml");
    });
  };
  CHECK(contains(told("{oculs: {}}"),
                 "my.yaml:3:11: no set of visemes \"oculs\"; did you mean \"ocu"));
  CHECK(contains(told("{vrm: {ax: {a: 1}}}"), "no viseme \"ax\" in vrm"));
  CHECK(contains(told("{vrm: {aa: {c: 1}}}"), "no curve \"c\" in this rig"));
  CHECK(contains(told("{vrm: {aa: {a: 2}}}"), "outside the range of \"a\""));
  CHECK(contains(told("{vrm: {aa: {a: .nan}}}"), "my.yaml:3:"));
  CHECK(contains(told("{vrm: {aa: 1}}"), "a viseme is a map"));
  CHECK(contains(told("{vrm: {aa: {a: 1}, AA: {a: 1}}}"), "viseme \"aa\" is there twice"));
  CHECK(contains(told("[1]"), "must be a map"));
}

TEST_CASE("visemes: files of weights, CSV by ending and JSON, hold them exactly", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("arkit");
  for (const char* name : {"oculus", "vrm", "mpeg4"}) {
    const auto& set = viseme_set(name);
    const Track weights = some_weights(set, 50);
    const Matrix curves = on_rig(weights, rig, "x").values;
    for (const char* ending : {".csv", ".json", ""}) {
      INFO(name << ending);
      const auto file = folder / cat(name, ending);
      WriteOptions options;
      options.fps = 29.97;
      options.provenance.data = "set";
      write_track(file, name, rig, curves, options);
      const Track back = read_track(file);
      CHECK(back.format == name);
      CHECK(back.visemes == name);
      CHECK(back.names == set.names);
      CHECK(back.fps == Approx(29.97));
      CHECK(worst(back.values, to_visemes(rig, set, curves)) == 0);
      CHECK((back.provenance.data == "set") == holds_provenance(name, file));
      CHECK(worst(on_rig(back, rig, file).values, curves) < 1e-5);
    }
  }
}

TEST_CASE("visemes: another spelling is understood, another viseme refused", "[curves]") {
  Folder folder;
  const auto csv = write(folder / "a.csv",
                         "time,viseme_sil,viseme_PP,viseme_FF,viseme_TH,viseme_DD,viseme_kk,"
                         "viseme_CH,viseme_SS\n0,0,1,0,0,0,0,0,0\n1,0,0,1,0,0,0,0,0\n");
  const Track track = read_track(csv);
  CHECK(track.format == "oculus");
  CHECK(track.names[1] == "PP");
  const auto json =
      write(folder / "b.json",
            R"({"visemes": "mpeg4", "fps": 30, "names": ["0", "1"], "frames": [[1, 0]]})");
  CHECK(read_track(json).names[1] == "viseme_1");
  const auto told = [&](const std::string& text) {
    return error_of(Exit::data, [&] { read_track(write(folder / "c.json", text)); });
  };
  CHECK(contains(told(R"({"visemes": "vrm", "fps": 30, "names": ["aa", "x"], "frames": [[1, 0]]})"),
                 "names[1]: \"x\" is no viseme of vrm"));
  CHECK(contains(told(R"({"visemes": "vrm", "fps": 30, "names": ["aa"], "frames": [[1, 0]]})"),
                 "frames[0]: has 2 numbers for 1 names"));
}

TEST_CASE("cues: the cheapest row of shapes, against all rows there are", "[curves]") {
  std::mt19937 random(11);
  for (int round = 0; round < 20; ++round) {
    MatrixOf<double> distances(7, 3);
    for (auto& d : distances.data) d = static_cast<double>(random() % 100) / 100;
    const int64_t least = 1 + round % 3;
    const double change = 0.1 * (round % 4);
    const auto cost = [&](const std::vector<int64_t>& row) {
      double sum = 0;
      int64_t stay = 0;
      for (size_t t = 0; t < row.size(); ++t) {
        sum += distances(static_cast<int64_t>(t), row[t]);
        const bool changes = t > 0 && row[t] != row[t - 1];
        if (changes && stay < least) return 1e9;
        stay = changes ? 1 : stay + 1;
        if (changes) sum += change;
      }
      return stay < least ? 1e9 : sum;
    };
    double best = 1e9;
    for (int code = 0; code < 2187; ++code) {
      std::vector<int64_t> row;
      for (int i = 0, left = code; i < 7; ++i, left /= 3) row.push_back(left % 3);
      best = std::min(best, cost(row));
    }
    INFO(round);
    CHECK(cost(cheapest_shapes(distances, {least, change})) == Approx(best));
  }
  CHECK(cheapest_shapes(MatrixOf<double>(1, 2, 0.5), {5, 1}).size() == 1);
}

TEST_CASE("rhubarb: cues in, steps out; TSV and JSON say the same", "[curves]") {
  Folder folder;
  const auto tsv = write(folder / "a.tsv", "0.00\tX\n0.05\tD\n0.27\tC\n0.31\tB\n0.47\tX\n");
  const auto json = write(folder / "a.json",
                          R"({"metadata": {"soundFile": "a.wav", "duration": 0.47}, "mouthCues": [
          {"start": 0.00, "end": 0.05, "value": "X"}, {"start": 0.05, "end": 0.27, "value": "D"},
          {"start": 0.27, "end": 0.31, "value": "C"}, {"start": 0.31, "end": 0.47, "value": "B"}]})");
  for (const auto& file : {tsv, json}) {
    INFO(file);
    const Track track = read_track(file);
    CHECK(track.format == "rhubarb");
    CHECK(track.visemes == "rhubarb");
    REQUIRE(track.values.rows == 47);
    CHECK(track.fps == Approx(100));
    CHECK(track.values(4, 8) == 1);  // X
    CHECK(track.values(5, 3) == 1);  // D
    CHECK(track.values(26, 3) == 1);
    CHECK(track.values(27, 2) == 1);  // C
    CHECK(track.values(46, 1) == 1);  // B
    const Rig rig = rig_of("arkit");
    CHECK(on_rig(track, rig, file).values(10, rig.index("jawOpen")) == 0.65f);
  }
  const auto told = [&](const std::string& text) {
    return error_of(Exit::data, [&] {
      read_track(write(folder / "b.tsv", text), {"rhubarb", {}, 0});
    });
  };
  CHECK(contains(told("0.00\tX\n0.05\tQ\n"), "b.tsv:2:1: \"Q\" is no mouth shape"));
  CHECK(contains(told("0.10\tX\n0.05\tA\n"), "b.tsv:2:1: is before the cue before it"));
  CHECK(contains(told("0.10\tX\nhello\n"), "b.tsv:2:1: is no cue"));
  CHECK(contains(told("0\tX\n1e12\tA\n"), "b.tsv:2:1: is no time from 0"));
  CHECK(contains(told("nan\tX\n"), "b.tsv:1:1: is no cue"));
  CHECK(contains(told("\n\n"), "has no mouth cues"));
  CHECK(contains(told(R"({"mouthCues": [{"start": 1, "end": 0.5, "value": "A"}]})"),
                 "mouthCues[0]: ends before it starts"));
}

TEST_CASE("rhubarb: curves become cues that last, and come back as the same cues", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("arkit");
  const auto first =
      write(folder / "a.tsv", "0.00\tX\n0.30\tD\n0.55\tF\n0.80\tA\n1.10\tX\n1.50\tX\n");
  Track steps = on_rig(read_track(first), rig, first);
  const Matrix at60 = resample(steps, 60, 90);
  Matrix shaken = at60;
  for (int64_t t = 20; t < 22; ++t) shaken(t, rig.index("mouthFunnel")) += 0.3f;  // 33 ms: no cue
  for (const auto& values : {at60, shaken}) {
    write_track(folder / "b.tsv", "rhubarb", rig, values, {60, "", true});
    const auto lines = split(trim(slurp(folder / "b.tsv")), '\n');
    std::string shapes;
    for (const auto& line : lines) shapes += line.back();
    CHECK(shapes == "XDFAXX");
    for (size_t i = 0; i < lines.size() && i < 6; ++i) {
      double time = 0;
      REQUIRE(parse_number(split(lines[i], '\t')[0], time));
      const double wanted[] = {0, 0.30, 0.55, 0.80, 1.10, 1.50};
      CHECK(time == Approx(wanted[i]).margin(0.0251));
    }
  }
}
