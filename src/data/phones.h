// src/data/phones.h
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/text_grid.h"

namespace kuchi::data {

/// The phone that a label means: silence and pauses ("", "sil", "sp", "pau", …) are "sil", ARPAbet
/// vowels lose their stress ("AH0" → "AH"), and what says only that something was heard ("spn",
/// "<unk>", "noise") is "", no phone.
std::string phone_of(const std::string& label);

/// Phones by number, in order of their names.
class PhoneSet {
 public:
  void add(std::span<const Interval> phones);
  int64_t size() const { return static_cast<int64_t>(index_.size()); }
  /// kNoPhone for a label that means none, or was never added.
  int64_t index(const std::string& label) const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, int64_t> index_;
};

inline constexpr int64_t kNoPhone = -1;

/// The phone at each of `frames` times first_s + k · hop_s; kNoPhone outside all intervals.
/// An interval holds its begin and not its end.
std::vector<int64_t> phone_targets(std::span<const Interval> phones, const PhoneSet& set,
                                   int64_t frames, double first_s, double hop_s);

}  // namespace kuchi::data
