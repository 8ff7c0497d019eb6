// The mouth of a video: its outlines are the page's, and its pictures show what the channels say.
#include "report/video.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audio/audio.h"
#include "catch.h"
#include "caught.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "report/cairo_handles.h"
#include "report/mouth_picture.h"
#include "report/mouth_shape.h"

/// For the leak sanitizer, which asks: fontconfig, through which cairo finds fonts, keeps what it
/// has read until the process ends.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libfontconfig\n";
}

namespace kuchi::report {
namespace {

using Golden = nlohmann::json;

std::filesystem::path golden_folder() {
  return std::filesystem::path(KUCHI_SOURCE_DIR) / "tests/golden";
}

Golden mouth_golden(const std::filesystem::path& file) {
  return Golden::parse(std::ifstream(file));
}

double farthest_point(const Golden& flat, std::span<const MouthPoint> points) {
  double out =
      std::abs(static_cast<double>(flat.size()) - 2.0 * static_cast<double>(points.size()));
  for (size_t i = 0; i < points.size(); ++i) {
    out = std::max(out, std::abs(flat.at(2 * i).get<double>() - points[i].x));
    out = std::max(out, std::abs(flat.at(2 * i + 1).get<double>() - points[i].y));
  }
  return out;
}

using Channels = std::vector<std::pair<size_t, double>>;

MouthPose posed(const Channels& channels) {
  MouthPose pose{};
  for (const auto& [channel, value] : channels) pose[channel] = value;
  return pose;
}

/// A mouth's picture, 340 x 310: about a pixel a unit, the origin at (170, 119).
class MouthImage {
 public:
  static constexpr int kWidth = 340, kHeight = 310;
  explicit MouthImage(const Channels& channels) : pixels_(kWidth * kHeight) {
    const CairoSurface surface(
        cairo_image_surface_create_for_data(reinterpret_cast<unsigned char*>(pixels_.data()),
                                            CAIRO_FORMAT_RGB24, kWidth, kHeight, 4 * kWidth));
    const CairoContext context(cairo_create(surface.get()));
    const MouthBox box{0, 0, kWidth, kHeight};
    draw_face(context.get(), box);
    draw_mouth(context.get(), box, mouth_shape(posed(channels)));
    REQUIRE(cairo_status(context.get()) == CAIRO_STATUS_SUCCESS);
    cairo_surface_flush(surface.get());
  }
  int part(int x, int y, int shift) const {
    return static_cast<int>(pixels_[static_cast<size_t>(y * kWidth + x)] >> shift & 255);
  }
  double grey(int x, int y) const { return (part(x, y, 16) + part(x, y, 8) + part(x, y, 0)) / 3.0; }
  /// Mean of a square with its middle so far right of and below the origin.
  double around(int right, int below) const {
    double sum = 0;
    for (int y = -4; y <= 4; ++y) {
      for (int x = -4; x <= 4; ++x) sum += grey(170 + right + x, 119 + below + y);
    }
    return sum / 81;
  }
  /// Mean difference to its own mirror image.
  double askew() const {
    double sum = 0;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) sum += std::abs(grey(x, y) - grey(kWidth - 1 - x, y));
    }
    return sum / (kWidth * kHeight);
  }

 private:
  std::vector<uint32_t> pixels_;
};

/// A second of a mouth that opens at half a second, from one curve frame to the next.
Page opening_page(const std::string& rig = "arkit-mouth", size_t tracks = 1) {
  Page page;
  page.rig = curves::load_rig(rig);
  const std::vector<std::string> names = {"target", "curves", "other"};
  page.tracks = {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(tracks)};
  PageClip clip;
  clip.id = "take \xff.wav";  // no UTF-8, as a file's name may be
  clip.fps = 30;
  clip.audio.assign(16000, 0.25F);
  Matrix track(30, page.rig.size());
  for (int64_t t = 15; t < 30; ++t) track(t, page.rig.index("jawOpen")) = 1;
  clip.tracks.assign(tracks, track);
  page.clips.push_back(std::move(clip));
  return page;
}

double grey_at(const VideoFrames& frames, std::span<const uint32_t> picture, int x, int y) {
  const uint32_t rgb = picture[static_cast<size_t>(y * frames.width() + x)];
  return static_cast<double>((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 3;
}

}  // namespace

TEST_CASE("mouth shape: every outline is the page's own", "[report]") {
  const auto golden = mouth_golden(golden_folder() / "mouth.json");
  REQUIRE(golden.at("channels").size() == kMouthChannels.size());
  REQUIRE(golden.at("shapes").size() > 30);
  for (const auto& g : golden.at("shapes")) {
    MouthPose pose;
    for (size_t i = 0; i < pose.size(); ++i) {
      REQUIRE(golden.at("channels").at(i) == std::string(kMouthChannels[i]));
      pose[i] = g.at("pose").at(i);
    }
    const auto s = mouth_shape(pose);
    INFO(g.at("pose"));
    CHECK(farthest_point(g.at("upper_inner"), s.upper_inner) < 1e-5);
    CHECK(farthest_point(g.at("lower_inner"), s.lower_inner) < 1e-5);
    CHECK(farthest_point(g.at("upper_outer"), s.upper_outer) < 1e-5);
    CHECK(farthest_point(g.at("lower_outer"), s.lower_outer) < 1e-5);
    CHECK(farthest_point(g.at("ends"), std::array{s.left_end, s.right_end, s.jaw}) < 1e-5);
    const std::array rest = {s.middle,     s.tongue,      s.round,   s.puff,
                             s.smile_left, s.smile_right, s.opening, s.chin_up};
    for (size_t i = 0; i < rest.size(); ++i) {
      CHECK(g.at("rest").at(i).get<double>() == Approx(rest[i]).margin(1e-5));
    }
  }
}

TEST_CASE("mouth shape: the golden numbers are those of the page's program today", "[report]") {
  const TemporaryFolder folder("kuchi-test");
  const auto now = folder.path() / "mouth.json";
  if (std::system("node --version > /dev/null 2>&1") != 0) {
    WARN("skipped: no node in PATH");
    return;
  }
  REQUIRE(std::system(cat("node '", (golden_folder() / "make_mouth.js").string(), "' > '",
                          now.string(), "'")
                          .c_str()) == 0);
  CHECK(mouth_golden(now) == mouth_golden(golden_folder() / "mouth.json"));
}

TEST_CASE("mouth picture: an open jaw shows a dark cavity, closed lips do not", "[report]") {
  const MouthImage closed({}), open({{mouth_channel("jawOpen"), 0.8}});
  CHECK(closed.around(0, 40) > 120);  // skin under the lower lip
  CHECK(open.around(0, 40) < 50);
  const MouthImage pressed({{mouth_channel("jawOpen"), 0.5}, {mouth_channel("mouthClose"), 0.5}});
  CHECK(pressed.around(0, 40) > 90);  // lips that meet lower
  const MouthImage out({{mouth_channel("jawOpen"), 0.6}, {mouth_channel("tongueOut"), 1}});
  CHECK(out.around(0, 60) > open.around(0, 60) + 40);
}

TEST_CASE("mouth picture: what is alike on both sides is drawn alike", "[report]") {
  const Channels both = {{mouth_channel("jawOpen"), 0.5},
                         {mouth_channel("mouthSmileLeft"), 0.7},
                         {mouth_channel("mouthSmileRight"), 0.7},
                         {mouth_channel("mouthUpperUpLeft"), 0.4},
                         {mouth_channel("mouthUpperUpRight"), 0.4}};
  CHECK(MouthImage({}).askew() < 0.2);
  CHECK(MouthImage(both).askew() < 0.2);
  CHECK(MouthImage({{mouth_channel("mouthSmileLeft"), 1}}).askew() > 1);
  // The face's left is the viewer's right: the corner goes up there.
  const auto smile = mouth_shape(posed({{mouth_channel("mouthSmileLeft"), 1}}));
  CHECK(smile.right_end.y < smile.left_end.y - 20);
}

TEST_CASE("video frames: as many as the sound is long, and mouths at their times", "[report]") {
  VideoFrames frames(opening_page(), {});
  CHECK(frames.fps() == 30);
  CHECK(frames.frames() == 30);
  CHECK(frames.width() == 540);
  CHECK(frames.height() == 540);
  CHECK(grey_at(frames, frames.draw(14), 270, 240) > 100);
  CHECK(grey_at(frames, frames.draw(15), 270, 240) < 60);

  VideoFrames fast(opening_page(), {.fps = 120, .width = 320, .height = 320});
  CHECK(fast.frames() == 120);
  int dark = 0;
  double before = 255;
  for (int64_t j = 56; j <= 60; ++j) {  // frames 14 and 15 of the curves, and between
    const double now = grey_at(fast, fast.draw(j), 160, 142);
    CHECK(now < before + 40);
    before = now;
    dark += now < 60 ? 1 : 0;
  }
  CHECK(dark >= 1);
  CHECK(dark <= 4);
}

TEST_CASE("video frames: the cursor goes from one end of the waveform to the other", "[report]") {
  VideoFrames frames(opening_page("arkit-mouth", 2), {.width = 640, .height = 360});
  CHECK(frames.width() == 640);
  const auto cursor = [&](int64_t j) {
    const auto picture = frames.draw(j);
    double darkest = 255;
    int at = -1;
    for (int x = 0; x < frames.width(); ++x) {
      const double grey = grey_at(frames, picture, x, 308);  // in the waveform's upper part
      if (grey < darkest) darkest = grey, at = x;
    }
    return at;
  };
  const int begin = cursor(0), middle = cursor(15), last = cursor(29);
  CHECK(begin < 15);
  CHECK(std::abs(middle - 320) <= 2);
  CHECK(last > 590);
}

TEST_CASE("video frames: the rate is the curves' own where films have such rates", "[report]") {
  const auto rate_of = [](double curves, double asked = 0) {
    auto page = opening_page();
    page.clips[0].fps = curves;
    return VideoFrames(page, {.fps = asked, .width = 128, .height = 128}).fps();
  };
  CHECK(rate_of(60) == 60);
  CHECK(rate_of(29.9991) == 30);
  CHECK(rate_of(29.97) == 29.97);
  CHECK(rate_of(100) == 30);
  CHECK(rate_of(10) == 30);
  CHECK(rate_of(10, 50) == 50);
}

TEST_CASE("video frames: one, two or three mouths stand side by side", "[report]") {
  VideoFrames two(opening_page("arkit-mouth", 2), {}), three(opening_page("arkit-mouth", 3), {});
  CHECK(two.width() == 960);
  CHECK(three.width() == 1440);
  const auto mouths_of = [](VideoFrames& frames) {  // open mouths that a line through them meets
    const auto picture = frames.draw(20);
    int count = 0;
    bool inside = false;
    for (int x = 0; x < frames.width(); ++x) {
      const bool dark = grey_at(frames, picture, x, 235) < 60;
      count += dark && !inside ? 1 : 0;
      inside = dark;
    }
    return count;
  };
  CHECK(mouths_of(two) == 2);
  CHECK(mouths_of(three) == 3);
}

TEST_CASE("video: sizes and names that are none", "[report]") {
  VideoOptions options;
  set_size(options, "640x360");
  CHECK(options.width == 640);
  CHECK(options.height == 360);
  for (const char* text : {"", "640", "640x", "641x360", "640x361", "64x64", "9000x540", "axb",
                           "640x360x2", "-640x360"}) {
    INFO(text);
    const auto refused = test::caught([&] { set_size(options, text); });
    CHECK(refused.code == 2);
    CHECK(refused.has("960x540"));
  }
  CHECK(test::caught([] { check_video_name("a.mp4"); }).code == 0);
  CHECK(test::caught([] { check_video_name("a.mkv"); }).has("name it a.mp4"));
}

TEST_CASE("video: a rig without a mouth has nothing to film", "[report]") {
  Page page;
  page.rig = curves::parse_rig("name: own\ncurves: [wave]\naperture: wave\n", "own.yaml");
  const auto refused = test::caught([&] { write_video("x.mp4", page, "x.wav", {}); });
  CHECK(refused.code == 3);
  CHECK(refused.has("to_arkit"));
}

}  // namespace kuchi::report
