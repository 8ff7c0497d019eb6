// What each change to audio and curves does, measured on its output by other means.
#include "audio/audio.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "augment/biquad.h"
#include "augment/changes.h"
#include "augment/convolve.h"
#include "augment/noise.h"
#include "augment/sinc.h"
#include "augment/wsola.h"
#include "catch.h"
#include "core/error.h"
#include "core/text.h"
#include "scene.h"

using namespace kuchi;
using namespace kuchi::test;
using namespace kuchi::augment;

namespace {

constexpr double kHalfFrame_s = 0.5 / kFps;

struct Bench {
  Options o;
  Scene scene() const { return make_scene(o, small_rig()); }
  /// The events' clip after the change, by the draws of a number.
  Take changed(uint64_t number, const Events& events = {}) const {
    const Key key{1, number, 7};
    auto take = events.take();
    take.speed = draw_speed(o, key);
    take.curves = events.curves_at(take.speed, 0);
    apply(o, scene(), key, take);
    return take;
  }
};

double value_of(const Take& take, const std::string& change) {
  for (const auto& drawn : take.drawn) {
    if (drawn.change == change) return drawn.value;
  }
  FAIL("nothing drawn called " << change);
  return 0;
}

/// Where sound and curves have their events after a change: each pair within half a frame.
void check_events(const Take& take, const Events& events, double shifted_s = 0) {
  const auto heard = bursts(take.audio, events.at_s.size());
  const auto seen = pulses(take, 2, events.at_s.size());
  for (size_t i = 0; i < heard.size(); ++i) {
    INFO("event " << i << ": heard " << heard[i] << ", seen " << seen[i]);
    CHECK(std::abs(heard[i] - shifted_s - seen[i]) <= kHalfFrame_s);
    // A pulse drawn in straight lines between frames is seen a little off.
    CHECK(std::abs(seen[i] - events.at_s[i] / take.speed) <= 0.002);
  }
}

double power_between(const std::vector<float>& x, size_t from, size_t until) {
  double sum = 0;
  for (size_t i = from; i < until; ++i) sum += static_cast<double>(x[i]) * x[i];
  return sum / static_cast<double>(until - from);
}

std::vector<float> minus(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> out;
  for (size_t i = 0; i < a.size(); ++i) out.push_back(a[i] - b[i]);
  return out;
}

/// Gain of a sound at a frequency, by a projection on sine and cosine.
double level_at(const std::vector<float>& x, double hz) {
  double re = 0, im = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double turn = 2 * kPi * hz * static_cast<double>(i) / kRate;
    re += x[i] * std::cos(turn);
    im += x[i] * std::sin(turn);
  }
  return std::sqrt(re * re + im * im);
}

/// Mean power in a band by projections on 60 frequencies in it.
double band_power(const std::vector<float>& x, double low_hz, double high_hz) {
  double sum = 0;
  for (int i = 0; i < 60; ++i) {
    const double a = level_at(x, low_hz + (high_hz - low_hz) * (i + 0.5) / 60);
    sum += a * a;
  }
  return sum / 60;
}

}  // namespace

TEST_CASE("augment: by default no change to audio is ever drawn", "[augment]") {
  const Bench bench;
  CHECK_FALSE(changes_audio(bench.o));
  const Events events;
  for (uint64_t n = 0; n < 20; ++n) {
    CHECK_FALSE(draws_any(bench.o, {1, n, 7}));
    const auto take = bench.changed(n);
    CHECK(take.audio == events.take().audio);
    CHECK(take.curves.data == events.take().curves.data);
    CHECK(take.drawn.empty());
  }
}

TEST_CASE("augment: the key decides; one change's draws do not move another's", "[augment]") {
  Bench all;
  all.o.speed.p = all.o.pitch.p = all.o.mirror.p = all.o.silence.p = all.o.room.p = 0.5;
  all.o.background.p = all.o.microphone.p = all.o.level.p = all.o.shift.p = 0.5;
  std::set<std::vector<float>> seen;
  for (uint64_t n = 0; n < 4; ++n) {
    const auto a = all.changed(n), b = all.changed(n);
    CHECK(a.audio == b.audio);
    CHECK(a.curves.data == b.curves.data);
    CHECK(draws_any(all.o, {1, n, 7}) == !a.drawn.empty());
    seen.insert(a.audio);
  }
  CHECK(seen.size() == 4);
  Bench one;
  one.o.level.p = 0.5;
  int drawn = 0;
  for (uint64_t n = 0; n < 200; ++n) {
    const Key key{1, n, 7};
    Take a, b;
    a.audio = b.audio = std::vector<float>(100, 0.5f);
    a.curves = b.curves = Matrix(1, 3);
    a.step_s = b.step_s = 1;
    auto quiet = all.o;  // all that leave a sample where it is
    quiet.speed.p = quiet.pitch.p = quiet.silence.p = quiet.room.p = quiet.background.p = 0;
    quiet.microphone.p = quiet.shift.p = 0;
    apply(quiet, all.scene(), key, a);
    apply(one.o, one.scene(), key, b);
    CHECK(a.audio == b.audio);
    drawn += b.drawn.empty() ? 0 : 1;
  }
  CHECK(drawn > 70);  // p of a half
  CHECK(drawn < 130);
}

TEST_CASE("augment: speed: events of sound and curves fall together, pitch stays", "[augment]") {
  Bench bench;
  bench.o.speed = {1, 0.25};
  const Events events;
  double slowest = 2, fastest = 0;
  for (uint64_t n = 0; n < 12; ++n) {
    const auto take = bench.changed(n);
    CHECK(take.speed == draw_speed(bench.o, {1, n, 7}));
    CHECK(static_cast<double>(take.audio.size()) ==
          Approx(events.seconds * kRate / take.speed).margin(1));
    check_events(take, events);
    slowest = std::min(slowest, take.speed);
    fastest = std::max(fastest, take.speed);
  }
  CHECK(slowest < 0.87);
  CHECK(slowest >= 0.8);
  CHECK(fastest > 1.15);
  CHECK(fastest <= 1.25);
  for (const double speed : {0.8, 0.9, 1.1, 1.25}) {
    for (const double hz : {90.0, 140.0, 230.0}) {
      const auto in = vowel(hz, 1);
      const auto out = wsola(in, speed);
      INFO(speed << " times as fast at " << hz << " Hz");
      CHECK(pitch_of(out) == Approx(hz).epsilon(0.01));
      CHECK(rms(out) == Approx(rms(in)).epsilon(0.1));
    }
  }
}

TEST_CASE("augment: speed: a frame in the middle of context goes where its sound goes",
          "[augment]") {
  Bench bench;
  bench.o.speed = {1, 0.25};
  const Events events;
  for (uint64_t n = 0; n < 6; ++n) {
    const Key key{1, n, 7};
    auto take = events.take();
    take.first_s = 0.4;  // frames begin here; the audio before is context
    take.speed = draw_speed(bench.o, key);
    take.curves = events.curves_at(take.speed, 0.4);
    apply(bench.o, bench.scene(), key, take);
    check_events(take, events);
  }
}

TEST_CASE("augment: pitch: what was asked for comes out, events stay where they were",
          "[augment]") {
  Bench bench;
  bench.o.pitch = {1, 4};
  const Events events;
  double lowest = 0, highest = 0;
  for (uint64_t n = 0; n < 8; ++n) {
    const auto take = bench.changed(n);
    CHECK(take.audio.size() == events.take().audio.size());
    CHECK(take.curves.data == events.take().curves.data);
    check_events(take, events);
    auto sung = take;
    for (const double hz : {100.0, 210.0}) {
      sung.audio = vowel(hz, 1);
      sung.drawn.clear();
      apply(bench.o, bench.scene(), {1, n, 7}, sung);
      const double semitones = value_of(sung, "pitch");
      INFO(semitones << " semitones at " << hz << " Hz");
      CHECK(pitch_of(sung.audio) == Approx(hz * std::pow(2, semitones / 12)).epsilon(0.01));
      lowest = std::min(lowest, semitones);
      highest = std::max(highest, semitones);
    }
  }
  CHECK(lowest < -2);
  CHECK(highest > 2);
  CHECK(std::max(-lowest, highest) <= 4);
}

TEST_CASE("augment: a sinc between samples is the sine that was sampled", "[augment]") {
  std::vector<float> sine(4000);
  const double hz = 1234;
  for (size_t i = 0; i < sine.size(); ++i) {
    sine[i] = static_cast<float>(std::sin(2 * kPi * hz * static_cast<double>(i) / kRate));
  }
  for (const double step : {0.7, 1.0, 1.3}) {
    const auto out = read_at_steps(sine, step, 2000);
    for (size_t m = 100; m < 1900; ++m) {
      const double truth = std::sin(2 * kPi * hz * static_cast<double>(m) * step / kRate);
      REQUIRE(static_cast<double>(out[m]) == Approx(truth).margin(2e-3));
    }
  }
  // What the new rate cannot hold is gone: 7 kHz read at 1.3 would be heard at 6.9 kHz.
  for (size_t i = 0; i < sine.size(); ++i) {
    sine[i] = static_cast<float>(std::sin(2 * kPi * 7000 * static_cast<double>(i) / kRate));
  }
  CHECK(rms(read_at_steps(sine, 1.3, 3000)) < 0.03);
}

TEST_CASE("augment: mirror: left and right change places, what is central stays", "[augment]") {
  Bench bench;
  bench.o.mirror.p = 1;
  const auto before = Events().take();
  const auto after = bench.changed(0);
  CHECK(after.audio == before.audio);
  for (int64_t j = 0; j < before.curves.rows; ++j) {
    CHECK(after.curves(j, 0) == before.curves(j, 1));
    CHECK(after.curves(j, 1) == before.curves(j, 0));
    CHECK(after.curves(j, 2) == before.curves(j, 2));
  }
  const auto central = curves::parse_rig("name: one\ncurves: [jaw]\n", "one");
  std::string said;
  try {
    make_scene(bench.o, central);
  } catch (const UserError& error) {
    said = error.what();
  }
  CHECK(said.find("no pairs") != std::string::npos);
}

TEST_CASE("augment: muted: a faint floor, and the rig's pose at rest", "[augment]") {
  Bench bench;
  bench.o.muted.p = 1;
  const auto before = Events().take();
  for (uint64_t n = 0; n < 10; ++n) {
    const auto take = bench.changed(n);
    CHECK(take.audio.size() == before.audio.size());
    const double under_db = 20 * std::log10(before.speech_rms / rms(take.audio));
    CHECK(under_db >= 35 - 0.01);
    CHECK(under_db <= 60 + 0.01);
    for (int64_t j = 0; j < take.curves.rows; ++j) {
      CHECK(take.curves(j, 0) == 0);
      CHECK(take.curves(j, 2) == 0.1f);
    }
  }
}

TEST_CASE("augment: silence: quiet where the mouth rests, and untouched elsewhere", "[augment]") {
  Bench bench;
  bench.o.silence = {1, 0.6, 0.15};
  auto before = Events().take();
  before.audio = vowel(120, 3);
  before.speech_rms = speech_rms(before.audio);
  for (auto& v : before.curves.data) v = 0.8f;
  bool head = false, tail = false, both = false;
  for (uint64_t n = 0; n < 20; ++n) {
    auto take = before;
    apply(bench.o, bench.scene(), {1, n, 7}, take);
    double from_s = 0, until_s = static_cast<double>(take.curves.rows) / kFps;
    for (const auto& drawn : take.drawn) {
      if (drawn.change == "silence before") from_s = drawn.value;
      if (drawn.change == "silence after") until_s -= drawn.value;
      CHECK(drawn.value <= 0.6);
      CHECK(drawn.value >= 0.15);
    }
    const bool begins = from_s > 0, ends = take.drawn.back().change == "silence after";
    head = head || (begins && !ends);
    tail = tail || (ends && !begins);
    both = both || (begins && ends);
    for (int64_t j = 0; j < take.curves.rows; ++j) {
      const double t = take.frame_s(j), deep = std::max(from_s - t, t - until_s);
      const float jaw = take.curves(j, 2);
      if (deep <= 0) CHECK(jaw == 0.8f);
      if (deep >= 0.15) CHECK(jaw == Approx(0.1).margin(1e-6));
      if (deep > 0 && deep < 0.15) CHECK((jaw > 0.1f - 1e-6f && jaw < 0.8f + 1e-6f));
      // The sound is at its floor at every frame whose mouth has begun to go.
      const auto at = static_cast<size_t>(t * kRate);
      if (deep > 0.005 && at > 80 && at + 80 < take.audio.size()) {
        CHECK(power_between(take.audio, at - 80, at + 80) <
              before.speech_rms * before.speech_rms * 0.002);
      }
    }
    for (size_t i = 0; i < take.audio.size(); ++i) {
      const double t = static_cast<double>(i) / kRate;
      if (t > from_s + (begins ? 0.021 : 0) && t < until_s - (ends ? 0.021 : 0)) {
        REQUIRE(take.audio[i] == before.audio[i]);
      }
    }
  }
  CHECK(head);
  CHECK(tail);
  CHECK(both);
}

TEST_CASE("augment: room: the direct sound is not late, and the tail dies as drawn", "[augment]") {
  Bench bench;
  bench.o.room.p = 1;
  const Events events;
  for (uint64_t n = 0; n < 6; ++n) {
    auto click = events.take();
    click.audio.assign(16000, 0.0f);
    click.audio[1000] = 1;
    apply(bench.o, bench.scene(), {1, n, 7}, click);
    const double decay_s = value_of(click, "room"), direct_db = value_of(click, "room direct");
    const auto& h = click.audio;
    const auto largest = std::max_element(h.begin(), h.end()) - h.begin();
    CHECK(largest == 1000);
    CHECK(power_between(h, 0, 1000) < 1e-12);
    CHECK(power_between(h, 1001, 1040) < 1e-12);  // the first reflection comes 3 ms later
    const double tail = power_between(h, 1001, h.size()) * static_cast<double>(h.size() - 1001);
    const double direct = static_cast<double>(h[1000]) * h[1000];
    CHECK(10 * std::log10(direct / tail) == Approx(direct_db).margin(0.01));
    CHECK(direct + tail == Approx(1).margin(1e-4));
    // 60 dB over decay_s: the third quarter lies 30 dB under the first, one tail of noise is ± 2
    // dB.
    const auto quarter = static_cast<size_t>(decay_s * kRate / 4);
    const double fall = 10 * std::log10(power_between(h, 1050, 1050 + quarter) /
                                        power_between(h, 1050 + 2 * quarter, 1050 + 3 * quarter));
    CHECK(fall == Approx(30).margin(2.5));
    const auto take = bench.changed(n);
    CHECK(take.curves.data == events.take().curves.data);
    // Where the bursts begin, to the millisecond: their centres are what the room smears.
    for (const double at : events.at_s) {
      const auto start = static_cast<size_t>((at - 0.01) * kRate);
      const double before = power_between(take.audio, start - 32, start - 8);
      const double after = power_between(take.audio, start + 8, start + 32);
      CHECK(after > 10 * before);
    }
  }
}

TEST_CASE("augment: a convolution by transforms is the sum it stands for", "[augment]") {
  Stream draw(4, "test.convolve");
  for (const auto& [n, taps] : std::vector<std::pair<size_t, size_t>>{
           {1, 1}, {10, 30}, {1500, 700}, {5000, 1300}, {3000, 1}}) {
    std::vector<float> x(n), h(taps);
    for (auto& v : x) v = static_cast<float>(draw.normal());
    for (auto& v : h) v = static_cast<float>(draw.normal());
    const auto y = convolve(x, h);
    REQUIRE(y.size() == n);
    for (size_t i = 0; i < n; i += 1 + n / 50) {
      double sum = 0;
      for (size_t k = 0; k < std::min(taps, i + 1); ++k) {
        sum += static_cast<double>(h[k]) * x[i - k];
      }
      CHECK(static_cast<double>(y[i]) == Approx(sum).margin(1e-4));
    }
  }
}

TEST_CASE("augment: background: the signal-to-noise ratio that was drawn comes out", "[augment]") {
  for (const std::string kind : {"white", "pink", "babble"}) {
    Bench bench;
    bench.o.background = {1, 3, 25, {kind}, ""};
    const Events events;
    const auto before = events.take();
    double lowest = 100, highest = 0;
    for (uint64_t n = 0; n < 6; ++n) {
      const auto take = bench.changed(n);
      const auto noise = minus(take.audio, before.audio);
      const double ratio = 20 * std::log10(before.speech_rms / rms(noise));
      CHECK(ratio == Approx(value_of(take, "background " + kind)).margin(0.1));
      CHECK(take.curves.data == before.curves.data);
      lowest = std::min(lowest, ratio);
      highest = std::max(highest, ratio);
      if (ratio > 15) check_events(take, events);
    }
    CHECK(lowest > 2.9);
    CHECK(highest < 25.1);
    CHECK(highest - lowest > 5);
  }
}

TEST_CASE("augment: noises have the colour of their names", "[augment]") {
  Stream draw(6, "test.noise");
  const auto white = make_noise("white", 32000, draw);
  const auto pink = make_noise("pink", 32000, draw);
  const auto babble = make_noise("babble", 64000, draw);
  for (const auto* noise : {&white, &pink, &babble}) CHECK(rms(*noise) == Approx(1).margin(1e-4));
  const auto slope = [](const std::vector<float>& x) {  // dB an octave, 150 Hz to 4.8 kHz
    return 10 * std::log10(band_power(x, 3200, 6400) / band_power(x, 100, 200)) / 5;
  };
  CHECK(slope(white) == Approx(0).margin(0.5));
  CHECK(slope(pink) == Approx(-3).margin(0.6));
  CHECK(band_power(babble, 300, 2500) > 10 * band_power(babble, 4500, 7500));
  // Babble comes and goes as syllables do, white noise does not.
  const auto swing = [](const std::vector<float>& x) {
    double sum = 0, square = 0, count = 0;
    for (size_t at = 0; at + 800 <= x.size(); at += 800) {
      const double db = 10 * std::log10(power_between(x, at, at + 800));
      sum += db;
      square += db * db;
      ++count;
    }
    return std::sqrt(square / count - sum / count * (sum / count));
  };
  CHECK(swing(white) < 0.5);
  CHECK(swing(babble) > 1.5);
}

TEST_CASE("augment: filters have the gains of their names and hardly delay", "[augment]") {
  for (const double db : {-9.0, 6.0}) {
    const double gain = std::pow(10, db / 20);
    for (const auto& [filter, hz, wanted] :
         std::vector<std::tuple<Biquad, double, double>>{{Biquad::peak(1000, 1, db), 1000, gain},
                                                         {Biquad::peak(1000, 1, db), 60, 1},
                                                         {Biquad::peak(1000, 1, db), 7900, 1},
                                                         {Biquad::low_shelf(200, db), 10, gain},
                                                         {Biquad::low_shelf(200, db), 5000, 1},
                                                         {Biquad::high_shelf(3000, db), 7900, gain},
                                                         {Biquad::high_shelf(3000, db), 60, 1}}) {
      std::vector<float> click(16000, 0.0f);
      click[0] = 1;
      filter.run(click);
      CHECK(level_at(click, hz) == Approx(wanted).epsilon(0.02));
    }
  }
  Bench bench;
  bench.o.microphone = {1, 12};
  const Events events;
  for (uint64_t n = 0; n < 8; ++n) {
    const auto take = bench.changed(n);
    CHECK(take.curves.data == events.take().curves.data);
    const auto heard = bursts(take.audio, events.at_s.size());
    const auto were = bursts(events.take().audio, events.at_s.size());
    for (size_t i = 0; i < heard.size(); ++i) CHECK(std::abs(heard[i] - were[i]) < 0.002);
    for (const auto& drawn : take.drawn) CHECK(std::abs(drawn.value) <= 12);
  }
}

TEST_CASE("augment: level and shift do what they say", "[augment]") {
  Bench louder;
  louder.o.level = {1, 10};
  const Events events;
  const auto before = events.take();
  for (uint64_t n = 0; n < 5; ++n) {
    const auto take = louder.changed(n);
    const double db = value_of(take, "level");
    CHECK(std::abs(db) <= 10);
    CHECK(20 * std::log10(rms(take.audio) / rms(before.audio)) == Approx(db).margin(1e-3));
  }
  Bench late;
  late.o.shift = {1, 80};
  for (uint64_t n = 0; n < 8; ++n) {
    const auto take = late.changed(n);
    CHECK(take.curves.data == before.curves.data);
    check_events(take, events, value_of(take, "shift") / 1000);
  }
}

TEST_CASE("augment: noises and rooms from files", "[augment]") {
  const auto dir = std::filesystem::temp_directory_path() / cat("kuchi-augment-", getpid());
  std::filesystem::create_directories(dir / "noises");
  std::filesystem::create_directories(dir / "rooms");
  std::filesystem::create_directories(dir / "none");
  std::vector<float> hum(8000), room(4000, 0.0f);
  for (size_t i = 0; i < hum.size(); ++i) {
    hum[i] = static_cast<float>(0.5 * std::sin(2 * kPi * 300 * static_cast<double>(i) / kRate));
  }
  room[700] = -0.8f;  // the direct sound, after a silence that must not be heard as a delay
  room[2300] = 0.4f;
  audio::write_wav(dir / "noises" / "hum.wav", hum);
  audio::write_wav(dir / "rooms" / "room.wav", room);

  Bench bench;
  bench.o.background = {1, 10, 10, {"white"}, (dir / "noises").string()};
  const auto before = Events().take();
  const auto noise = minus(bench.changed(0).audio, before.audio);
  CHECK(20 * std::log10(before.speech_rms / rms(noise)) == Approx(10).margin(0.1));
  CHECK(level_at(noise, 300) > 100 * level_at(noise, 1050));

  Bench hall;
  hall.o.room = {1, 0.1, 0.2, 10, 5, (dir / "rooms").string()};
  auto click = before;
  click.audio.assign(4000, 0.0f);
  click.audio[100] = 1;
  apply(hall.o, hall.scene(), {1, 0, 7}, click);
  CHECK(click.audio[100] == Approx(2 / std::sqrt(5.0)).margin(1e-3));
  CHECK(click.audio[1700] == Approx(-1 / std::sqrt(5.0)).margin(1e-3));

  const auto code = [](const Options& o) {
    try {
      make_scene(o, small_rig());
    } catch (const UserError& e) {
      return static_cast<int>(e.code());
    }
    return 0;
  };
  auto wrong = bench.o;
  wrong.background.files = (dir / "none").string();
  CHECK(code(wrong) == 3);
  wrong.background.files = (dir / "nowhere").string();
  CHECK(code(wrong) == 3);
  Options bounds;
  bounds.background.p = 1;
  bounds.background.loudest_db = 50;
  CHECK(code(bounds) == 2);
  bounds = {};
  bounds.room.p = 1;
  bounds.room.shortest_s = 1;
  CHECK(code(bounds) == 2);

  // A cached variant is named by what is in the files, and by every option of audio.
  std::set<std::string> names = {signature(bench.o, bench.scene())};
  CHECK(names.count(signature(bench.o, bench.scene())) == 1);
  Bench other = bench;
  other.o.background.faintest_db = 11;
  names.insert(signature(other.o, other.scene()));
  hum[5] += 0.1f;
  audio::write_wav(dir / "noises" / "hum.wav", hum);
  names.insert(signature(bench.o, bench.scene()));
  CHECK(names.size() == 3);
  std::filesystem::remove_all(dir);
}

TEST_CASE("augment: dropped features are the training mean in every frame and copy", "[augment]") {
  const std::vector<float> mean(12, 5.0f), std(12, 1.0f);
  const Layout layout{4, 3, mean, std};
  Options o;
  o.feature_dropout = 0.3;
  int dropped = 0;
  for (uint64_t n = 0; n < 200; ++n) {
    Matrix x(6, 12, 1.0f);
    apply(o, layout, Stream(1, "augment", n, 0), x);
    for (int64_t b = 0; b < 4; ++b) {
      const bool gone = x(0, b) == 5;
      dropped += gone ? 1 : 0;
      for (int64_t t = 0; t < 6; ++t) {
        for (int64_t s = 0; s < 3; ++s) REQUIRE(x(t, s * 4 + b) == (gone ? 5.0f : 1.0f));
      }
    }
  }
  CHECK(dropped > 0.25 * 800);
  CHECK(dropped < 0.35 * 800);
  o.feature_p = 0.5;
  o.feature_dropout = 0.99;
  int changed = 0;
  for (uint64_t n = 0; n < 200; ++n) {
    Matrix x(2, 12, 1.0f);
    apply(o, layout, Stream(1, "augment", n, 0), x);
    changed += x(0, 0) == 5 ? 1 : 0;
  }
  CHECK(changed > 70);
  CHECK(changed < 130);
}
