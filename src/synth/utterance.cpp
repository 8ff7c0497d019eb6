#include "synth/utterance.h"

#include <algorithm>

namespace kuchi::synth {
namespace {

constexpr double kShortest_s = 0.040;
/// Shortest phone that the lips can close for and be seen closed at 30 frames a second.
constexpr double kShortestClosure_s = 0.062;

Segment silence(double begin_s, double seconds) {
  Segment s;
  s.unit.phone = kSilence;
  s.begin_s = begin_s;
  s.end_s = begin_s + seconds;
  return s;
}

}  // namespace

Utterance set_in_time(const std::vector<Unit>& units, double rate, Stream draw) {
  Utterance u;
  // Long enough for 150 ms of rest, the longest lead and the mouth's way out of rest.
  u.segments.push_back(silence(0, draw.uniform(0.52, 0.68)));
  double at_s = u.segments.back().end_s;
  for (const Unit& unit : units) {
    Segment s;
    s.unit = unit;
    const double spread = 1.0 + 0.12 * std::clamp(draw.normal(), -2.0, 2.0);
    double seconds = s.kind().usual_s * unit.length / rate * spread;
    seconds = std::max(seconds, s.kind().closes_lips() ? kShortestClosure_s : kShortest_s);
    if (unit.fixed_s > 0) seconds = unit.fixed_s;
    s.begin_s = at_s;
    at_s += seconds;
    s.end_s = at_s;
    u.segments.push_back(s);
  }
  u.segments.push_back(silence(at_s, draw.uniform(0.60, 0.75)));
  return u;
}

}  // namespace kuchi::synth
