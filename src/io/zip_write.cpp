
#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/crc.h"
#include "io/zip.h"

namespace kuchi::io {
namespace {

constexpr uint16_t kVersion = 20;               // 2.0: all that stored files need
constexpr uint16_t kDate = (1 << 5) | 1;        // 1 January 1980, the first that a zip can say
constexpr uint16_t kNamesAreUtf8 = 1 << 11;     // of the flags
constexpr uint64_t kMostBytes = 0xfffffffeULL;  // more would need zip64
constexpr size_t kMostParts = 0xfffe;

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
}

/// What a file's own header and its entry in the list have in common (APPNOTE 4.4.3 to 4.4.11).
void put_facts(std::string& out, const ZipPart& part, uint32_t crc) {
  put(out, kVersion, 2);
  put(out, kNamesAreUtf8, 2);
  put(out, 0, 2);  // stored
  put(out, 0, 2);  // midnight
  put(out, kDate, 2);
  put(out, crc, 4);
  put(out, part.bytes.size(), 4);
  put(out, part.bytes.size(), 4);
  put(out, part.name.size(), 2);
  put(out, 0, 2);  // no extra field
}

}  // namespace

void write_zip(const std::filesystem::path& file, std::span<const ZipPart> parts) {
  uint64_t total = 22;
  for (const auto& part : parts) total += 30 + 46 + 2 * part.name.size() + part.bytes.size();
  if (total > kMostBytes || parts.size() > kMostParts) {
    fail_data(file, cat("would have ", number(static_cast<double>(total) / (1 << 30), 3),
                        " GB, and a zip of this kind ends at 4; write shorter pieces"));
  }
  write_atomically(file, [&](std::ostream& out) {
    std::string list;
    uint64_t at = 0;
    for (const auto& part : parts) {
      const uint32_t crc = crc32(part.bytes);
      std::string header = "PK\x03\x04";
      put_facts(header, part, crc);
      header += part.name;
      list += "PK\x01\x02";
      put(list, kVersion, 2);
      put_facts(list, part, crc);
      list.append(2 + 2 + 2 + 4, '\0');  // no comment, first disk, no attributes
      put(list, at, 4);
      list += part.name;
      out << header << part.bytes;
      at += header.size() + part.bytes.size();
    }
    std::string end = "PK\x05\x06";
    put(end, 0, 4);  // the one disk
    put(end, parts.size(), 2);
    put(end, parts.size(), 2);
    put(end, list.size(), 4);
    put(end, at, 4);
    put(end, 0, 2);  // no comment
    out << list << end;
  });
}

}  // namespace kuchi::io
