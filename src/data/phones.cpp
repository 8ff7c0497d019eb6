#include "data/phones.h"

#include <algorithm>
#include <set>

#include "core/text.h"

namespace kuchi::data {

std::string phone_of(const std::string& label) {
  static const std::set<std::string> kSilence = {"",  "sil",  "sp", "pau",   "pause", "_",
                                                 "#", "<p:>", "h#", "<eps>", "<sil>", "[sil]"};
  static const std::set<std::string> kNone = {"spn", "unk", "<unk>", "[unk]", "noise", "<noise>"};
  const std::string plain = lower(trim(label));
  if (kSilence.count(plain) > 0) return "sil";
  if (kNone.count(plain) > 0) return "";
  std::string phone = trim(label);
  // CMUdict: two capitals and 0, 1 or 2 for no, main or secondary stress
  const auto capital = [&](size_t i) { return phone[i] >= 'A' && phone[i] <= 'Z'; };
  if (phone.size() == 3 && capital(0) && capital(1) && phone[2] >= '0' && phone[2] <= '2') {
    phone.pop_back();
  }
  return phone;
}

void PhoneSet::add(std::span<const Interval> phones) {
  for (const auto& interval : phones) {
    const auto phone = phone_of(interval.label);
    if (!phone.empty()) index_[phone] = 0;
  }
  int64_t i = 0;
  for (auto& [name, number] : index_) number = i++;
}

int64_t PhoneSet::index(const std::string& label) const {
  const auto found = index_.find(phone_of(label));
  return found == index_.end() ? kNoPhone : found->second;
}

std::vector<std::string> PhoneSet::names() const {
  std::vector<std::string> out;
  for (const auto& [name, number] : index_) out.push_back(name);
  return out;
}

std::vector<int64_t> phone_targets(std::span<const Interval> phones, const PhoneSet& set,
                                   int64_t frames, double first_s, double hop_s) {
  std::vector<int64_t> out(static_cast<size_t>(frames), kNoPhone);
  size_t at = 0;
  for (int64_t k = 0; k < frames; ++k) {
    const double time_s = first_s + static_cast<double>(k) * hop_s;
    while (at < phones.size() && phones[at].end_s <= time_s) ++at;
    if (at == phones.size()) break;
    if (phones[at].begin_s <= time_s) out[static_cast<size_t>(k)] = set.index(phones[at].label);
  }
  return out;
}

}  // namespace kuchi::data
