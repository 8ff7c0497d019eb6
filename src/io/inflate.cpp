#include "io/inflate.h"

#include <array>
#include <vector>

namespace kuchi::io {
namespace {

constexpr int kLongestCode = 15;

/// Canonical Huffman codes, decoded a bit at a time by counting codes of each length (the method of
/// Zlib's `puff`, from the canonical order alone).
class Codes {
 public:
  /// lengths[symbol]; false where they are no prefix code.
  bool build(const std::vector<uint8_t>& lengths) {
    count_.fill(0);
    for (const auto length : lengths) ++count_[length];
    count_[0] = 0;
    int left = 1;
    for (int length = 1; length <= kLongestCode; ++length) {
      left = 2 * left - count_[static_cast<size_t>(length)];
      if (left < 0) return false;
    }
    std::array<int, kLongestCode + 2> place{};
    for (size_t length = 1; length <= kLongestCode; ++length) {
      place[length + 1] = place[length] + count_[length];
    }
    symbols_.assign(lengths.size(), 0);
    for (size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] != 0) {
        symbols_[static_cast<size_t>(place[lengths[symbol]]++)] = static_cast<int>(symbol);
      }
    }
    return true;
  }
  /// The next symbol; -1 where the bits are no code or there are none.
  template <typename Bits>
  int next(Bits& bits) const {
    int code = 0, first = 0, index = 0;
    for (size_t length = 1; length <= kLongestCode; ++length) {
      const int bit = bits.take(1);
      if (bit < 0) return -1;
      code |= bit;
      const int count = count_[length];
      if (code - count < first) return symbols_[static_cast<size_t>(index + code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }

 private:
  std::array<int, kLongestCode + 1> count_{};
  std::vector<int> symbols_;
};

/// Bits of a stream, the lowest of a byte first.
class Bits {
 public:
  explicit Bits(std::string_view bytes) : bytes_(bytes) {}
  /// -1 where they end.
  int take(int count) {
    while (held_ < count) {
      if (at_ == bytes_.size()) return -1;
      buffer_ |= static_cast<uint32_t>(static_cast<uint8_t>(bytes_[at_++])) << held_;
      held_ += 8;
    }
    const int value = static_cast<int>(buffer_ & ((1U << count) - 1));
    buffer_ >>= count;
    held_ -= count;
    return value;
  }
  void to_byte() { buffer_ = 0, held_ = 0; }
  std::optional<std::string_view> bytes(size_t count) {
    if (count > bytes_.size() - at_) return std::nullopt;
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  uint32_t buffer_ = 0;
  int held_ = 0;
};

// RFC 1951, 3.2.5: base and extra bits of lengths (symbols 257 …) and distances.
constexpr std::array<int, 29> kLengthBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                             15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                             67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<int, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                              2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<int, 30> kDistanceBase = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<int, 30> kDistanceExtra = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                                4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                                9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
// 3.2.7: the order in which lengths of the code of lengths stand.
constexpr std::array<size_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                           11, 4,  12, 3, 13, 2, 14, 1, 15};

class Inflater {
 public:
  Inflater(std::string_view packed, uint64_t bytes) : bits_(packed), bytes_(bytes) {}

  std::optional<std::string> run() {
    for (;;) {
      const int last = bits_.take(1), kind = bits_.take(2);
      if (last < 0 || kind < 0) return std::nullopt;
      const bool whole = kind == 0   ? stored()
                         : kind == 1 ? fixed()
                         : kind == 2 ? own_codes()
                                     : false;
      if (!whole) return std::nullopt;
      if (last == 1) break;
    }
    if (out_.size() != bytes_) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool stored() {
    bits_.to_byte();
    const int length = bits_.take(16), inverse = bits_.take(16);
    if (length < 0 || inverse < 0 || (length ^ inverse) != 0xffff) return false;
    const auto piece = bits_.bytes(static_cast<size_t>(length));
    if (!piece || out_.size() + piece->size() > bytes_) return false;
    out_ += *piece;
    return true;
  }

  bool fixed() {
    std::vector<uint8_t> lengths(288, 8);
    for (size_t i = 144; i < 256; ++i) lengths[i] = 9;
    for (size_t i = 256; i < 280; ++i) lengths[i] = 7;
    return literals_.build(lengths) && distances_.build(std::vector<uint8_t>(30, 5)) && body();
  }

  bool own_codes() {
    const int literals = bits_.take(5), distances = bits_.take(5), given = bits_.take(4);
    if (literals < 0 || distances < 0 || given < 0) return false;
    const auto count = static_cast<size_t>(literals + 257 + distances + 1);
    if (literals > 29 || distances > 29) return false;
    std::vector<uint8_t> lengths(19, 0);
    for (size_t i = 0; i < static_cast<size_t>(given + 4); ++i) {
      const int length = bits_.take(3);
      if (length < 0) return false;
      lengths[kOrder[i]] = static_cast<uint8_t>(length);
    }
    Codes of_lengths;
    if (!of_lengths.build(lengths)) return false;
    std::vector<uint8_t> all;
    while (all.size() < count) {
      const int symbol = of_lengths.next(bits_);
      if (symbol < 0) return false;
      if (symbol < 16) {
        all.push_back(static_cast<uint8_t>(symbol));
        continue;
      }
      if (symbol == 16 && all.empty()) return false;
      const uint8_t value = symbol == 16 ? all.back() : uint8_t{0};
      const int more = bits_.take(symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
      if (more < 0) return false;
      const auto times = static_cast<size_t>(more + (symbol == 18 ? 11 : 3));
      if (all.size() + times > count) return false;
      all.insert(all.end(), times, value);
    }
    const auto middle = all.begin() + literals + 257;
    return literals_.build({all.begin(), middle}) && distances_.build({middle, all.end()}) &&
           body();
  }

  bool body() {
    for (;;) {
      const int symbol = literals_.next(bits_);
      if (symbol < 0) return false;
      if (symbol == 256) return true;
      if (symbol < 256) {
        if (out_.size() == bytes_) return false;
        out_ += static_cast<char>(symbol);
        continue;
      }
      const auto kind = static_cast<size_t>(symbol - 257);
      if (kind >= kLengthBase.size()) return false;
      const int more = bits_.take(kLengthExtra[kind]);
      const int far = distances_.next(bits_);
      if (more < 0 || far < 0 || far >= static_cast<int>(kDistanceBase.size())) return false;
      const int further = bits_.take(kDistanceExtra[static_cast<size_t>(far)]);
      if (further < 0) return false;
      const auto length = static_cast<size_t>(kLengthBase[kind] + more);
      const auto distance = static_cast<size_t>(kDistanceBase[static_cast<size_t>(far)] + further);
      if (distance > out_.size() || out_.size() + length > bytes_) return false;
      for (size_t i = 0; i < length; ++i) out_ += out_[out_.size() - distance];
    }
  }

  Bits bits_;
  uint64_t bytes_;
  std::string out_;
  Codes literals_, distances_;
};

}  // namespace

std::optional<std::string> inflate(std::string_view packed, uint64_t bytes) {
  return Inflater(packed, bytes).run();
}

}  // namespace kuchi::io
