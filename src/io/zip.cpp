#include "io/zip.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "io/crc.h"
#include "io/inflate.h"

namespace kuchi::io {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr uint32_t kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr uint64_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22;
constexpr uint64_t kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr uint64_t kMaxComment = 65535;
constexpr uint64_t kMaxDirectory = uint64_t{64} << 20;
constexpr uint32_t kIn64 = 0xffffffff;    // the value stands in the zip64 field
constexpr uint16_t kCount64 = 0xffff;     // likewise
constexpr uint16_t kDeflate = 8;          // a method
constexpr uint16_t kEncrypted = 1 << 0;   // of the flags
constexpr uint16_t kExtraZip64 = 0x0001;  // the field's tag

[[noreturn]] void broken(const InputFile& file, const std::string& why) {
  fail_data(file.path(), "is no whole zip: " + why);
}

/// A little-endian number inside bytes that are known to reach so far.
template <typename T>
T number_at(const std::string& bytes, uint64_t at) {
  uint64_t out = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    out |= uint64_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  }
  return static_cast<T>(out);
}

struct Directory {
  uint64_t entries = 0, offset = 0, bytes = 0;
};

/// The zip64 end record, which lies where its locator, just before the end record, says.
Directory read_end64(const InputFile& file, uint64_t end_at) {
  if (end_at < kLocatorBytes) broken(file, "its zip64 locator is missing");
  const auto locator = file.text(end_at - kLocatorBytes, kLocatorBytes);
  if (number_at<uint32_t>(locator, 0) != kLocator64) broken(file, "its zip64 locator is missing");
  const auto at = number_at<uint64_t>(locator, 8);
  if (at > end_at || end_at - at < kEnd64Bytes) broken(file, "its zip64 record is out of place");
  const auto end = file.text(at, kEnd64Bytes);
  if (number_at<uint32_t>(end, 0) != kEnd64) broken(file, "its zip64 record is out of place");
  return {number_at<uint64_t>(end, 32), number_at<uint64_t>(end, 48), number_at<uint64_t>(end, 40)};
}

Directory find_directory(const InputFile& file) {
  const uint64_t tail_bytes = std::min(file.size(), kEndBytes + kMaxComment);
  const auto tail = file.text(file.size() - tail_bytes, tail_bytes);
  if (tail_bytes < kEndBytes) broken(file, "too short");
  for (uint64_t at = tail_bytes - kEndBytes + 1; at-- > 0;) {
    if (number_at<uint32_t>(tail, at) != kEnd) continue;
    if (number_at<uint16_t>(tail, at + 20) != tail_bytes - at - kEndBytes) continue;  // comment
    const auto end_at = file.size() - tail_bytes + at;
    Directory out = {number_at<uint16_t>(tail, at + 10), number_at<uint32_t>(tail, at + 16),
                     number_at<uint32_t>(tail, at + 12)};
    if (out.entries == kCount64 || out.offset == kIn64 || out.bytes == kIn64) {
      out = read_end64(file, end_at);
    }
    if (out.offset > end_at || out.bytes > end_at - out.offset) {
      broken(file, "its list of entries lies outside the file");
    }
    return out;
  }
  broken(file, "it has no end record; copy it again");
}

struct Central {
  ZipEntry entry;
  uint64_t local = 0;
  uint64_t size = 0;  // of this record in the list
};

/// Sizes and place that did not fit 32 bits, in the order and number that the record asks for.
void read_extra64(const InputFile& file, const std::string& list, uint64_t at, uint64_t end,
                  const std::vector<uint64_t*>& wanted) {
  while (end - at >= 4) {
    const auto tag = number_at<uint16_t>(list, at);
    const uint64_t bytes = number_at<uint16_t>(list, at + 2);
    at += 4;
    if (bytes > end - at) break;
    if (tag == kExtraZip64 && bytes >= 8 * wanted.size()) {
      for (size_t i = 0; i < wanted.size(); ++i) *wanted[i] = number_at<uint64_t>(list, at + 8 * i);
      return;
    }
    at += bytes;
  }
  broken(file, "an entry's zip64 sizes are missing");
}

Central read_central(const InputFile& file, const std::string& list, uint64_t at, ZipMay may) {
  if (list.size() - at < kCentralBytes || number_at<uint32_t>(list, at) != kCentral) {
    broken(file, "its list of entries is broken");
  }
  const uint64_t name_bytes = number_at<uint16_t>(list, at + 28);
  const uint64_t extra_bytes = number_at<uint16_t>(list, at + 30);
  const uint64_t comment_bytes = number_at<uint16_t>(list, at + 32);
  Central out;
  out.size = kCentralBytes + name_bytes + extra_bytes + comment_bytes;
  if (out.size > list.size() - at) broken(file, "its list of entries is broken");
  out.entry.name = list.substr(at + kCentralBytes, name_bytes);
  const auto name = cat("entry \"", printable(out.entry.name), "\" ");
  const auto method = number_at<uint16_t>(list, at + 10);
  out.entry.deflated = method == kDeflate && may == ZipMay::deflate_too;
  if (method != 0 && !out.entry.deflated) {
    broken(file, name + (may == ZipMay::deflate_too ? "is compressed by another method than deflate"
                                                    : "is compressed"));
  }
  out.entry.crc = number_at<uint32_t>(list, at + 16);
  if ((number_at<uint16_t>(list, at + 8) & kEncrypted) != 0) broken(file, name + "is encrypted");
  uint64_t& packed = out.entry.packed;
  packed = number_at<uint32_t>(list, at + 20);
  out.entry.bytes = number_at<uint32_t>(list, at + 24);
  out.local = number_at<uint32_t>(list, at + 42);
  std::vector<uint64_t*> in64;
  for (auto* value : {&out.entry.bytes, &packed, &out.local}) {
    if (*value == kIn64) in64.push_back(value);
  }
  const auto extra = at + kCentralBytes + name_bytes;
  if (!in64.empty()) read_extra64(file, list, extra, extra + extra_bytes, in64);
  if (!out.entry.deflated && packed != out.entry.bytes) broken(file, name + "has two sizes");
  return out;
}

/// Where the bytes begin: after the local header, whose name must be the list's.
uint64_t data_offset(const InputFile& file, const Central& central, uint64_t directory) {
  const auto name = cat("entry \"", printable(central.entry.name), "\" ");
  if (central.local > directory || directory - central.local < kLocalBytes) {
    broken(file, name + "lies outside the file");
  }
  const auto header = file.text(central.local, kLocalBytes);
  if (number_at<uint32_t>(header, 0) != kLocal) broken(file, name + "has no header");
  const uint64_t name_bytes = number_at<uint16_t>(header, 26);
  const uint64_t offset =
      central.local + kLocalBytes + name_bytes + number_at<uint16_t>(header, 28);
  if (offset > directory || central.entry.packed > directory - offset) {
    broken(file, name + "lies outside the file");
  }
  if (file.text(central.local + kLocalBytes, name_bytes) != central.entry.name) {
    broken(file, name + "has two names");
  }
  return offset;
}

}  // namespace

std::vector<ZipEntry> read_zip(const InputFile& file, ZipMay may) {
  const auto directory = find_directory(file);
  if (directory.bytes > kMaxDirectory || directory.entries > directory.bytes / kCentralBytes) {
    broken(file, "its list of entries is of an impossible length");
  }
  const auto list = file.text(directory.offset, directory.bytes);
  std::vector<ZipEntry> out;
  std::vector<std::pair<uint64_t, uint64_t>> spans;  // header and data of each
  std::set<std::string> names;
  uint64_t at = 0;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    auto central = read_central(file, list, at, may);
    central.entry.offset = data_offset(file, central, directory.offset);
    at += central.size;
    if (!names.insert(central.entry.name).second) {
      broken(file, cat("entry \"", printable(central.entry.name), "\" is there twice"));
    }
    spans.emplace_back(central.local, central.entry.offset + central.entry.packed);
    out.push_back(std::move(central.entry));
  }
  std::sort(spans.begin(), spans.end());
  for (size_t i = 1; i < spans.size(); ++i) {
    if (spans[i].first < spans[i - 1].second) broken(file, "two entries overlap");
  }
  return out;
}

std::string zip_entry(const InputFile& file, const ZipEntry& entry, uint64_t limit_bytes) {
  const auto name = cat("entry \"", printable(entry.name), "\" ");
  // Deflate packs at most 1032 to 1: more is promised by a broken or a hostile file alone.
  if (entry.bytes > limit_bytes || entry.bytes / 1100 > entry.packed) {
    broken(file, name + cat("promises ", entry.bytes, " bytes"));
  }
  std::string bytes = file.text(entry.offset, entry.packed);
  if (entry.deflated) {
    auto unpacked = inflate(bytes, entry.bytes);
    if (!unpacked) broken(file, name + "cannot be unpacked");
    bytes = std::move(*unpacked);
  }
  if (crc32(bytes) != entry.crc) broken(file, name + "has another check sum; copy it again");
  return bytes;
}

}  // namespace kuchi::io
