// Speech in, mouth curves out, in a program of one's own:
//   predict RUN AUDIO OUT.csv
// It does what kuchi predict RUN AUDIO --out OUT.csv --format csv does.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "audio/audio.h"
#include "core/error.h"
#include "curves/track.h"
#include "features/features.h"
#include "train/judge.h"
#include "train/run.h"

namespace {

void predict(const char* run, const char* audio, const char* out) {
  const auto trained = kuchi::train::load_trained(run, "best", "cpu");
  const auto& card = trained.model->card();  // what it hears, at which rate, which curves it speaks

  const auto samples = kuchi::audio::read(audio);  // 16 kHz mono, whatever the file holds
  const auto frames =
      kuchi::features::frame_count(static_cast<std::int64_t>(samples.size()), card.fps);
  const auto heard = kuchi::features::compute(card.features, samples, card.fps, frames);
  const auto mouth = kuchi::train::predict(*trained.model, trained.device, heard);

  kuchi::curves::WriteOptions options;
  options.fps = card.fps;
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
