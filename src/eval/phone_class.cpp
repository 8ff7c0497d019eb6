#include "eval/phone_class.h"

#include <map>
#include <set>

namespace kuchi::eval {
namespace {

using Labels = std::set<std::string>;

const std::map<PhoneClass, Labels>& table() {
  static const std::map<PhoneClass, Labels> kTable = {
      {PhoneClass::bilabial, {"p", "b", "m", "P", "B", "M", "EM", "ɓ", "ɸ", "β", "pp", "bb", "mm"}},
      {PhoneClass::labiodental, {"f", "v", "F", "V", "ɱ", "ʋ", "pf"}},
      {PhoneClass::rounded,
       {"u",  "o",  "uh", "ao", "ue", "er", "w",  "sh", "ch", "jh", "UW", "OW", "UH", "AO", "OY",
        "ER", "W",  "SH", "ZH", "CH", "JH", "ʊ",  "ɔ",  "ɒ",  "ø",  "œ",  "ʏ",  "ʉ",  "ɵ",  "ʃ",
        "ʒ",  "tʃ", "dʒ", "ʍ",  "ɥ",  "ɹ",  "ow", "oy", "uw", "oʊ", "ɔɪ", "əʊ", "ɝ"}},
      {PhoneClass::spread, {"i", "e", "ih", "eh", "ae", "y",  "IY", "IH", "EH", "EY", "AE",
                            "Y", "ɪ", "ɛ",  "æ",  "j",  "iy", "ey", "eɪ", "I",  "E"}},
      {PhoneClass::open,
       {"a", "ah", "AA", "AH", "AY", "AW", "ɑ", "ɐ", "ʌ", "aa", "ay", "aw", "aɪ", "aʊ", "A"}},
      {PhoneClass::silence, {"sil"}}};
  return kTable;
}

/// UTF-8 without marks of length, stress, tone and secondary articulation.
std::string plain(const std::string& phone) {
  static const std::vector<std::string> kMarks = {"ː", "ˑ", "ʰ", "ʲ", "ʷ", "ˠ", "ˤ", "ˈ",
                                                  "ˌ", "˞", "̩",  "̪",  "̃",  "̚",  "͡",  "̯",
                                                  "̥",  "̬",  "˥", "˦", "˧", "˨", "˩"};
  std::string out;
  for (size_t i = 0; i < phone.size();) {
    bool skipped = false;
    for (const auto& mark : kMarks) {
      if (phone.compare(i, mark.size(), mark) != 0) continue;
      i += mark.size();
      skipped = true;
      break;
    }
    if (skipped) continue;
    if (phone[i] < '0' || phone[i] > '9') out += phone[i];
    ++i;
  }
  return out;
}

}  // namespace

const std::vector<PhoneClass>& phone_classes() {
  static const std::vector<PhoneClass> kAll = {
      PhoneClass::bilabial, PhoneClass::labiodental, PhoneClass::rounded, PhoneClass::spread,
      PhoneClass::open,     PhoneClass::other,       PhoneClass::silence};
  return kAll;
}

std::string to_string(PhoneClass kind) {
  switch (kind) {
    case PhoneClass::bilabial:
      return "bilabial";
    case PhoneClass::labiodental:
      return "labiodental";
    case PhoneClass::rounded:
      return "rounded";
    case PhoneClass::spread:
      return "spread";
    case PhoneClass::open:
      return "open";
    case PhoneClass::silence:
      return "silence";
    case PhoneClass::other:
      break;
  }
  return "other";
}

PhoneClass phone_class(const std::string& phone) {
  const auto label = plain(phone);
  for (const auto& [kind, labels] : table()) {
    if (labels.count(label) > 0) return kind;
  }
  return PhoneClass::other;
}

}  // namespace kuchi::eval
