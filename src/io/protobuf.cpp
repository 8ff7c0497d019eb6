#include "io/protobuf.h"

#include <bit>
#include <sstream>
#include <utility>

namespace kuchi::io {
namespace {
constexpr int kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5;
constexpr int kMaxFieldBits = 29;

std::string fixed_bytes(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return out;
}

std::string varint_bytes(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}
}  // namespace

void ProtoMessage::append(std::string_view bytes) {
  if (pieces_.empty() || !pieces_.back().borrowed.empty()) pieces_.emplace_back();
  pieces_.back().own += bytes;
  size_ += bytes.size();
}

void ProtoMessage::varint(uint64_t value) { append(varint_bytes(value)); }

void ProtoMessage::key(int field, int wire_type) {
  varint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(wire_type));
}

void ProtoMessage::integer(int field, int64_t value) {
  key(field, kVarint);
  varint(static_cast<uint64_t>(value));  // negative: two's complement, ten bytes
}

void ProtoMessage::float32(int field, float value) {
  key(field, kFixed32);
  append(fixed_bytes(std::bit_cast<uint32_t>(value), 4));
}

void ProtoMessage::float64(int field, double value) {
  key(field, kFixed64);
  append(fixed_bytes(std::bit_cast<uint64_t>(value), 8));
}

void ProtoMessage::packed(int field, std::span<const double> values) {
  key(field, kDelimited);
  varint(values.size() * 8);
  std::string bytes;
  for (const double value : values) bytes += fixed_bytes(std::bit_cast<uint64_t>(value), 8);
  append(bytes);
}

void ProtoMessage::text(int field, std::string_view value) {
  key(field, kDelimited);
  varint(value.size());
  append(value);
}

void ProtoMessage::borrow(int field, std::span<const std::byte> value) {
  key(field, kDelimited);
  varint(value.size());
  pieces_.back().borrowed = value;
  size_ += value.size();
}

void ProtoMessage::message(int field, ProtoMessage&& value) {
  key(field, kDelimited);
  varint(value.size_);
  for (auto& piece : value.pieces_) pieces_.push_back(std::move(piece));
  size_ += value.size_;
}

void ProtoMessage::write(std::ostream& out) const {
  for (const auto& piece : pieces_) {
    out.write(piece.own.data(), static_cast<std::streamsize>(piece.own.size()));
    out.write(reinterpret_cast<const char*>(piece.borrowed.data()),
              static_cast<std::streamsize>(piece.borrowed.size()));
  }
}

std::string ProtoMessage::to_string() const {
  std::ostringstream out;
  write(out);
  return std::move(out).str();
}

std::nullopt_t ProtoReader::fail() {
  broken_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<uint64_t> ProtoReader::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return fail();
}

std::vector<uint64_t> ProtoReader::rest_as_numbers() {
  std::vector<uint64_t> out;
  while (!rest_.empty()) {
    if (const auto value = varint()) out.push_back(*value);
  }
  return out;
}

std::optional<ProtoReader::Field> ProtoReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto key = varint();
  if (!key) return std::nullopt;
  const uint64_t number = *key >> 3;
  if (number == 0 || number >> kMaxFieldBits != 0) return fail();
  Field field;
  field.number = static_cast<int>(number);
  const auto type = static_cast<int>(*key & 7);
  if (type == kVarint) {
    const auto value = varint();
    if (!value) return std::nullopt;
    field.value = *value;
    return field;
  }
  uint64_t bytes = 0;
  if (type == kDelimited) {
    const auto length = varint();
    if (!length) return std::nullopt;
    bytes = *length;
  } else if (type == kFixed32 || type == kFixed64) {
    bytes = type == kFixed32 ? 4 : 8;
  } else {
    return fail();  // groups are long gone; anything else is no protobuf
  }
  if (bytes > rest_.size()) return fail();
  field.bytes = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  field.delimited = type == kDelimited;
  if (!field.delimited) {
    for (size_t i = 0; i < field.bytes.size(); ++i) {
      field.value |= uint64_t{static_cast<unsigned char>(field.bytes[i])} << (8 * i);
    }
  }
  return field;
}

}  // namespace kuchi::io
