#include "synth/phones.h"

#include <cassert>
#include <cstdlib>

namespace kuchi::synth {
namespace {

enum class Place {
  bilabial,
  labiodental,
  dental,
  alveolar,
  postalveolar,
  palatal,
  velar,
  labiovelar,
  rhotic,
  lateral,
  glottal,
  none
};

using Pulls = std::array<Pull, kArticulators>;

/// A phone that asks nothing of the lips: they are left to its neighbours.
Pulls neutral() {
  Pulls p{};
  p[kJaw] = {0.25, 0.10, 16, 16};
  p[kClose] = {0.10, 0.04, 12, 12};
  p[kRound] = {0.05, 0.03, 12, 12};
  p[kSpread] = {0.12, 0.03, 12, 12};
  p[kLipToTeeth] = {0.0, 0.5, 20, 20};
  p[kTeeth] = {0.0, 0.5, 18, 18};
  p[kHeight] = {0.55, 0.05, 14, 14};
  p[kFront] = {0.45, 0.05, 14, 14};
  p[kRhotic] = {0.0, 0.5, 20, 20};
  p[kVelum] = {0.0, 1.0, 30, 30};
  return p;
}

void shape_tongue(Pulls& p, double height, double front, double strength) {
  p[kHeight] = {height, strength, 18, 18};
  p[kFront] = {front, strength, 18, 18};
}

Pulls consonant_pulls(Place place) {
  Pulls p = neutral();
  switch (place) {
    case Place::bilabial:
      p[kClose] = {1.0, 1.8, 13, 16};
      p[kJaw] = {0.20, 0.45, 18, 18};
      break;
    case Place::labiodental:
      p[kLipToTeeth] = {1.0, 2.2, 18, 18};
      p[kClose] = {0.60, 1.3, 15, 16};
      p[kJaw] = {0.14, 0.8, 20, 20};
      break;
    case Place::dental:
      p[kJaw] = {0.18, 0.5, 20, 20};
      shape_tongue(p, 0.70, 0.70, 0.7);
      break;
    case Place::alveolar:
      p[kJaw] = {0.20, 0.30, 20, 20};
      shape_tongue(p, 0.78, 0.62, 0.9);
      break;
    case Place::postalveolar:
      p[kJaw] = {0.12, 0.8, 22, 22};
      p[kRound] = {0.60, 0.7, 12, 15};
      p[kClose] = {0.25, 0.5, 14, 15};
      shape_tongue(p, 0.85, 0.62, 1.0);
      break;
    case Place::palatal:
      p[kJaw] = {0.14, 0.6, 20, 20};
      p[kSpread] = {0.45, 0.4, 14, 15};
      shape_tongue(p, 0.95, 0.85, 1.1);
      break;
    case Place::velar:
      p[kJaw] = {0.25, 0.15, 18, 18};
      shape_tongue(p, 0.95, 0.45, 0.3);
      p[kHeight].strength = 0.8;
      break;
    case Place::labiovelar:
      p[kRound] = {1.0, 1.4, 9, 14};
      p[kClose] = {0.75, 1.4, 9, 15};
      p[kSpread] = {0.0, 1.0, 10, 14};
      p[kJaw] = {0.18, 0.7, 14, 18};
      shape_tongue(p, 0.88, 0.22, 0.9);
      break;
    case Place::rhotic:
      p[kRound] = {0.45, 0.4, 12, 14};
      p[kJaw] = {0.25, 0.4, 18, 18};
      p[kRhotic] = {1.0, 1.4, 18, 18};
      shape_tongue(p, 0.55, 0.45, 0.7);
      break;
    case Place::lateral:
      p[kJaw] = {0.28, 0.25, 18, 18};
      shape_tongue(p, 0.62, 0.45, 0.7);
      break;
    case Place::glottal:
    case Place::none:
      break;
  }
  return p;
}

/// Spectra of noise by place: roughly Stevens, Acoustic Phonetics (1998), chapters 7 and 8.
Noise noise_of(Place place) {
  switch (place) {
    case Place::bilabial:
      return {0.20, 700, 600, 1.2, 3000, 4000, 0.70};
    case Place::labiodental:
      return {0.22, 1600, 1500, 0.5, 7200, 3000, 0.2};
    case Place::dental:
      return {0.18, 1500, 1200, 0.25, 6200, 3500, 0.3};
    case Place::alveolar:
      return {1.0, 3800, 1500, 0.12, 6300, 1700, 1.2};
    case Place::postalveolar:
      return {0.9, 2600, 700, 0.9, 4600, 1800, 0.7};
    case Place::palatal:
      return {0.8, 3400, 800, 0.8, 5600, 1800, 0.6};
    case Place::velar:
      return {0.5, 1900, 500, 1.4, 4200, 2500, 0.9};
    default:
      return {0.3, 1500, 1000, 0.5, 4500, 3000, 0.3};
  }
}

double nasal_zero_of(Place place) {
  if (place == Place::bilabial) return 850;
  if (place == Place::alveolar) return 1500;
  return place == Place::none ? 2600 : 2300;
}

double usual_seconds(Manner manner, bool voiced) {
  switch (manner) {
    case Manner::stop:
      return voiced ? 0.075 : 0.090;
    case Manner::affricate:
      return 0.110;
    case Manner::fricative:
      return voiced ? 0.085 : 0.100;
    case Manner::nasal:
      return 0.075;
    case Manner::aspirate:
      return 0.065;
    default:
      return 0.068;
  }
}

PhoneKind consonant(std::string_view label, Manner manner, Place place, bool voiced) {
  PhoneKind k;
  k.label = label;
  k.manner = manner;
  k.voiced = voiced;
  k.usual_s = usual_seconds(manner, voiced);
  k.noise = noise_of(place);
  k.pulls = consonant_pulls(place);
  if (manner == Manner::nasal) {
    k.pulls[kVelum] = {1.0, 2.0, 28, 30};
    k.nasal_zero_hz = nasal_zero_of(place);
  }
  const bool sibilant =
      (manner == Manner::fricative || manner == Manner::affricate) &&
      (place == Place::alveolar || place == Place::postalveolar || place == Place::palatal);
  if (sibilant) {
    k.pulls[kTeeth] = {place == Place::alveolar ? 1.0 : 0.75, 1.4, 18, 18};
    k.pulls[kJaw] = {0.10, 0.9, 22, 22};
  }
  return k;
}

struct VowelShape {
  double jaw, close, round, spread, height, front;
};

PhoneKind vowel(std::string_view label, const VowelShape& v, double rhotic = 0) {
  PhoneKind k;
  k.label = label;
  k.manner = Manner::vowel;
  k.usual_s = 0.115;
  k.pulls = neutral();
  k.pulls[kJaw] = {v.jaw, 1.0, 11, 13};
  k.pulls[kClose] = {v.close, 1.0, 8, 13};
  k.pulls[kRound] = {v.round, 1.0, 8, 13};
  k.pulls[kSpread] = {v.spread, 1.0, 9, 13};
  k.pulls[kHeight] = {v.height, 1.0, 13, 15};
  k.pulls[kFront] = {v.front, 1.0, 13, 15};
  k.pulls[kRhotic] = {rhotic, 1.0, 16, 18};
  return k;
}

PhoneKind rest(std::string_view label, double strength) {
  PhoneKind k;
  k.label = label;
  k.usual_s = 0.2;
  k.voiced = false;
  k.pulls = neutral();
  for (int a : {kJaw, kClose, kRound, kSpread}) k.pulls[a] = {0.0, strength, 15, 12};
  return k;
}

void add_vowels(std::vector<PhoneKind>& t) {
  //                     jaw   close  round spread height front
  t.push_back(vowel("a", {0.78, 0.00, 0.02, 0.10, 0.08, 0.42}));
  t.push_back(vowel("i", {0.20, 0.08, 0.00, 0.90, 0.95, 1.00}));
  t.push_back(vowel("u", {0.22, 0.60, 0.92, 0.00, 0.90, 0.30}));
  t.push_back(vowel("e", {0.42, 0.02, 0.00, 0.60, 0.60, 0.85}));
  t.push_back(vowel("o", {0.46, 0.38, 0.75, 0.00, 0.50, 0.18}));
  t.push_back(vowel("uj", {0.20, 0.30, 0.35, 0.12, 0.90, 0.42}));  // Japanese, little rounded
  t.push_back(vowel("ih", {0.28, 0.05, 0.00, 0.50, 0.78, 0.85}));
  t.push_back(vowel("ae", {0.66, 0.00, 0.00, 0.65, 0.20, 0.75}));
  t.push_back(vowel("ah", {0.50, 0.02, 0.05, 0.10, 0.35, 0.45}));
  t.push_back(vowel("ax", {0.32, 0.08, 0.08, 0.15, 0.55, 0.48}));
  t.push_back(vowel("er", {0.34, 0.15, 0.40, 0.05, 0.55, 0.45}, 1.0));
  t.push_back(vowel("ao", {0.60, 0.25, 0.60, 0.00, 0.28, 0.22}));
  t.push_back(vowel("uh", {0.28, 0.40, 0.60, 0.00, 0.78, 0.32}));
  t.push_back(vowel("ue", {0.18, 0.50, 0.88, 0.00, 0.95, 0.95}));  // Mandarin rounded front
  t.push_back(vowel("eh", {0.50, 0.00, 0.00, 0.40, 0.42, 0.72}));
  t.push_back(vowel("iz", {0.14, 0.06, 0.05, 0.45, 0.88, 0.58}));  // Mandarin apical
}

void add_consonants(std::vector<PhoneKind>& t) {
  using M = Manner;
  using P = Place;
  const auto add = [&t](std::string_view label, M m, P p, bool voiced) {
    t.push_back(consonant(label, m, p, voiced));
  };
  add("p", M::stop, P::bilabial, false);
  add("b", M::stop, P::bilabial, true);
  add("m", M::nasal, P::bilabial, true);
  add("f", M::fricative, P::labiodental, false);
  add("v", M::fricative, P::labiodental, true);
  add("th", M::fricative, P::dental, false);
  add("t", M::stop, P::alveolar, false);
  add("d", M::stop, P::alveolar, true);
  add("n", M::nasal, P::alveolar, true);
  add("s", M::fricative, P::alveolar, false);
  add("z", M::fricative, P::alveolar, true);
  add("ts", M::affricate, P::alveolar, false);
  add("l", M::liquid, P::lateral, true);
  add("sh", M::fricative, P::postalveolar, false);
  add("ch", M::affricate, P::postalveolar, false);
  add("jh", M::affricate, P::postalveolar, true);
  add("sy", M::fricative, P::palatal, false);
  add("cy", M::affricate, P::palatal, false);
  add("jy", M::affricate, P::palatal, true);
  add("y", M::glide, P::palatal, true);
  add("k", M::stop, P::velar, false);
  add("g", M::stop, P::velar, true);
  add("ng", M::nasal, P::velar, true);
  add("x", M::fricative, P::velar, false);
  add("w", M::glide, P::labiovelar, true);
  add("r", M::liquid, P::rhotic, true);
  add("rj", M::liquid, P::lateral, true);  // Japanese tap
  add("h", M::aspirate, P::glottal, false);
  add("nn", M::nasal, P::none, true);  // Japanese moraic nasal: no place of its own
  t.back().usual_s = 0.095;
  for (PhoneKind& k : t) {
    if (k.label == "y") k.pulls[kSpread] = {0.7, 0.8, 14, 15};
    if (k.label == "rj") k.usual_s = 0.045;
  }
}

std::vector<PhoneKind> build() {
  std::vector<PhoneKind> t;
  t.push_back(rest("sil", 1.5));
  t.push_back(rest("pau", 0.9));
  add_vowels(t);
  add_consonants(t);
  return t;
}

}  // namespace

const std::vector<PhoneKind>& phone_kinds() {
  static const std::vector<PhoneKind> table = build();
  return table;
}

int phone(std::string_view label) {
  const auto& table = phone_kinds();
  for (size_t i = 0; i < table.size(); ++i) {
    if (table[i].label == label) return static_cast<int>(i);
  }
  assert(false && "no such phone");
  std::abort();
}

}  // namespace kuchi::synth
