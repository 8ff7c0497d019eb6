#include "report/page.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "report/mouth.h"
#include "report/page_files.h"
#include "report/page_json.h"

namespace kuchi::report {
namespace {

using Json = nlohmann::json;

Page small_page(const std::string& rig = "arkit-mouth") {
  Page page;
  page.title = "a run";
  page.lead = "what it is";
  page.rig = curves::load_rig(rig);
  page.tracks = {"target", "prediction"};
  PageClip clip;
  clip.id = "one";
  clip.fps = 30;
  clip.audio.assign(16000, 0.25f);
  for (const float phase : {0.0f, 0.5f}) {
    Matrix track(30, page.rig.size());
    for (int64_t t = 0; t < track.rows; ++t) {
      for (int64_t c = 0; c < track.cols; ++c) {
        track(t, c) = 0.5f + 0.4f * std::sin(0.3f * static_cast<float>(t + c) + phase);
      }
    }
    clip.tracks.push_back(std::move(track));
  }
  page.clips.push_back(std::move(clip));
  return page;
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// The page's data as a browser takes them: up to the first end of a script element.
Json data_of(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const auto begin = html.find(open) + open.size();
  return Json::parse(html.substr(begin, html.find("</script", begin) - begin));
}

std::vector<uint8_t> from_base64(const std::string& text) {
  std::map<char, int> value;
  int next = 0;
  for (const char c :
       std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
    value[c] = next++;
  }
  std::vector<uint8_t> out;
  int bits = 0, held = 0;
  for (const char c : text) {
    if (c == '=') break;
    held = (held << 6 | value.at(c)) & 0xffffff;
    bits += 6;
    if (bits >= 8) out.push_back(static_cast<uint8_t>(held >> (bits -= 8)));
  }
  return out;
}

TEST_CASE("page: other runs' trainings stand beside its own", "[report]") {
  auto page = small_page();
  page.epochs = {{1, 0.5, 1e-3, true, {{"mse", 0.2}}, 1500.0, {}}};
  page.others = {
      {"</script>b", {{1, 0.4, 1e-3, false, {}, {}, {}}, {2, 0.3, {}, true, {}, {}, {}}}}};
  const auto data = data_of(to_html(page));
  CHECK(data.at("epochs").at(0).at("speed") == 1500);
  REQUIRE(data.at("others").size() == 1);
  const auto& other = data.at("others").at(0);
  CHECK(other.at("name") == "</script>b");
  REQUIRE(other.at("epochs").size() == 2);
  CHECK(other.at("epochs").at(1).at("loss") == 0.3);
  CHECK(other.at("epochs").at(0).at("speed").is_null());
}

}  // namespace

TEST_CASE("page: nothing in the data is read as HTML or as a program", "[report]") {
  const std::string evil = "</script><script>alert(1)</script><!--<b>&\"' \u2028 {{nonce}}";
  auto plain = small_page();
  auto page = small_page();
  page.title = page.lead = page.clips[0].id = page.clips[0].about = page.worst_note = evil;
  page.provenance.licence = evil;
  page.facts = {{evil, {{evil, evil}}}};

  const auto html = to_html(page);

  CHECK(count(html, "<script") == count(to_html(plain), "<script"));
  CHECK(count(html, "</script") == count(to_html(plain), "</script"));
  CHECK(count(html, "alert(1)</script>") == 0);
  CHECK(count(html, "\u2028") == 1);  // in the title, where it is text
  const auto data = data_of(html);
  CHECK(data.at("title") == evil);
  CHECK(data.at("clips")[0].at("id") == evil);
  CHECK(data.at("facts")[0][0] == evil);
}

TEST_CASE("page: text that is no UTF-8 does not stop it", "[report]") {
  auto page = small_page();
  page.clips[0].id = "take\xff.wav";
  CHECK(data_of(to_html(page)).at("clips")[0].at("id") == "take\uFFFD.wav");
}

TEST_CASE("page: one file that asks for nothing", "[report]") {
  const auto html = to_html(small_page());
  CHECK(html.find("default-src 'none'") != std::string::npos);
  for (const char* bad : {"https://", "src=\"", "@import", "url(", "fetch(", "XMLHttpRequest",
                          "'unsafe-inline'", "innerHTML", "eval("}) {
    INFO(bad);
    CHECK(html.find(bad) == std::string::npos);
  }
  CHECK(count(html, "http://") == count(html, "http://www.w3.org/2000/svg"));  // a name, no address
  CHECK(html.find("{{") == std::string::npos);
}

TEST_CASE("page: only what bears the page's own word may run, and other data have another word",
          "[report]") {
  const auto word = [](const std::string& html) {
    const auto at = html.find("script-src 'nonce-") + 18;
    return html.substr(at, html.find('\'', at) - at);
  };
  auto page = small_page();
  const auto html = to_html(page);
  const auto first = word(html);
  CHECK(first.size() == 32);
  CHECK(count(html, "nonce=\"" + first + "\"") == 2);  // one style, one program
  CHECK(to_html(page) == html);                        // the same data, the same bytes
  page.clips[0].tracks[0](3, 3) += 0.1f;
  CHECK(word(to_html(page)) != first);
}

TEST_CASE("page: curves come back to a 131070th of what they go through", "[report]") {
  const auto page = small_page();
  const auto& clip = page.clips[0];

  const auto json = page_json(page).at("clips")[0];

  REQUIRE(json.at("frames") == 30);
  for (size_t k = 0; k < 2; ++k) {
    const auto bytes = from_base64(json.at("tracks")[k].at("curves"));
    REQUIRE(bytes.size() == clip.tracks[k].data.size() * 2);
    for (int64_t c = 0; c < page.rig.size(); ++c) {
      const double low = json.at("spans")[static_cast<size_t>(c)][0];
      const double span = double(json.at("spans")[static_cast<size_t>(c)][1]) - low;
      for (int64_t t = 0; t < 30; ++t) {
        const auto at = static_cast<size_t>(2 * (c * 30 + t));
        const double value = low + span * (bytes[at] + 256 * bytes[at + 1]) / 65535;
        REQUIRE(std::abs(value - double{clip.tracks[k](t, c)}) <= span / 131070 * 1.001);
      }
    }
  }
}

TEST_CASE("page: the mouth's channels are ARKit's, in 255ths, by name", "[report]") {
  const auto rig = curves::load_rig("kuchi26");
  Matrix values(1, rig.size());
  values(0, rig.index("jaw_open")) = 0.4f;
  values(0, rig.index("mouth_side")) = -0.6f;

  const auto bytes = mouth_bytes(rig, values);

  REQUIRE(bytes.size() == kMouthChannels.size());
  const auto at = [&](std::string_view name) {
    for (size_t i = 0; i < kMouthChannels.size(); ++i) {
      if (kMouthChannels[i] == name) return int{bytes[i]};
    }
    return -1;
  };
  CHECK(at("jawOpen") == 102);
  CHECK(at("mouthRight") == 153);
  CHECK(at("mouthLeft") == 0);
  CHECK(at("tongueOut") == 0);
}

TEST_CASE("page: a rig without ARKit curves has no mouth but all its curves", "[report]") {
  auto page = small_page();
  page.rig = curves::parse_rig("name: own\ncurves: [wave, tide]\naperture: wave\n", "own.yaml");
  for (auto& track : page.clips[0].tracks) track = Matrix(30, 2, 0.5f);
  CHECK_FALSE(draws_a_mouth(page.rig));
  const auto json = page_json(page);
  CHECK(json.at("mouth_channels").empty());
  CHECK_FALSE(json.at("clips")[0].at("tracks")[0].contains("mouth"));
  CHECK(json.at("clips")[0].at("tracks")[0].contains("curves"));
  CHECK(draws_a_mouth(curves::load_rig("facegood")));
}

TEST_CASE("page: what was not measured or not stated is left out", "[report]") {
  const auto json = page_json(small_page());
  CHECK(json.at("suite").is_null());
  for (const char* key : {"provenance", "epochs", "probe", "worst", "facts"}) {
    INFO(key);
    CHECK(json.at(key).empty());
  }
}

TEST_CASE("seconds: the error is a share of the range, and the worst second comes first",
          "[report]") {
  const auto rig = curves::parse_rig(
      "name: own\ncurves: [a, {name: b, range: [0, 2]}]\naperture: a\n", "own.yaml");
  Matrix target(25, 2), prediction(25, 2);  // 2.5 s at 10 frames/s
  for (int64_t t = 10; t < 20; ++t) prediction(t, 1) = 0.4f;
  prediction(3, 0) = 0.1f;

  const auto all = seconds_of(7, rig, target, prediction, 10);
  const auto worst = worst_seconds(all, 2);

  REQUIRE(all.size() == 3);  // the last half second counts
  REQUIRE(worst.size() == 2);
  CHECK(worst[0].clip == 7);
  CHECK(worst[0].begin_s == Approx(1.0));
  CHECK(worst[0].error == Approx(std::sqrt(0.2 * 0.2 / 2)));  // 0.4 of a range of 2, on one of two
  CHECK(worst[0].curves[0] == 1);
  CHECK(worst[1].begin_s == Approx(0.0));
  CHECK(worst[1].error == Approx(std::sqrt(0.1 * 0.1 / 10 / 2)));
}

TEST_CASE("seconds: a clip shorter than one has one, a short rest is left out", "[report]") {
  const auto rig = curves::parse_rig("name: own\ncurves: [a]\naperture: a\n", "own.yaml");
  CHECK(seconds_of(0, rig, Matrix(3, 1), Matrix(3, 1), 10).size() == 1);
  CHECK(seconds_of(0, rig, Matrix(14, 1), Matrix(14, 1), 10).size() == 1);
}

}  // namespace kuchi::report
