#include "eval/phones.h"

#include <cmath>

#include "catch.h"

namespace kuchi::eval {
namespace {

/// 30 frames of arkit-mouth at rest, target and prediction.
ClipResult still_face(const curves::Rig& rig) {
  ClipResult clip{"a", 30, Matrix(30, rig.size()), Matrix(30, rig.size()), {}, {}, {}, {}, 16000};
  for (int64_t t = 0; t < 30; ++t) clip.target(t, rig.index("jawOpen")) = 0.5f;
  clip.prediction = clip.target;
  return clip;
}

void hold(Matrix& values, int64_t curve, int64_t begin, int64_t end, float value) {
  for (int64_t t = begin; t < end; ++t) values(t, curve) = value;
}

void open_apertures(const curves::Rig& rig, ClipResult& clip) {
  clip.target_aperture = curves::aperture(rig, clip.target.data, clip.target.rows);
  clip.prediction_aperture = curves::aperture(rig, clip.prediction.data, clip.prediction.rows);
}

const PhoneScore& named(const std::vector<PhoneScore>& scores, const std::string& name) {
  const auto found =
      std::find_if(scores.begin(), scores.end(), [&](const auto& s) { return s.name == name; });
  REQUIRE(found != scores.end());
  return *found;
}

}  // namespace

TEST_CASE("phones are classed by ARPAbet, IPA and the embedded set's letters", "[eval]") {
  for (const char* p : {"p", "B", "m", "pʰ", "mː", "bʲ"}) {
    INFO(p);
    CHECK(phone_class(p) == PhoneClass::bilabial);
  }
  for (const char* p : {"f", "V", "ʋ"}) CHECK(phone_class(p) == PhoneClass::labiodental);
  for (const char* p : {"u", "UW", "OW", "ʊ", "ɔː", "w", "sh", "ʃ"}) {
    INFO(p);
    CHECK(phone_class(p) == PhoneClass::rounded);
  }
  for (const char* p : {"i", "IY", "iː", "y"}) CHECK(phone_class(p) == PhoneClass::spread);
  for (const char* p : {"a", "AA", "ɑ̃"}) CHECK(phone_class(p) == PhoneClass::open);
  for (const char* p : {"t", "K", "ŋ", "nonsense"}) CHECK(phone_class(p) == PhoneClass::other);
  CHECK(phone_class("sil") == PhoneClass::silence);
}

TEST_CASE("phones by hand: what is asked, who answers, and where the error is", "[eval]") {
  const auto rig = curves::load_rig("arkit-mouth");
  const auto jaw = rig.index("jawOpen"), pucker = rig.index("mouthPucker"),
             roll = rig.index("mouthRollLower");
  auto clip = still_face(rig);
  hold(clip.target, jaw, 3, 6, 0);  // p, closed in both
  hold(clip.prediction, jaw, 3, 6, 0.01f);
  hold(clip.target, jaw, 12, 15, 0);  // m, closed in the target only
  hold(clip.target, pucker, 18, 21, 0.6f);
  hold(clip.prediction, pucker, 18, 21, 0.31f);  // u, just rounded enough
  hold(clip.target, roll, 24, 27, 0.4f);         // f, not bitten
  open_apertures(rig, clip);
  const std::vector<data::Interval> phones = {{"sil", 0, 0.1}, {"P", 0.1, 0.2},   {"spn", 0.2, 0.4},
                                              {"M", 0.4, 0.5}, {"UW1", 0.6, 0.7}, {"F", 0.8, 0.9},
                                              {"T", 0.9, 1.0}, {"K", 5, 6}};
  PhoneJudge judge(rig, {});
  judge.add(clip, 0, phones);
  judge.trained("P", 100);
  judge.trained("UW0", 40);
  judge.trained("UW1", 60);
  const auto report = judge.finish();
  CHECK(report.clips == 1);
  CHECK(report.frames == 18);  // six phones of three frames; spn is no phone, K is after the end
  const auto& bilabial = named(report.classes, "bilabial");
  CHECK(bilabial.occurrences == 2);
  CHECK(bilabial.shown == 2);
  CHECK(bilabial.answered == 1);
  CHECK(*bilabial.trained == 100);
  CHECK(named(report.classes, "rounded").answered == 1);
  CHECK(named(report.classes, "labiodental").shown == 1);
  CHECK(named(report.classes, "labiodental").answered == 0);

  const double m = 0.25 * 3, u = 0.29 * 0.29 * 3, f = 0.16 * 3, p = 1e-4 * 3;
  CHECK(*named(report.phones, "M").mse.value == Approx(m / (3 * 27)));
  CHECK(named(report.phones, "M").error_share == Approx(m / (m + u + f + p)).epsilon(1e-5));
  CHECK(*named(report.phones, "M").lips == Approx(0.5));
  CHECK(*named(report.phones, "M").trained == 0);
  CHECK(*named(report.phones, "M").saving == named(report.phones, "M").error_share);
  CHECK(*named(report.phones, "UW").trained == 100);
  CHECK(*named(report.phones, "UW").saving ==
        Approx(named(report.phones, "UW").error_share * (1 - std::sqrt(0.5))));
  CHECK(report.phones[0].name == "M");  // most to gain
  CHECK(report.phones[1].name == "F");
  const auto json = to_json(report);
  CHECK(json["phones"][0]["name"] == "M");
  CHECK(json["classes"][0]["answered"] == 1);
}

TEST_CASE("phones of a piece count from the clip's begin; clips without labels are told",
          "[eval]") {
  const auto rig = curves::load_rig("arkit-mouth");
  auto clip = still_face(rig);
  hold(clip.prediction, rig.index("jawOpen"), 0, 3, 0.7f);
  open_apertures(rig, clip);
  PhoneJudge judge(rig, {});
  judge.add(clip, 2.0, std::vector<data::Interval>{{"a", 0, 2}, {"i", 2, 2.1}, {"u", 2.1, 9}});
  judge.add(clip, 0, {});
  const auto report = judge.finish();
  CHECK(report.unlabelled_clips == 1);
  CHECK(report.phones.size() == 2);
  CHECK(report.phones[0].name == "i");
  CHECK(report.phones[0].error_share == Approx(1));
  CHECK(!report.phones[0].trained);
  CHECK(!report.phones[0].saving);
}

TEST_CASE("phones: a rig without ARKit's curves is asked for closed and open lips alone",
          "[eval]") {
  const auto rig = curves::parse_rig("name: r\ncurves: [gap]\naperture: gap\n", "r");
  ClipResult clip{"a", 30, Matrix(30, 1, 0.5f), Matrix(30, 1, 0.5f), {}, {}, {}, {}, 16000};
  open_apertures(rig, clip);
  PhoneJudge judge(rig, {});
  judge.add(clip, 0, std::vector<data::Interval>{{"u", 0, 0.5}, {"a", 0.5, 1}});
  const auto report = judge.finish();
  CHECK(named(report.classes, "rounded").shown == 0);
  CHECK(named(report.classes, "open").shown == 1);
  CHECK(named(report.classes, "open").answered == 1);
}

}  // namespace kuchi::eval
