// Each defect is put into a good set, the embedded one, and must be found there.
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "audio/audio.h"
#include "catch.h"
#include "curves/track.h"
#include "data/fixture.h"
#include "data/prepare.h"
#include "data/recipe.h"
#include "quality/findings.h"
#include "quality/fingerprint.h"
#include "quality/inspect_set.h"
#include "report/quality_page.h"
#include "synth/synth.h"

using namespace kuchi;
using namespace kuchi::quality;
namespace fs = std::filesystem;
using test::TempDir;

namespace {

constexpr int kClips = 9;

/// The embedded set, made once.
const TempDir& good_set() {
  static const TempDir dir;
  static const bool made = [] {
    synth::Options options;
    options.clips = kClips;
    options.seconds = 12;
    synth::WriteOptions write;
    write.force = true;
    write.threads = 1;
    synth::write_dataset(options, dir.path / "set", write);
    return true;
  }();
  CHECK(made);
  return dir;
}

data::Recipe good_recipe() { return data::load_recipe(good_set() / "set/recipe.yaml"); }

/// A clip of it as it was captured.
Capture good_clip(const curves::Rig& rig, size_t which = 0) {
  const auto recipe = good_recipe();
  const auto found = data::find_clips(recipe, recipe.root);
  const auto& clip = found.clips.at(which);
  curves::ReadOptions read;
  read.fps = recipe.fps;
  if (!recipe.clips.names.empty()) read.names_file = data::names_file(recipe, recipe.root);
  const auto track = curves::read_track(clip.curves, read);
  const auto mapped = curves::on_rig(track, rig, clip.curves);
  Capture out;
  out.id = clip.id;
  out.fps = track.fps;
  out.times_s = mapped.times_s;
  out.values = mapped.values;
  out.audio = audio::read(clip.audio);
  return out;
}

/// What is found in one clip with a defect; the clip without has nothing.
std::vector<Finding> found_in(const curves::Rig& rig, const Capture& capture) {
  return findings_of(measure(capture, rig), rig, {});
}

bool found(const std::vector<Finding>& findings, const std::string& kind) {
  for (const auto& f : findings) {
    if (f.kind != kind) continue;
    CHECK(f.text.find(": ") != std::string::npos);  // what it is: what to do
    CHECK(f.text.find('\n') == std::string::npos);
    return true;
  }
  return false;
}

void write_vorbis(const fs::path& file, std::vector<float> samples, int rate, double quality) {
  SF_INFO info{};
  info.samplerate = rate;
  info.channels = 1;
  info.format = SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  SNDFILE* out = sf_open(file.c_str(), SFM_WRITE, &info);
  REQUIRE(out != nullptr);
  sf_command(out, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
  CHECK(sf_writef_float(out, samples.data(), static_cast<sf_count_t>(samples.size())) ==
        static_cast<sf_count_t>(samples.size()));
  sf_close(out);
}

}  // namespace

TEST_CASE("quality: nothing is wrong with the embedded set", "[quality][slow]") {
  const auto in = inspect_recipe(good_recipe());
  CHECK(in.clips.size() == kClips);
  CHECK(in.skipped.empty());
  for (const auto& f : in.findings) {
    INFO(f.clip << ": " << f.kind << ": " << f.text);
    CHECK(f.weight == Weight::note);
  }
  for (const auto& f : in.clips) {
    INFO(f.id);
    CHECK(f.closures > 0);
    CHECK(f.missing == 0);
    CHECK(f.jitter < 0.005);
    CHECK(f.silence < 0.6);
    CHECK_FALSE(f.splits.empty());
    CHECK(f.mouth_line.size() == kPicturePoints);
  }
}

TEST_CASE("quality: dropped and held frames", "[quality]") {
  const auto rig = curves::load_rig(good_recipe().rig);
  const auto good = good_clip(rig);
  REQUIRE(found_in(rig, good).empty());
  Capture bad = good;
  bad.values = Matrix(0, rig.size());
  bad.times_s.clear();
  for (int64_t t = 0; t < good.values.rows; ++t) {
    if (t >= 60 && t < 75) continue;
    const auto row = good.values.row(t);
    bad.values.data.insert(bad.values.data.end(), row.begin(), row.end());
    bad.times_s.push_back(good.times_s[static_cast<size_t>(t)]);
    ++bad.values.rows;
  }
  const auto facts = measure(bad, rig);
  CHECK(facts.missing == 15);
  CHECK(facts.gaps == 1);
  CHECK(facts.longest_gap_s == Approx(16 / good.fps).epsilon(0.01));
  CHECK(found(found_in(rig, bad), "dropped"));

  Capture slow = good;  // every second row a copy: half the rate
  for (int64_t t = 1; t < slow.values.rows; t += 2) {
    std::copy(slow.values.row(t - 1).begin(), slow.values.row(t - 1).end(),
              slow.values.row(t).begin());
  }
  CHECK(measure(slow, rig).held > 0.3);
  CHECK(found(found_in(rig, slow), "held"));

  Capture twice = good;
  twice.repeated = good.values.rows / 4;
  CHECK(found(found_in(rig, twice), "repeated"));
}

TEST_CASE("quality: frozen curves", "[quality]") {
  const auto rig = curves::load_rig(good_recipe().rig);
  const auto good = good_clip(rig);
  const int64_t jaw = rig.index("jawOpen");
  REQUIRE(jaw >= 0);
  // the whole face, for a second and a half while somebody speaks
  Capture lost = good;
  const auto from = static_cast<int64_t>(3 * good.fps), to = static_cast<int64_t>(5 * good.fps);
  for (int64_t t = from; t < to; ++t) {
    std::copy(good.values.row(from).begin(), good.values.row(from).end(),
              lost.values.row(t).begin());
  }
  const auto findings = found_in(rig, lost);
  REQUIRE(found(findings, "frozen"));
  CHECK(measure(lost, rig).frozen_at_s == Approx(3).margin(0.1));
  // one curve, in the middle of its way
  Capture stuck = good;
  for (int64_t t = from; t < to; ++t) stuck.values(t, jaw) = 0.31F;
  const auto one = found_in(rig, stuck);
  REQUIRE(found(one, "frozen"));
  CHECK(one.front().curve == "jawOpen");
  REQUIRE(one.front().begin_s);
  CHECK(*one.front().begin_s == Approx(3).margin(0.1));
}

TEST_CASE("quality: clipped values, values outside, jitter, one side above the other",
          "[quality]") {
  const auto rig = curves::load_rig(good_recipe().rig);
  const auto good = good_clip(rig);
  const int64_t jaw = rig.index("jawOpen");
  Capture cut = good;
  for (int64_t t = 0; t < cut.values.rows; ++t) {
    cut.values(t, jaw) = std::min(1.0F, 8 * cut.values(t, jaw));
  }
  CHECK(found(found_in(rig, cut), "clipped"));

  Capture far = good;
  for (int64_t t = 0; t < far.values.rows; ++t) far.values(t, jaw) *= 100;
  const auto facts = measure(far, rig);
  CHECK(facts.outside > 0.01);
  CHECK(found(found_in(rig, far), "outside"));

  Capture trembling = good;
  Stream draw(1, "test.jitter");
  for (int64_t t = 0; t < trembling.values.rows; ++t) {
    trembling.values(t, jaw) += static_cast<float>(0.03 * draw.normal());
  }
  const auto trembles = measure(trembling, rig);
  CHECK(trembles.curves[static_cast<size_t>(jaw)].jitter == Approx(0.03).margin(0.015));
  CHECK(found(found_in(rig, trembling), "jitter"));

  Capture one_sided = good;
  const int64_t smile = rig.index("mouthSmileLeft");
  REQUIRE(smile >= 0);
  for (int64_t t = 0; t < one_sided.values.rows; ++t) one_sided.values(t, smile) += 0.3F;
  const auto sided = measure(one_sided, rig);
  REQUIRE(sided.asymmetry);
  CHECK(sided.asymmetric == "mouthSmileLeft");
  CHECK(*sided.asymmetry == Approx(0.3).margin(0.1));
  CHECK(found(found_in(rig, one_sided), "asymmetry"));
}

TEST_CASE("quality: silence, no sound, too loud, lips that never close", "[quality]") {
  const auto rig = curves::load_rig(good_recipe().rig);
  const auto good = good_clip(rig);
  Capture quiet = good;
  std::fill(quiet.audio.begin() + static_cast<int64_t>(quiet.audio.size() / 4), quiet.audio.end(),
            0.0F);
  CHECK(measure(quiet, rig).silence > 0.6);
  CHECK(found(found_in(rig, quiet), "silence"));
  Capture dead = good;
  std::fill(dead.audio.begin(), dead.audio.end(), 0.0F);
  CHECK(found(found_in(rig, dead), "silent"));
  Capture loud = good;
  float peak = 0;
  for (const float x : loud.audio) peak = std::max(peak, std::abs(x));
  for (float& x : loud.audio) x = std::clamp(x * 20 / peak, -1.0F, 1.0F);
  CHECK(found(found_in(rig, loud), "audio-clipped"));
  Capture open = good;
  const int64_t jaw = rig.index("jawOpen"), close = rig.index("mouthClose");
  for (int64_t t = 0; t < open.values.rows; ++t) {
    open.values(t, jaw) = 0.2F + 0.8F * open.values(t, jaw);
    open.values(t, close) = 0;
  }
  open.audio.resize(open.audio.size() * 2);  // longer, so that there is speech enough
  std::copy(good.audio.begin(), good.audio.end(),
            open.audio.begin() + static_cast<int64_t>(good.audio.size()));
  CHECK(found(found_in(rig, open), "closures"));
}

TEST_CASE("quality: a clip unlike the others, and a curve that is lost in one", "[quality]") {
  const auto rig = curves::load_rig(good_recipe().rig);
  std::vector<Facts> facts;
  for (size_t i = 0; i < kClips; ++i) facts.push_back(measure(good_clip(rig, i), rig));
  auto good = facts;
  for (const auto& f : findings_of_set(good, rig, {})) CHECK(f.weight == Weight::note);

  Capture other = good_clip(rig, 4);  // as if captured without a neutral face
  for (auto& v : other.values.data) v = std::min(1.0F, 0.4F + 0.6F * v);
  facts[4] = measure(other, rig);
  const auto found_odd = findings_of_set(facts, rig, {});
  REQUIRE(found(found_odd, "outlier"));
  for (const auto& f : found_odd) {
    if (f.kind == "outlier") CHECK(f.clip == facts[4].id);
  }

  facts[4] = good[4];
  Capture without = good_clip(rig, 2);
  const int64_t pucker = rig.index("mouthPucker");
  for (int64_t t = 0; t < without.values.rows; ++t) without.values(t, pucker) = 0;
  facts[2] = measure(without, rig);
  const auto frozen = findings_of_set(facts, rig, {});
  REQUIRE(found(frozen, "frozen"));
  CHECK(frozen.front().curve == "mouthPucker");
}

TEST_CASE("quality: duplicates are found through a codec, a gain, a cut and another rate",
          "[quality][slow]") {
  const TempDir dir;
  std::vector<std::vector<uint32_t>> words;
  std::vector<Matrix> shapes;
  const auto rig = curves::load_rig(good_recipe().rig);
  std::vector<Capture> clips;
  for (size_t i = 0; i < kClips; ++i) {
    clips.push_back(good_clip(rig, i));
    words.push_back(sound_words(clips.back().audio));
    shapes.push_back(curve_shape(clips.back().values, clips.back().times_s, clips.back().fps));
  }
  CHECK(same_sounds(words).empty());
  CHECK(same_curves(shapes, 0.98).empty());

  auto softer = clips[3].audio;
  for (float& x : softer) x *= 0.3F;
  write_vorbis(dir / "copy.ogg", audio::resample(softer, 16000, 22050), 22050, 0.1);
  words.push_back(sound_words(audio::read(dir / "copy.ogg")));
  const std::vector<float> part(clips[5].audio.begin() + 40000, clips[5].audio.begin() + 120000);
  write_vorbis(dir / "part.ogg", part, 16000, 0.2);
  words.push_back(sound_words(audio::read(dir / "part.ogg")));
  const auto sounds = same_sounds(words);
  REQUIRE(sounds.size() == 2);
  CHECK(sounds[0].a == 3);
  CHECK(sounds[0].b == kClips);
  CHECK(std::abs(sounds[0].shift_s) < 0.05);
  CHECK(sounds[0].share > 0.9);
  CHECK(sounds[1].a == 5);
  CHECK(sounds[1].b == kClips + 1);
  CHECK(sounds[1].shift_s == Approx(2.5).margin(0.05));

  // the curves at another rate and with two decimals
  curves::Track track;
  track.names = rig.names();
  track.times_s = clips[3].times_s;
  track.values = clips[3].values;
  track.fps = clips[3].fps;
  Matrix other = curves::resample(track, 25, static_cast<int64_t>(25 * track.times_s.back()));
  for (auto& v : other.data) v = std::round(v * 100) / 100;
  shapes.push_back(curve_shape(other, {}, 25));
  const auto curves_same = same_curves(shapes, 0.98);
  REQUIRE(curves_same.size() == 1);
  CHECK(curves_same[0].a == 3);
  CHECK(curves_same[0].b == kClips);

  // across splits it is an error, within one a warning
  std::vector<Facts> facts(kClips + 1);
  for (size_t i = 0; i < facts.size(); ++i) {
    facts[i].id = cat("clip", i);
    facts[i].splits = {"train"};
  }
  const std::vector<Same> same = {{3, kClips, 0, 1, 0.9}};
  CHECK(findings_of_same(facts, same, curves_same)[0].weight == Weight::warning);
  facts[kClips].splits = {"test"};
  const auto leak = findings_of_same(facts, same, curves_same);
  REQUIRE(leak.size() == 1);
  CHECK(leak[0].weight == Weight::error);
  CHECK(test::has(leak[0].text, "sound and curves"));
}

TEST_CASE("quality: a recipe with a double, and the store made of it, tell it in all ways",
          "[quality][slow]") {
  const TempDir dir;
  fs::copy(good_set() / "set", dir / "set", fs::copy_options::recursive);
  auto recipe = data::load_recipe(dir / "set/recipe.yaml");
  const auto found_clips = data::find_clips(recipe, recipe.root);
  const auto& first = found_clips.clips.at(0);
  const auto beside = [&](const fs::path& file) {
    std::string name = file.filename().string();
    const auto at = name.find(first.id);
    REQUIRE(at != std::string::npos);
    return file.parent_path() / name.replace(at, first.id.size(), first.id + "_again");
  };
  fs::copy(first.audio, beside(first.audio));
  fs::copy(first.curves, beside(first.curves));
  recipe.split.by = data::SplitBy::list;
  recipe.split.valid_ids = {};
  recipe.split.test_ids = {first.id + "_again"};
  const auto check = [&](const Inspection& in) {
    REQUIRE_FALSE(in.findings.empty());
    CHECK(in.findings[0].kind == "duplicate");
    CHECK(in.findings[0].weight == Weight::error);
    CHECK(in.findings[0].clip == first.id + "_again");
    const auto json = to_json(in);
    CHECK(json["clips"].size() == kClips + 1);
    CHECK(json["findings"][0]["kind"] == "duplicate");
    std::ostringstream table;
    report::print_quality(table, in);
    CHECK(test::has(table.str(), "error: "));
    const auto page = report::quality_html(in);
    CHECK(test::has(page, "<svg"));
    CHECK_FALSE(test::has(page, "{{"));
    CHECK_FALSE(test::has(page, "<script"));
  };
  check(inspect_recipe(recipe));
  data::prepare(recipe, {}, {}, dir / "store.h5");
  check(inspect_store(data::Store::open(dir / "store.h5")));
}

TEST_CASE("quality: a clip that cannot be read may be on the split's list", "[quality]") {
  test::SmallSet set({"a", "b", "c", "d"});
  test::write(set.dir / "wav/d.wav", "no sound");
  set.recipe("split: {by: list, valid: [b], test: [c, d]}\n");
  const auto in = inspect_recipe(data::load_recipe(set.file()));
  REQUIRE(in.skipped.size() == 1);
  CHECK(in.skipped[0].id == "d");
  REQUIRE(in.clips.size() == 3);
  CHECK(in.clips[1].splits == std::vector<std::string>{"valid"});
  CHECK(in.clips[2].splits == std::vector<std::string>{"test"});
  // A name that no clip has is told before any is read.
  fs::remove(set.dir / "names.txt");
  set.recipe("split: {by: list, valid: [b], test: [e]}\n");
  const auto e = test::caught([&] { inspect_recipe(data::load_recipe(set.file())); });
  CHECK(e.code == 2);
  CHECK(e.has("the list names \"e\""));
}

TEST_CASE("quality: what cannot be read stands among the errors, by clip", "[quality]") {
  const test::SmallSet set({"a", "b", "c", "d"});
  audio::write_wav(set.dir / "wav/b.wav", std::vector<float>(52800, 0.0F));
  for (const char* id : {"a", "d"}) test::write(set.dir / cat("wav/", id, ".wav"), "no sound");
  const auto in = inspect_recipe(data::load_recipe(set.file()));
  std::vector<std::string> errors;
  for (const auto& f : in.findings) {
    if (f.weight == Weight::error) errors.push_back(f.clip + " " + f.kind);
  }
  REQUIRE(errors.size() >= 3);
  CHECK(errors.front() == "a skipped");
  CHECK(errors.back() == "d skipped");
  CHECK(std::is_sorted(errors.begin(), errors.end()));
}

TEST_CASE("quality: no name of the data is read as HTML", "[quality]") {
  Inspection in;
  in.name = "<script>alert(1)</script>";
  in.rig = curves::load_rig("arkit-mouth");
  Facts facts;
  facts.id = "a\"><img src=x>&'";
  facts.seconds = 1;
  facts.fps = 30;
  facts.curves.resize(static_cast<size_t>(in.rig.size()));
  in.clips = {facts};
  in.findings = {{"skipped", Weight::error, facts.id, "<b>{{style}}</b>"}};
  const auto page = report::quality_html(in);
  CHECK_FALSE(test::has(page, "<script"));
  CHECK_FALSE(test::has(page, "<img"));
  CHECK(test::has(page, "&lt;b&gt;{{style}}"));
}

TEST_CASE("quality: real recordings give sensible findings", "[quality][slow]") {
  const fs::path root = fs::path(KUCHI_SOURCE_DIR) / "../shared/data/facegood";
  if (!fs::exists(root)) {
    WARN("skipped: no " << root.string());
    return;
  }
  const auto in =
      inspect_recipe(data::load_recipe(fs::path(KUCHI_SOURCE_DIR) / "datasets/facegood.yaml"));
  CHECK(in.clips.size() == 5);
  CHECK(in.skipped.empty());
  for (const auto& f : in.clips) {
    INFO(f.id);
    CHECK(f.missing == 0);
    CHECK(f.jitter < 0.02);
    REQUIRE(f.closures_per_min);
    CHECK(*f.closures_per_min > 3);
  }
  for (const auto& f : in.findings) {
    INFO(f.clip << ": " << f.kind << ": " << f.text);
    CHECK(f.weight != Weight::error);
    CHECK(f.kind != "duplicate");
  }
}
