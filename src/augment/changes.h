// src/augment/changes.h
#pragma once

#include <vector>

#include "augment/options.h"
#include "augment/take.h"

namespace kuchi::augment {

/// One label-safe change to audio and curves. Its options are `augment.NAME.*`.
struct Change {
  const char* name;
  void (*describe)(config::Section section, Options& options);
  double (*p)(const Options& options);
  /// Changes the take, with draws from its own stream, and notes in `drawn` what it did.
  void (*apply)(const Options& options, const Scene& scene, Stream& stream, Take& take);
};

/// All of them, in the order in which they act: the speaker, then the room, then the microphone.
const std::vector<Change>& changes();

// One file each.
Change speed();       // time-scale modification that keeps pitch; curves follow
Change pitch();       // keeps timing
Change mirror();      // left and right change places, in the curves
Change silence();     // before or after speech: noise floor, curves ease to or from rest
Change muted();       // no speech at all: noise floor, curves at rest
Change room();        // impulse response whose direct sound is not delayed
Change background();  // noise at a drawn signal-to-noise ratio
Change microphone();  // three minimum-phase filters
Change level();
Change shift();  // of audio against curves

}  // namespace kuchi::augment
