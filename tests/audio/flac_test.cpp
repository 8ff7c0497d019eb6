#include "audio/flac.h"

#include <cmath>
#include <fstream>

#include "../data/fixture.h"
#include "catch.h"

using namespace kuchi;

TEST_CASE("flac: reads back as the samples to 16 bits, in fewer bytes", "[audio]") {
  std::vector<float> samples(16000);
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = 0.5f * std::sin(static_cast<float>(i) * 0.05f);
  }
  samples[100] = 1.5f;  // clipped

  const auto bytes = audio::flac(samples);

  CHECK(bytes.substr(0, 4) == "fLaC");
  CHECK(bytes.size() < 2 * samples.size());
  test::TempDir dir;
  test::write(dir / "sound.flac", bytes);
  CHECK(audio::probe(dir / "sound.flac").encoding.find("16") != std::string::npos);
  const auto back = audio::read(dir / "sound.flac");
  REQUIRE(back.size() == samples.size());
  CHECK(back[100] > 0.999f);
  samples[100] = back[100];
  float most = 0;
  for (size_t i = 0; i < back.size(); ++i) most = std::max(most, std::abs(back[i] - samples[i]));
  CHECK(most < 1.0f / 16384);
}
