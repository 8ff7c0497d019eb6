#include "audio/audio.h"

#include <sndfile.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "audio/resampler.h"
#include "audio/test_files.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;

std::vector<float> sine(double hz, int rate, size_t samples, double level = 0.5) {
  std::vector<float> out(samples);
  for (size_t i = 0; i < samples; ++i) {
    out[i] = static_cast<float>(level * std::sin(2 * std::numbers::pi * hz * i / rate));
  }
  return out;
}

double rms(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(x.size()));
}

std::string le(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// A WAV by hand: 16 kHz mono, sizes as told.
std::string wav_text(uint32_t riff_size, uint32_t data_size, const std::string& data,
                     int format = 1, int bits = 16, int rate = 16000) {
  const int frame = bits / 8;
  return "RIFF" + le(riff_size, 4) + "WAVEfmt " + le(16, 4) + le(format, 2) + le(1, 2) +
         le(rate, 4) + le(rate * frame, 4) + le(frame, 2) + le(bits, 2) + "data" +
         le(data_size, 4) + data;
}

std::string float_bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

void write_sound(const fs::path& file, int format, int rate, int channels,
                 const std::vector<float>& interleaved) {
  SF_INFO sf{};
  sf.samplerate = rate;
  sf.channels = channels;
  sf.format = format;
  SNDFILE* out = sf_open(file.c_str(), SFM_WRITE, &sf);
  REQUIRE(out != nullptr);
  sf_writef_float(out, interleaved.data(), static_cast<sf_count_t>(interleaved.size()) / channels);
  sf_close(out);
}

std::string refusal(const fs::path& file) {
  const auto read = error_of(Exit::data, [&] { audio::read(file); });
  CHECK(contains(read, file.filename().string()));
  return read;
}
}  // namespace

TEST_CASE("audio: WAV written by us is read back to within half a 16-bit step", "[audio]") {
  Folder folder;
  const auto wave = sine(440, 16000, 5000);
  audio::write_wav(folder / "a.wav", wave);
  const auto back = audio::read(folder / "a.wav");
  REQUIRE(back.size() == wave.size());
  for (size_t i = 0; i < wave.size(); ++i) {
    CHECK(std::abs(back[i] - wave[i]) < 0.5 / 32767 + 0.5 / 32768);
  }
  const auto info = audio::probe(folder / "a.wav");
  CHECK(info.rate == 16000);
  CHECK(info.channels == 1);
  CHECK(info.frames == 5000);
  CHECK(info.container == "WAV");
  CHECK(info.encoding == "Signed 16 bit PCM");
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    CHECK(entry.path().filename() == "a.wav");  // nothing temporary is left
  }
}

TEST_CASE("audio: write_wav rounds to the nearest step and clips at full scale", "[audio]") {
  Folder folder;
  audio::write_wav(folder / "a.wav", std::vector<float>{0.6f / 32767, -0.6f / 32767, 2, -2, 0});
  const std::string bytes = slurp(folder / "a.wav").substr(44);
  CHECK(bytes == le(1, 2) + le(0xFFFF, 2) + le(32767, 2) + le(0x8001, 2) + le(0, 2));
}

TEST_CASE("audio: channels are averaged, whatever the container", "[audio]") {
  Folder folder;
  std::vector<float> stereo;
  for (int i = 0; i < 1000; ++i) {
    stereo.push_back(0.5f);
    stereo.push_back(-0.25f);
  }
  const std::pair<const char*, int> kinds[] = {
      {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16}, {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24},
      {"a.wav", SF_FORMAT_WAVEX | SF_FORMAT_FLOAT},  {"a.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16},
      {"a64.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE}, {"a.au", SF_FORMAT_AU | SF_FORMAT_PCM_16}};
  for (const auto& [name, format] : kinds) {
    INFO(name);
    write_sound(folder / name, format, 16000, 2, stereo);
    const auto mono = audio::read(folder / name);
    REQUIRE(mono.size() == 1000);
    CHECK(mono[500] == Approx(0.125).margin(1e-4));
    CHECK(audio::probe(folder / name).frames == 1000);
  }
}

TEST_CASE("audio: OGG and Opus are read at any rate", "[audio]") {
  Folder folder;
  write_sound(folder / "a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 1,
              sine(440, 44100, 44100));
  write_sound(folder / "a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1, sine(440, 48000, 48000));
  for (const char* name : {"a.ogg", "a.opus"}) {
    const auto wave = audio::read(folder / name);
    CHECK(wave.size() == Approx(16000).margin(400));
    CHECK(rms(std::span(wave).subspan(4000, 8000)) == Approx(0.5 / std::sqrt(2.0)).epsilon(0.03));
  }
}

TEST_CASE("resample: a tone below both Nyquist rates stays in place and level", "[audio]") {
  for (const int from : {8000, 11025, 22050, 44100, 48000, 96000}) {
    INFO(from);
    const auto out = audio::resample(sine(1000, from, static_cast<size_t>(from)), from, 16000);
    REQUIRE(out.size() == 16000);
    const auto expected = sine(1000, 16000, 16000);
    double worst = 0;
    for (size_t i = 500; i < 15500; ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(out[i]) - expected[i]));
    }
    CHECK(worst < 2e-4);
  }
}

TEST_CASE("resample: what lies above the new Nyquist rate is gone by 80 dB", "[audio]") {
  const auto out = audio::resample(sine(10000, 48000, 48000), 48000, 16000);
  const double left = rms(std::span(out).subspan(500, 15000));
  CHECK(20 * std::log10(left / (0.5 / std::sqrt(2.0))) < -80);
}

TEST_CASE("resample: n samples become round(n * to / from)", "[audio]") {
  for (const size_t n : {1u, 2u, 3u, 100u, 12345u}) {
    const std::vector<float> x(n, 0.1f);
    CHECK(audio::resample(x, 48000, 16000).size() == (2 * n * 16000 + 48000) / 96000);
    CHECK(audio::resample(x, 11025, 16000).size() == (2 * n * 16000 + 11025) / 22050);
    CHECK(audio::resample(x, 16000, 16000) == x);
  }
  CHECK(audio::resample({}, 48000, 16000).empty());
}

TEST_CASE("resample: the pieces' borders change nothing", "[audio]") {
  const auto wave = sine(777, 44100, 20000);
  const auto whole = audio::resample(wave, 44100, 16000);
  audio::Resampler pieces(44100, 16000);
  std::vector<float> out;
  for (size_t at = 0; at < wave.size(); at += 331) {
    pieces.add(std::span(wave).subspan(at, std::min<size_t>(331, wave.size() - at)), out);
  }
  pieces.finish(out);
  CHECK(out == whole);
}

TEST_CASE("audio: a WAV shorter than its header is refused with both counts", "[audio]") {
  Folder folder;
  const std::string sound(200, '\1');
  const auto text = refusal(write(folder / "a.wav", wav_text(36 + 400, 400, sound)));
  CHECK(contains(text, "is cut short: the header promises 200 samples, 100 are there"));
  write(folder / "big.wav", wav_text(0x7FFFFFFF, 0x7FFFFF00, sound));
  CHECK(contains(refusal(folder / "big.wav"), "is cut short"));
  CHECK(contains(error_of(Exit::data, [&] { audio::probe(folder / "big.wav"); }), "cut short"));
}

TEST_CASE("audio: a FLAC cut in the middle is refused", "[audio]") {
  Folder folder;
  std::vector<float> noise(40000);
  uint32_t state = 1;
  for (float& x : noise) {
    state = state * 1664525u + 1013904223u;
    x = static_cast<float>(state >> 8) / (1 << 24) - 0.5f;
  }
  write_sound(folder / "a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 1, noise);
  const std::string whole = slurp(folder / "a.flac");
  write(folder / "b.flac", whole.substr(0, whole.size() / 2));
  const auto text = refusal(folder / "b.flac");
  CHECK((contains(text, "is cut short") || contains(text, "is damaged")));
  CHECK(error_of(Exit::data, [&] { audio::probe(folder / "b.flac"); }) != "NO ERROR");
}

TEST_CASE("audio: a size that was never filled in does not hide the sound", "[audio]") {
  Folder folder;
  std::string sound;
  for (int i = 0; i < 100; ++i) sound += le(16384, 2);
  const std::pair<uint32_t, uint32_t> sizes[] = {
      {0, 0}, {36, 0}, {8, 0}, {0xFFFFFFFF, 0xFFFFFFFF}, {0x7FFFF024, 0x7FFFF000}};
  for (const auto& [riff, data] : sizes) {
    INFO(riff << " " << data);
    const auto file = write(folder / "a.wav", wav_text(riff, data, sound));
    const auto wave = audio::read(file);
    REQUIRE(wave.size() == 100);
    CHECK(wave[99] == 0.5f);
    CHECK(audio::probe(file).frames == 100);
  }
}

TEST_CASE("audio: files that hold no sound are refused", "[audio]") {
  Folder folder;
  CHECK(contains(refusal(write(folder / "none.wav", "")), "is an empty file"));
  CHECK(contains(refusal(write(folder / "head.wav", wav_text(36, 0, ""))), "no samples"));
  CHECK(contains(refusal(write(folder / "short.wav", "RIFF")), "holds only 4 bytes"));
  CHECK(contains(refusal(folder / "missing.wav"), "no such file"));
  CHECK(contains(refusal(folder.path()), "is a directory"));
  CHECK(contains(refusal(write(folder / "text.wav", "this is no sound")), "cannot be read"));
  CHECK(contains(refusal(write(folder / "rate.wav", wav_text(38, 2, "ab", 1, 16, 3))),
                 "3 samples a second"));
}

TEST_CASE("audio: a sample that is no number is refused, with its place", "[audio]") {
  Folder folder;
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    std::vector<float> wave(50, 0.1f);
    wave[7] = bad;
    const auto bytes = float_bytes(wave);
    write(folder / "a.wav", wav_text(236, 200, bytes, 3, 32));
    CHECK(contains(refusal(folder / "a.wav"), "sample 7 is NaN or infinite"));
  }
}

TEST_CASE("audio: longer than max_seconds is refused", "[audio]") {
  Folder folder;
  audio::write_wav(folder / "a.wav", std::vector<float>(16001, 0.f));
  CHECK(error_of(Exit::data, [&] { audio::read(folder / "a.wav", 16000, 1.0); }) ==
        (folder / "a.wav").string() + ": is longer than 0:01; cut it into pieces");
  CHECK(audio::read(folder / "a.wav", 16000, 1.1).size() == 16001);
}

TEST_CASE("audio: every malformed file gives one clear sentence", "[audio]") {
  const auto data = shared("malformed");
  if (data.empty()) return;
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(data)) {
    INFO(entry.path());
    const auto text = error_of(Exit::data, [&] { audio::read(entry.path()); });
    CHECK(contains(text, entry.path().filename().string() + ": "));
    CHECK(contains(text, "; "));  // what to do
    CHECK(text == error_of(Exit::data, [&] { audio::probe(entry.path()); }));
    ++seen;
  }
  CHECK(seen >= 10);
  const auto early = data / "test-44100Hz-le-1ch-4bytes-early-eof.wav";
  CHECK(contains(refusal(early), "the header promises 4410 samples, 236 are there"));
}

TEST_CASE("audio: every real container is read", "[audio]") {
  const auto data = shared("speech/containers");
  if (data.empty()) return;
  struct Real {
    const char* name;
    int rate, channels;
    int64_t frames;
  };
  const Real files[] = {{"bobby_32bit_48khz.wav", 48000, 1, 57342},
                        {"jfk.flac", 44100, 2, 485100},
                        {"pcmwaveformat-24bit-4byte-48kHz-stereo.wav", 48000, 2, 2},
                        {"stereo.mp3", 8000, 2, 8000},
                        {"test-44100Hz-le-1ch-4bytes-rf64.wav", 44100, 1, 4410},
                        {"wav_stereo_24bit_48000.wav", 48000, 2, 384000},
                        {"waveformatex-16bit-44100Hz-stereo.wav", 44100, 2, 4},
                        {"waveformatex-8bit-11025Hz-mono.wav", 11025, 1, 4},
                        {"waveformatex-ieeefloat-44100Hz-mono.wav", 44100, 1, 4}};
  for (const Real& file : files) {
    INFO(file.name);
    const auto info = audio::probe(data / file.name);
    CHECK(info.rate == file.rate);
    CHECK(info.channels == file.channels);
    CHECK(info.frames == file.frames);
    const auto wave = audio::read(data / file.name);
    CHECK(static_cast<int64_t>(wave.size()) ==
          (2 * file.frames * 16000 + file.rate) / (2 * file.rate));
    for (const float x : wave) REQUIRE(std::abs(x) <= 1.0f);
  }
}

TEST_CASE("audio: one utterance in three sample formats is one sound", "[audio]") {
  const auto data = shared("speech/mfa_mit");
  if (data.empty()) return;
  const auto s16 = audio::read(data / "cold_corpus.wav");
  REQUIRE(s16.size() == 411481);
  for (const char* name : {"cold_corpus_24bit.wav", "cold_corpus_32bit_float.wav"}) {
    const auto other = audio::read(data / name);
    REQUIRE(other.size() == s16.size());
    double worst = 0;
    for (size_t i = 0; i < s16.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(s16[i]) - other[i]));
    }
    CHECK(worst <= 1.0 / 32768);
  }
}
