// kuchi live: sound on standard input, a line a frame on standard output.
#include <cmath>

#include "audio/audio.h"
#include "io/npy.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Two little runs with heads that look ahead by some frames, for all tests here.
const fs::path& live_run(const std::string& head) {
  static std::map<std::string, fs::path> runs;
  auto& run = runs[head];
  if (run.empty()) {
    run = Workshop::get().dir / ("live-" + head);
    auto line = little_training(run);
    for (const auto& more :
         {"model.head=" + head, std::string("model.lstm.projection=[32]"),
          std::string("model.lstm.hidden=16"), std::string("model.lstm.output=[16]"),
          std::string("model.tcn.width=16"), std::string("model.tcn.causal=true")}) {
      line.push_back(more);
    }
    must(line);
  }
  return run;
}

/// The file as `kuchi live` takes it, and as `kuchi predict` hears it: both from the same 16 bits.
std::string raw(const fs::path& dir, const std::string& sound) {
  const auto samples = audio::read(sound);
  std::string bytes;
  for (const float x : samples) {
    const auto value = static_cast<int16_t>(std::lround(std::clamp(x, -1.0F, 1.0F) * 32767));
    bytes += static_cast<char>(value & 255);
    bytes += static_cast<char>(value >> 8 & 255);
  }
  write(dir / "sound.raw", bytes);
  std::vector<float> back;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto value = static_cast<int16_t>(static_cast<unsigned char>(bytes[i]) |
                                            static_cast<unsigned char>(bytes[i + 1]) << 8);
    back.push_back(static_cast<float>(value) / 32768.0F);
  }
  audio::write_wav(dir / "sound.wav", back);
  return (dir / "sound.raw").string();
}

std::string live_line(const fs::path& run, const std::string& more) {
  return quoted(program()) + " live " + quoted(run) + " " + more;
}

/// Every line against a matrix of curves; names in order, times at j / fps.
void check_lines(const std::string& out, const fs::path& npy, const Json& names, double fps) {
  const auto want = io::read_npy<float>(npy);
  const auto lines = split(out, '\n');
  REQUIRE(lines.size() == static_cast<size_t>(want.shape[0]) + 1);  // and the end of the last
  const auto curves = static_cast<size_t>(want.shape[1]);
  for (size_t j = 0; j + 1 < lines.size(); ++j) {
    const auto frame = nlohmann::ordered_json::parse(lines[j]);
    REQUIRE(frame["t"].get<double>() == Approx(static_cast<double>(j) / fps).margin(1e-6));
    REQUIRE(frame["curves"].size() == names.size());
    size_t c = 0;
    for (const auto& [name, value] : frame["curves"].items()) {
      REQUIRE(name == names[c]);
      REQUIRE(std::abs(value.get<double>() - want.values[j * curves + c]) <= 1e-5);
      ++c;
    }
  }
}

}  // namespace

TEST_CASE("live: the lines are what kuchi predict says, at the model's rate and at another",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = raw(dir.path, make_sound(dir.path));
  for (const std::string head : {"lstm", "tcn"}) {
    const auto& run = live_run(head);
    const auto names = call({"inspect", run.string(), "--json", "-"}).json()["curves"];
    for (const std::string fps : {"30", "60"}) {
      const auto npy = (dir / (head + fps + ".npy")).string();
      must({"predict", run.string(), (dir / "sound.wav").string(), "--format", "npy", "--fps", fps,
            "--out", npy});
      const auto ran = shell(live_line(run, "-q --fps " + fps + " < " + quoted(fs::path(sound))));
      INFO(head << " at " << fps << ": " << ran.err);
      REQUIRE(ran.code == 0);
      check_lines(ran.out, npy, names, std::stod(fps));
    }
  }
}

TEST_CASE("live: a frame is written as soon as its sound is there", "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = raw(dir.path, make_sound(dir.path));
  // One second of sound, then the input stays open: 30 frames less the two that the head looks
  // ahead must be out by then.
  const auto lines = quoted(dir / "lines");
  const auto ran = shell("( head -c 32000 " + quoted(fs::path(sound)) + "; sleep 12 ) | " +
                         live_line(live_run("lstm"), "-q") + " > " + lines +
                         " & for i in $(seq 50); do sleep 0.2; [ $(wc -l < " + lines +
                         ") -ge 28 ] && break; done; wc -l < " + lines + "; wait");
  CHECK(std::stoi(ran.out) == 28);
  const auto all = content(dir / "lines");
  CHECK(std::count(all.begin(), all.end(), '\n') == 30);  // and at the end of the input the rest
}

TEST_CASE("live: odd input is told and what there is comes out", "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto& run = live_run("lstm");
  const auto nothing = shell(live_line(run, "-q < /dev/null"));
  CHECK(nothing.code == 0);
  CHECK(nothing.out.empty());
  write(dir / "odd", std::string(16001, '\1'));
  const auto odd = shell(live_line(run, "-q < " + quoted(dir / "odd")));
  CHECK(odd.code == 0);
  CHECK(std::count(odd.out.begin(), odd.out.end(), '\n') == 15);  // 8000 samples
  CHECK(has(odd.err, "inside a sample"));
  const auto closed = shell(live_line(run, "-q < /dev/zero") + " | head -n 3; echo ${PIPESTATUS}");
  CHECK(split(closed.out, '\n').size() >= 4);
  CHECK(has(closed.err, "standard output"));
}

TEST_CASE("live: what hears whole clips is refused in a sentence", "[cli]") {
  NEEDS_PROGRAM();
  const auto ran = shell(live_line(shared_run(), "< /dev/null"));
  CHECK(ran.code == 2);
  CHECK(ran.out.empty());
  CHECK(has(ran.err, "head bilstm answers only when the clip is over"));
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
}

TEST_CASE("inspect: a run says how far it looks ahead and how late its curves come",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto live = call({"inspect", live_run("lstm").string(), "--json", "-"}).json()["live"];
  CHECK(live["lookahead_frames"] == 2);
  CHECK(live["audio_ahead_ms"].get<double>() == Approx(200.0 / 3 + 10 + 20.0 / 3 + 12.5));
  CHECK(live["delay_ms"].get<double>() == Approx(100));
  CHECK(call({"inspect", shared_run().string(), "--json", "-"}).json()["live"].is_null());
  CHECK(has(call({"inspect", shared_run().string()}).out, "live: no"));
}

TEST_CASE(
    "live: heads with attention, windowed or causal; others say what would have to be trained",
    "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = raw(dir.path, make_sound(dir.path));
  const auto trained = [&](const std::string& name, const std::vector<std::string>& options) {
    const auto head = name.substr(0, name.find('-'));
    auto line = little_training(dir / name);
    line.push_back("model.head=" + head);
    for (const auto* size : {"width=16", "heads=2", "feed_forward=24", "layers=2", "output=[8]"}) {
      line.push_back("model." + head + "." + size);
    }
    for (const auto& o : options) line.push_back("model." + head + "." + o);
    must(line);
    return dir / name;
  };
  const auto windowed = trained("transformer", {"attention=windowed", "left=12", "right=2"});
  const auto causal = trained(
      "hybrid", {"arrangement=parallel", "bidirectional=false", "hidden=8", "attention=causal"});
  for (const auto& run : {windowed, causal}) {
    const auto info = call({"inspect", run.string(), "--json", "-"}).json();
    CHECK(info["live"]["lookahead_frames"] == (run == windowed ? 4 : 0));
    const auto npy = (run / "curves.npy").string();
    must({"predict", run.string(), (dir / "sound.wav").string(), "--format", "npy", "--out", npy});
    const auto ran = shell(live_line(run, "-q < " + quoted(fs::path(sound))));
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    check_lines(ran.out, npy, info["curves"], 30);
  }
  const auto all = trained("transformer-all", {"attention=causal", "left=-1"});
  const auto refused = shell(live_line(all, "< /dev/null"));
  CHECK(refused.code == 2);
  CHECK(has(refused.err, "model.transformer.left=64"));
  CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
}
