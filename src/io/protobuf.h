// src/io/protobuf.h
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi::io {

/// A protocol-buffer message, written field by field in the wire format (protobuf.dev, "Encoding").
/// Linking protobuf itself would clash with the copy inside LibTorch. ONNX files are such messages.
///
/// Large byte fields are borrowed, not copied: they must outlive the message and everything it is
/// put into.
class ProtoMessage {
 public:
  void integer(int field, int64_t value);  // int32, int64, enum, bool
  void float32(int field, float value);
  void float64(int field, double value);
  void packed(int field, std::span<const double> values);  // repeated double
  void text(int field, std::string_view value);            // string, bytes: copied
  void borrow(int field, std::span<const std::byte> value);
  void message(int field, ProtoMessage&& value);

  /// Bytes that write() gives. protobuf allows 2 GiB - 1 in a message.
  uint64_t size() const { return size_; }
  void write(std::ostream& out) const;
  std::string to_string() const;

 private:
  struct Piece {
    std::string own;
    std::span<const std::byte> borrowed;  // after own
  };
  void key(int field, int wire_type);
  void varint(uint64_t value);
  void append(std::string_view bytes);
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
};

/// Reads a message's fields one after another; unknown ones are the caller's to ignore. Lengths are
/// checked against what is there: nothing is allocated on the file's word.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes) : rest_(bytes) {}

  struct Field {
    int number = 0;
    uint64_t value = 0;      // varint, fixed32, fixed64
    std::string_view bytes;  // length-delimited: text, bytes, packed, or a message
    bool delimited = false;
  };
  /// Nothing at the end. A message that is damaged ends with broken() true.
  std::optional<Field> next();
  bool broken() const { return broken_; }
  /// The numbers of a packed field; sets broken() where the last is cut off.
  std::vector<uint64_t> rest_as_numbers();

 private:
  std::optional<uint64_t> varint();
  std::nullopt_t fail();
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace kuchi::io
