#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "catch.h"
#include "core/hash.h"
#include "synth/synth.h"

using namespace kuchi;  // NOLINT: a test reads better without the long names

namespace {

const std::vector<synth::ProbePair>& pairs() {
  static const auto made = synth::make_probe(0, 40);
  return made;
}

/// The phone of a clip that spans t_s.
size_t phone_at(const synth::Clip& clip, double t_s) {
  size_t i = 0;
  while (clip.phones[i].end_s <= t_s) ++i;
  return i;
}

double wider_b(const synth::ProbePair& p) {
  const int64_t frame = synth::probe_frame(p);
  return synth::aperture(p.b.curves.row(frame)) - synth::aperture(p.a.curves.row(frame));
}

}  // namespace

TEST_CASE("probe: 40 pairs a distance, of many frames and speakers", "[synth][slow]") {
  std::map<int, int> count;
  std::map<int, std::set<std::string>> shared, speakers;
  for (const auto& p : pairs()) {
    ++count[p.distance];
    shared[p.distance].insert(p.a.phones[phone_at(p.a, p.middle_s)].label);
    speakers[p.distance].insert(p.a.speaker);
  }
  for (int d : {1, 2, 3}) {
    CHECK(count[d] == 40);
    CHECK(shared[d].size() >= (d == 1 ? 8u : 5u));
    CHECK(speakers[d].size() >= 6);
  }
}

TEST_CASE("probe: one phone differs, the given distance after the shared sound", "[synth][slow]") {
  for (const auto& p : pairs()) {
    REQUIRE(p.a.phones.size() == p.b.phones.size());
    std::vector<size_t> differ;
    for (size_t i = 0; i < p.a.phones.size(); ++i) {
      CHECK(p.a.phones[i].begin_s == p.b.phones[i].begin_s);
      CHECK(p.a.phones[i].end_s == p.b.phones[i].end_s);
      if (p.a.phones[i].label != p.b.phones[i].label) differ.push_back(i);
    }
    REQUIRE(differ.size() == 1);
    CHECK(differ[0] == phone_at(p.a, p.middle_s) + static_cast<size_t>(p.distance));
    CHECK(p.end_s - p.begin_s >= 0.0999);
  }
}

TEST_CASE("probe: audio is the same through the shared sound and another one after it",
          "[synth][slow]") {
  for (const auto& p : pairs()) {
    REQUIRE(p.a.audio.size() == p.b.audio.size());
    const double margin = p.distance == 1 ? 0 : 0.025;
    const auto same = static_cast<long>(std::floor((p.end_s + margin) * 16000));
    // A stacked frame sees 32.5 ms to each side of its time, which is within 16.7 ms of the middle.
    CHECK(p.end_s >= p.middle_s + 0.0492);
    CHECK(std::equal(p.a.audio.begin(), p.a.audio.begin() + same, p.b.audio.begin()));
    CHECK_FALSE(std::equal(p.a.audio.begin() + same, p.a.audio.end(), p.b.audio.begin() + same));
  }
}

TEST_CASE("probe: the true lips differ enough, on the side said", "[synth][slow]") {
  int a_closed = 0;
  for (const auto& p : pairs()) {
    const double wider = wider_b(p);
    CHECK((wider > 0) == p.a_closed);
    CHECK(std::fabs(wider) >= (p.distance == 1 ? 0.10 : 0.05));
    CHECK(std::fabs(static_cast<double>(synth::probe_frame(p)) / 30 - p.middle_s) <= 0.5 / 30);
    a_closed += p.a_closed;
  }
  CHECK(a_closed > 40);  // either member may be the closed one
  CHECK(a_closed < 80);
}

TEST_CASE("probe: the same seed gives the same pairs", "[synth]") {
  const auto one = synth::make_probe(3, 1), two = synth::make_probe(3, 1);
  REQUIRE(one.size() == 3);
  Hasher hash;
  for (size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].a.audio == two[i].a.audio);
    CHECK(one[i].b.curves.data == two[i].b.curves.data);
    hash.add(one[i].a.audio.data(), one[i].a.audio.size() * sizeof(float));
    hash.add(one[i].b.audio.data(), one[i].b.audio.size() * sizeof(float));
    CHECK(one[i].id == "d" + std::to_string(i + 1) + "_000");
  }
  CHECK(hash.hex() == "a09f1ffd8abcfd8e7cb19d5535617faa");  // the same on every machine
}

TEST_CASE("probe score: right is one, a tie a half, wrong nothing", "[synth]") {
  const std::vector<synth::ProbeAnswer> answers = {{1, true, 0.1, 0.4},
                                                   {1, false, 0.1, 0.4},
                                                   {1, true, 0.30, 0.30005},
                                                   {1, false, 0.4, 0.1},
                                                   {3, true, 0.2, 0.1}};

  const auto scores = synth::score(answers);

  REQUIRE(scores.size() == 2);  // nothing was asked at distance 2
  CHECK(scores[0].distance == 1);
  CHECK(scores[0].pairs == 4);
  CHECK(scores[0].share == Approx(2.5 / 4));
  CHECK(scores[1].distance == 3);
  CHECK(scores[1].share == 0);
}

TEST_CASE("probe score: a model that sees no context scores one half", "[synth]") {
  std::vector<synth::ProbeAnswer> answers;
  for (int i = 0; i < 10; ++i) answers.push_back({2, i % 3 == 0, 0.25, 0.25});
  CHECK(synth::score(answers)[0].share == 0.5);
}
