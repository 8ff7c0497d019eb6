// src/core/provenance.h
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kuchi {

/// Where data came from and what may be done with what is made of them. It travels from the recipe
/// through store, run, checkpoint and ONNX into every animation file that can hold a field.
/// "" means: not stated. docs/provenance.md says what travels where.
struct Provenance {
  std::string data;            // name of the data set
  std::string licence;         // of the recordings
  std::string consent;         // what the recorded people agreed to
  std::string permitted_use;   // what the recordings and models of them may be used for
  std::string synthetic_mark;  // how to mark what models of these data make

  bool operator==(const Provenance&) const = default;
};

/// The mark where a recipe says nothing else. Content hashes of stores leave it out, so that stores
/// older than the mark still verify: with another text here they would not (see store_layout.cpp).
inline constexpr const char* kSyntheticMark =
    "synthetic media: mouth movement predicted from audio by a model, not captured";

/// Keys as they stand in every file: data, licence, consent, permitted_use, synthetic_mark.
/// All five, in this order, also where nothing is stated.
std::vector<std::pair<std::string, std::string>> fields(const Provenance& provenance);
/// The inverse of fields(): looks a key up with `get(key)`, which returns "" for what is not there.
template <typename Get>
Provenance provenance_from(const Get& get) {
  return {get("data"), get("licence"), get("consent"), get("permitted_use"), get("synthetic_mark")};
}

/// Of what was made from several data sets, such as an ensemble: in each field what they say, in
/// order, each text once, joined by " + ". Where some say something and others nothing, "not
/// stated" is among them, since a neighbour's permission does not cover a silence; of the marks
/// only those that are there count.
Provenance combined(const std::vector<Provenance>& parts);
/// For people: "  key: value" a line, "not stated" where there is nothing; line breaks and
/// other control characters of a text become spaces.
std::string to_text(const Provenance& provenance);

}  // namespace kuchi
