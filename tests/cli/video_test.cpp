// kuchi preview --video: with an ffmpeg that only notes what it is given, and with the real one
// where the machine has it.
#include "program.h"
#include "variable.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Two seconds of a tone that begins at one second, as the mouth opens (frame 30 of 60).
struct Opening {
  TempDir dir;
  fs::path wav = dir / "take.wav", csv = dir / "take.csv", rig = dir / "jaw.yaml",
           film = dir / "take.mp4", tools = dir / "tools", temporary = dir / "tmp";
  Opening() {
    auto samples = tone(32000, 1);
    std::fill(samples.begin(), samples.begin() + 16000, 0.0F);
    audio::write_wav(wav, samples);
    std::string rows = "time,jawOpen\n";
    for (int t = 0; t < 60; ++t) rows += cat(t / 30.0, ",", t < 30 ? 0 : 1, "\n");
    write(csv, rows);
    write(rig, "name: jaw\ncurves: [jawOpen]\naperture: jawOpen\n");
    fs::create_directories(tools);
    fs::create_directories(temporary);
  }
  void ffmpeg_does(const std::string& lines) const {
    write(tools / "ffmpeg", "#!/bin/sh\n" + lines + "\n");
    fs::permissions(tools / "ffmpeg", fs::perms::owner_all);
  }
  std::vector<std::string> line(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> out = {"preview", wav.string(), csv.string(),
                                    "--rig",   rig.string(), "-q"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  std::string path() const { return tools.string() + ":/bin:/usr/bin"; }
  /// Files in its folder: what a refused video must not add to.
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::recursive_directory_iterator(dir.path),
                                             fs::recursive_directory_iterator()));
  }
};

const char* const kNotes =
    "here=$(dirname \"$0\"); printf '%s\\n' \"$@\" > $here/called; wc -c > $here/bytes\n"
    "for last; do :; done; echo film > \"${last#file:}\"";

}  // namespace

TEST_CASE("cli: preview --video gives ffmpeg every picture and the sound", "[cli]") {
  NEEDS_PROGRAM();
  const Opening take;
  take.ffmpeg_does(kNotes);
  const Variable path("PATH", take.path()), tmp("TMPDIR", take.temporary.string());
  const auto ran = call(take.line({"--video", take.film.string()}), take.dir.path);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out == take.film.string() + "\n");
  CHECK(ran.err.empty());
  CHECK(content(take.film) == "film\n");
  CHECK_FALSE(fs::exists(take.dir / "take.html"));
  CHECK(fs::is_empty(take.temporary));
  CHECK(std::stoll(content(take.tools / "bytes")) == 60LL * 540 * 540 * 4);
  const auto called = content(take.tools / "called");
  for (const char* part : {"-video_size\n540x540\n", "-framerate\n30\n", "libx264", "yuv420p",
                           "+faststart", "-c:a\naac\n"}) {
    INFO(part);
    CHECK(called.find(part) != std::string::npos);
  }

  const auto again = call(take.line({"--video", take.film.string()}));
  CHECK(again.code == 2);
  CHECK(again.err.find("--force") != std::string::npos);
  const auto page = (take.dir / "page.html").string();
  const auto both =
      call(take.line({"--video", take.film.string(), "--out", page, "--force", "--video-fps",
                      "12.5", "--video-size", "320x200", "--target", take.csv.string()}));
  INFO(both.err);
  REQUIRE(both.code == 0);
  CHECK(both.out == take.film.string() + "\n" + page + "\n");
  CHECK(fs::exists(page));
  CHECK(std::stoll(content(take.tools / "bytes")) == 25LL * 320 * 200 * 4);
}

TEST_CASE("cli: preview --video that ffmpeg does not make leaves nothing", "[cli]") {
  NEEDS_PROGRAM();
  const Opening take;
  const auto page = (take.dir / "page.html").string();
  const auto line = take.line({"--video", take.film.string(), "--out", page});
  const Variable tmp("TMPDIR", take.temporary.string());
  {
    const auto before = take.files();
    const Variable path("PATH", take.tools.string());
    const auto none = call(line);
    CHECK(none.code == 5);
    CHECK(none.one_sentence());
    CHECK(none.err.find("none is found in PATH; install ffmpeg") != std::string::npos);
    CHECK(take.files() == before);
  }
  const Variable path("PATH", take.path());
  const std::vector<std::pair<std::string, std::string>> ways = {
      {"echo \"Unknown encoder 'libx264'\" >&2; exit 1", "Unknown encoder 'libx264'"},
      {"for last; do :; done; echo half > \"${last#file:}\"; exec head -c 99 > /dev/null",
       "does not say why"},
      {"cat > /dev/null; exit 0", "does not say why"},
      {"cat > /dev/null; echo 'av_write(): No space left on device' >&2; exit 1", "make room"}};
  for (const auto& [does, says] : ways) {
    take.ffmpeg_does(does);
    const auto before = take.files();
    const auto failed = call(line);
    INFO(does << "\n" << failed.err);
    CHECK(failed.code == 5);
    CHECK(failed.one_sentence());
    CHECK(failed.err.find(says) != std::string::npos);
    CHECK(failed.err.find("take.mp4") != std::string::npos);
    CHECK(take.files() == before);
  }
}

TEST_CASE("cli: preview --video interrupted, with an ffmpeg that hangs", "[cli]") {
  NEEDS_PROGRAM();
  const Opening take;
  take.ffmpeg_does(
      "echo $$ > $(dirname \"$0\")/pid.part; mv $(dirname \"$0\")/pid.part $(dirname "
      "\"$0\")/pid; exec sleep 60");
  const Variable path("PATH", take.path()), tmp("TMPDIR", take.temporary.string());
  Started program(take.line({"--video", take.film.string()}), take.dir.path);
  for (int i = 0; i < 600 && !fs::exists(take.tools / "pid"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  REQUIRE(fs::exists(take.tools / "pid"));
  program.send(SIGINT);
  const auto ran = program.end();
  CHECK(ran.code == 130);
  CHECK_FALSE(fs::exists(take.film));
  for (const auto& left : fs::directory_iterator(take.temporary)) {
    CHECK(left.path().filename().string().rfind("kuchi-video", 0) != 0);
  }
  CHECK(kill(std::stoi(content(take.tools / "pid")), 0) != 0);  // ended with it
}

TEST_CASE("cli: preview --video refuses what cannot be one before any work", "[cli]") {
  NEEDS_PROGRAM();
  const Opening take;
  const auto film = take.film.string();
  const auto refused = [&](const std::vector<std::string>& more, int code, const char* says) {
    const auto ran = call(take.line(more), take.dir.path);
    INFO(join(more, " ") << "\n" << ran.err);
    CHECK(ran.code == code);
    CHECK(ran.err.find(says) != std::string::npos);
  };
  refused({"--video", (take.dir / "take.mkv").string()}, 2, "name it take.mp4");
  refused({"--video", film, "--out", film}, 2, "name two");
  refused({"--video", film, "--video-size", "321x200"}, 2, "even");
  refused({"--video", film, "--video-fps", "0.5"}, 2, "--video-fps");
  refused({"--video", film, "--video-fps", "121"}, 2, "--video-fps");
  refused({"--video-size", "320x200"}, 2, "--video");
  write(take.dir / "own.yaml", "name: own\ncurves: [wave]\naperture: wave\n");
  write(take.dir / "own.csv", "time,wave\n0,0\n0.1,1\n");
  const auto none = call({"preview", take.wav.string(), (take.dir / "own.csv").string(), "--rig",
                          (take.dir / "own.yaml").string(), "--video", film, "-q"});
  CHECK(none.code == 3);
  CHECK(none.err.find("nothing to film") != std::string::npos);
  CHECK_FALSE(fs::exists(film));
}

TEST_CASE("cli: preview --video with the real ffmpeg: sound and mouth begin together", "[cli]") {
  NEEDS_PROGRAM();
  if (std::system("ffmpeg -version > /dev/null 2>&1 && ffprobe -version > /dev/null 2>&1") != 0) {
    WARN("skipped: no ffmpeg and ffprobe in PATH; scripts/setup.sh --test-tools");
    return;
  }
  const Opening take;
  const auto ran = call(take.line({"--video", take.film.string()}));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto shell = [&](const std::string& line) {
    INFO(line);
    REQUIRE(std::system(line.c_str()) == 0);
  };
  const auto film = "'" + take.film.string() + "'", dir = take.dir.path.string();
  shell("ffprobe -v error -count_frames -of json -show_streams " + film + " > '" + dir + "/probe'");
  const auto streams = Json::parse(content(take.dir / "probe")).at("streams");
  REQUIRE(streams.size() == 2);
  const auto& video = streams[0];
  const auto& sound = streams[1];
  CHECK(video.at("codec_name") == "h264");
  CHECK(video.at("pix_fmt") == "yuv420p");
  CHECK(video.at("nb_read_frames") == "60");
  CHECK(std::stod(video.at("duration").get<std::string>()) == Approx(2).margin(1.0 / 30));
  CHECK(sound.at("codec_name") == "aac");
  CHECK(std::stod(sound.at("duration").get<std::string>()) == Approx(2).margin(1024.0 / 48000));
  // "+faststart": the index comes before the data, so that it plays while it loads.
  const auto bytes = content(take.film);
  CHECK(bytes.find("moov") < bytes.find("mdat"));

  // Grey of the middle of the mouth, a byte a frame; and the sound again.
  shell("ffmpeg -v error -i " + film +
        " -vf crop=20:20:260:230,scale=1:1 -pix_fmt gray -f rawvideo '" + dir + "/grey'");
  const auto grey = content(take.dir / "grey");
  REQUIRE(grey.size() == 60);
  const auto dark = std::find_if(grey.begin(), grey.end(),
                                 [](char g) { return static_cast<unsigned char>(g) < 70; });
  CHECK(dark - grey.begin() == 30);
  shell("ffmpeg -v error -i " + film + " -vn '" + dir + "/again.wav'");
  const auto heard = audio::read(take.dir / "again.wav");
  const auto loud =
      std::find_if(heard.begin(), heard.end(), [](float s) { return std::abs(s) > 0.05F; });
  CHECK(static_cast<double>(loud - heard.begin()) / 16000 == Approx(1).margin(0.03));
}
