// Speech in, mouth curves out, in a program of one's own:
//   predict RUN AUDIO OUT.csv
// It does what kuchi predict RUN AUDIO --out OUT.csv --format csv does.
#include <cstdlib>
#include <iostream>

#include "audio/audio.h"
#include "core/error.h"
#include "curves/track.h"
#include "features/features.h"
#include "train/ensemble.h"

namespace {

void predict(const char* run, const char* audio, const char* out) {
  const kuchi::train::Ensemble model({run}, "best", "cpu");  // several runs would be averaged
  const auto& card = model.card();  // what it hears, at which rate, which curves it speaks

  const auto samples = kuchi::audio::read(audio);  // 16 kHz mono, whatever the file holds
  const auto count = static_cast<int64_t>(samples.size());
  const auto mouth = model.predict(samples, kuchi::features::frame_count(count, card.fps));

  kuchi::curves::WriteOptions options;
  options.fps = card.fps;
  options.provenance = model.provenance();
  kuchi::curves::write_track(out, "csv", card.rig, mouth, options);
  std::cout << mouth.rows << " frames of " << card.rig.size() << " curves\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: predict RUN AUDIO OUT.csv\n";
    return static_cast<int>(kuchi::Exit::config);
  }
  try {
    predict(argv[1], argv[2], argv[3]);
    return EXIT_SUCCESS;
  } catch (const kuchi::UserError& e) {  // says where, what is wrong and what to do
    std::cerr << e.what() << "\n";
    return static_cast<int>(e.code());
  }
}
