// The synthesiser's sound against plain measurements of its spectrum.
#include <algorithm>
#include <cmath>
#include <complex>

#include "catch.h"
#include "synth/acoustics.h"
#include "synth/voice.h"

using namespace kuchi;  // NOLINT: a test reads better without the long names

namespace {

/// Half a second of one phone by a speaker of middling size.
std::vector<double> hold(std::string_view label) {
  const auto& kind = synth::phone_kinds()[static_cast<size_t>(synth::phone(label))];
  synth::Unit unit;
  unit.phone = synth::phone(label);
  unit.fixed_s = 0.5;
  synth::Utterance u = synth::set_in_time({unit}, 1, Stream(1, "hold"));
  synth::Speaker speaker;
  speaker.breath = 0;
  const auto mouth = synth::articulate(u, synth::Anticipation::heard);
  const auto controls = synth::controls_of(u, mouth, speaker, synth::styles()[1]);
  const auto samples = static_cast<int64_t>(u.seconds() * synth::kAudioRate);
  const auto audio = synth::speak(controls, speaker, samples, {1, 1});
  const auto middle = static_cast<size_t>(u.segments[1].middle_s() * synth::kAudioRate);
  CHECK(kind.label == label);
  return {audio.begin() + static_cast<long>(middle) - 1600,
          audio.begin() + static_cast<long>(middle) + 1600};
}

/// Resonances by linear prediction (autocorrelation, order 18): peaks of 1 / |A|, in Hz.
std::vector<double> resonances(std::vector<double> x) {
  constexpr int kOrder = 18;
  const size_t n = x.size();
  for (size_t i = n - 1; i > 0; --i) x[i] -= 0.95 * x[i - 1];
  for (size_t i = 0; i < n; ++i) {
    x[i] *= 0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(i) / static_cast<double>(n));
  }
  std::vector<double> r(kOrder + 1), a(kOrder + 1, 0.0);
  for (size_t lag = 0; lag <= kOrder; ++lag) {
    for (size_t i = lag; i < n; ++i) r[lag] += x[i] * x[i - lag];
  }
  a[0] = 1;
  double error = r[0];
  for (size_t m = 1; m <= kOrder; ++m) {
    double k = 0;
    for (size_t i = 0; i < m; ++i) k -= a[i] * r[m - i];
    k /= error;
    auto next = a;
    for (size_t i = 1; i <= m; ++i) next[i] = a[i] + k * a[m - i];
    a = next;
    error *= 1 - k * k;
  }
  const auto gain = [&a](double hz) {
    std::complex<double> sum = 0;
    for (size_t i = 0; i <= kOrder; ++i) {
      sum += a[i] * std::polar(1.0, -2 * M_PI * hz / 16000 * static_cast<double>(i));
    }
    return 1 / std::abs(sum);
  };
  std::vector<double> peaks;
  for (double hz = 150; hz < 5000; hz += 5) {
    if (gain(hz) > gain(hz - 5) && gain(hz) > gain(hz + 5)) peaks.push_back(hz);
  }
  return peaks;
}

double band_share(const std::vector<double>& x, double low_hz, double high_hz) {
  double in = 0, all = 0;
  for (double hz = 50; hz < 8000; hz += 50) {
    std::complex<double> sum = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      sum += x[i] * std::polar(1.0, -2 * M_PI * hz / 16000 * static_cast<double>(i));
    }
    all += std::norm(sum);
    if (hz >= low_hz && hz <= high_hz) in += std::norm(sum);
  }
  return in / all;
}

bool has_peak(const std::vector<double>& peaks, double low_hz, double high_hz) {
  return std::any_of(peaks.begin(), peaks.end(),
                     [=](double hz) { return hz >= low_hz && hz <= high_hz; });
}

}  // namespace

TEST_CASE("voice: a, i and u have their formants", "[synth]") {
  const auto a = resonances(hold("a"));
  CHECK(has_peak(a, 700, 950));
  CHECK(has_peak(a, 1050, 1400));
  const auto i = resonances(hold("i"));
  CHECK(has_peak(i, 200, 400));
  CHECK(has_peak(i, 2000, 2450));
  CHECK_FALSE(has_peak(i, 600, 1700));
  const auto u = resonances(hold("u"));
  CHECK(has_peak(u, 200, 420));
  CHECK(has_peak(u, 600, 1050));
  CHECK_FALSE(has_peak(u, 1300, 1900));
}

TEST_CASE("voice: s hisses high, sh lower, and n murmurs low", "[synth]") {
  CHECK(band_share(hold("s"), 4500, 8000) > 0.7);
  CHECK(band_share(hold("sh"), 1800, 4500) > 0.5);
  CHECK(band_share(hold("n"), 0, 800) > 0.7);
}

TEST_CASE("voice: a short tract has higher formants", "[synth]") {
  synth::Articulation a{};
  a[synth::kHeight] = 0.5;
  const auto middle = synth::formants_hz(a, 1.0), small = synth::formants_hz(a, 1.17);
  for (size_t f = 0; f < 4; ++f) CHECK(small[f] == Approx(1.17 * middle[f]));
}

TEST_CASE("voice: rounding and closing the lips lower the formants", "[synth]") {
  synth::Articulation open{};
  open[synth::kHeight] = 0.5;
  open[synth::kFront] = 0.5;
  auto round = open, closed = open;
  round[synth::kRound] = 1;
  closed[synth::kClose] = 1;
  CHECK(synth::formants_hz(round, 1)[1] < synth::formants_hz(open, 1)[1]);
  CHECK(synth::formants_hz(closed, 1)[0] < synth::formants_hz(open, 1)[0]);
  CHECK(synth::formants_hz(closed, 1)[1] < synth::formants_hz(open, 1)[1]);
}

TEST_CASE("articulation: the n before a p is closing, the n before a k is not", "[synth]") {
  using synth::Anticipation;
  const auto lips_at_n = [](std::string_view last, Anticipation anticipation) {
    std::vector<synth::Unit> units;
    for (std::string_view label : {std::string_view("s"), std::string_view("a"),
                                   std::string_view("nn"), last, std::string_view("o")}) {
      synth::Unit u;
      u.phone = synth::phone(label);
      u.fixed_s = 0.09;
      units.push_back(u);
    }
    const auto utterance = synth::set_in_time(units, 1, Stream(1, "sanpo"));
    return synth::articulate(utterance, anticipation)
        .at(utterance.segments[3].middle_s())[synth::kClose];
  };
  const double seen = lips_at_n("p", Anticipation::seen) - lips_at_n("k", Anticipation::seen);
  const double heard = lips_at_n("p", Anticipation::heard) - lips_at_n("k", Anticipation::heard);
  CHECK(seen > 0.15);
  CHECK(heard < 0.6 * seen);
}
