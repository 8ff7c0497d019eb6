// src/data/phone_corpus.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/provenance.h"
#include "data/phones.h"
#include "data/recipe.h"
#include "data/split.h"
#include "synth/synth.h"

namespace kuchi::data {

struct PhoneClip {
  std::string id;
  std::filesystem::path audio;  // "" where `samples` holds the sound
  std::vector<float> samples;   // 16 kHz
  int64_t length = 0;           // samples at 16 kHz, of either
  std::vector<Interval> phones;
};

/// Speech whose phones are known, and which of it is held out.
struct PhoneCorpus {
  Provenance provenance;
  std::vector<PhoneClip> clips;  // by id
  std::vector<Piece> pieces;     // begin and end in samples at 16 kHz
  std::vector<Skipped> skipped;  // audio without labels
  PhoneSet phones;
  double seconds(Split split) const;
};

struct PhoneOptions {
  std::string tier = "phones";  // of a TextGrid
  double held_out = 0.1;        // share of a folder's clips; a recipe has a split of its own
  uint64_t seed = 0;            // draws them
};

/// Audio with TextGrids or SRTs (srt.h): of a recipe its clips, its training part to learn from and
/// its validation part held out, its test part left alone; of a folder that holds a recipe.yaml the
/// same; of any other folder all audio in it and below.
///
/// A clip's labels have its name and are anywhere under the root: of several the one whose folders,
/// from the file upwards, are called like the audio's for longest (wav/s1/a.wav goes with
/// phones/s1/a.TextGrid). UserError (data): no audio with labels, several that go equally well,
/// labels that end more than half a second and 2 % after the sound, and what the readers say;
/// (config): a recipe's mistakes.
PhoneCorpus find_phones(const std::filesystem::path& what, const PhoneOptions& options);

/// The embedded set, which needs no files.
PhoneCorpus embedded_phones(const synth::Options& set, const PhoneOptions& options);

/// A clip's sound at 16 kHz.
std::vector<float> samples_of(const PhoneClip& clip);

}  // namespace kuchi::data
