// Colour of a microphone: a low shelf, a peak and a high shelf of drawn places and gains. Minimum
// phase: what they delay speech by is under a millisecond.
#include "augment/biquad.h"
#include "augment/changes.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  auto& o = options.microphone;
  s.add("p", o.p).at_least(0).at_most(1).help("share of segments coloured by another microphone");
  s.add("most_db", o.most_db)
      .at_least(0)
      .at_most(24)
      .unit("dB")
      .help("largest gain of each of three filters, up or down");
}

double between(Stream& stream, double low, double high) {  // evenly in octaves
  return low * portable::exp(stream.uniform(0, portable::log(high / low)));
}

void apply(const Options& options, const Scene&, Stream& stream, Take& take) {
  const double most = options.microphone.most_db;
  const double low_hz = between(stream, 80, 300), low_db = stream.uniform(-most, most);
  const double peak_hz = between(stream, 400, 3500), peak_db = stream.uniform(-most, most);
  const double width = stream.uniform(0.5, 1.2);
  const double high_hz = between(stream, 2500, 6000), high_db = stream.uniform(-most, most);
  Biquad::low_shelf(low_hz, low_db).run(take.audio);
  Biquad::peak(peak_hz, width, peak_db).run(take.audio);
  Biquad::high_shelf(high_hz, high_db).run(take.audio);
  take.drawn.push_back({"microphone low", low_db, "dB"});
  take.drawn.push_back({"microphone peak", peak_db, "dB"});
  take.drawn.push_back({"microphone high", high_db, "dB"});
}

}  // namespace

Change microphone() {
  return {"microphone", declare, [](const Options& o) { return o.microphone.p; }, apply};
}

}  // namespace kuchi::augment
