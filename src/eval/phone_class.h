// src/eval/phone_class.h
#pragma once

#include <string>
#include <vector>

namespace kuchi::eval {

/// What a phone asks of the lips.
enum class PhoneClass { bilabial, labiodental, rounded, spread, open, other, silence };

/// All, in the order of tables.
const std::vector<PhoneClass>& phone_classes();
std::string to_string(PhoneClass kind);

/// The class of a phone, as data::phone_of() gives it, by its label in ARPAbet (capitals), IPA, or
/// the embedded set's letters: p b m; f v; rounded vowels and glides, sh and its kin; spread
/// vowels; open vowels; the rest. Length marks, tones, stress and secondary articulation (ː ʰ ʲ ˈ 3
/// …) are passed over. A plain "y" is the glide of ARPAbet and the embedded set, not IPA's vowel.
PhoneClass phone_class(const std::string& phone);

}  // namespace kuchi::eval
