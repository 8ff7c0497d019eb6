// src/io/zip.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/input_file.h"

namespace kuchi::io {

/// A file inside a zip and where its bytes lie.
struct ZipEntry {
  std::string name;
  uint64_t offset = 0;
  uint64_t bytes = 0;     // of what it holds
  uint64_t packed = 0;    // in the zip; as many where it is stored as it is
  bool deflated = false;  // its bytes are a deflate stream
  uint32_t crc = 0;       // of what it holds
};

enum class ZipMay { only_store, deflate_too };

/// The entries of a zip whose files are stored as they are, or deflated where that is allowed;
/// zip64 too. Every offset is checked, and no two entries share a byte. UserError (data): no zip, a
/// broken one, entries compressed otherwise or encrypted, several disks, one name twice.
/// Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
std::vector<ZipEntry> read_zip(const InputFile& file, ZipMay may = ZipMay::only_store);

/// What an entry holds, unpacked. UserError (data): a broken stream, another check sum, more than
/// `limit_bytes`.
std::string zip_entry(const InputFile& file, const ZipEntry& entry,
                      uint64_t limit_bytes = uint64_t{1} << 30);

struct ZipPart {
  std::string name;  // UTF-8
  std::string bytes;
};

/// A zip of files stored as they are, whole or not at all. All are of 1 January 1980: the same
/// parts give the same bytes. UserError (data): more than 4 GB, which would need zip64.
void write_zip(const std::filesystem::path& file, std::span<const ZipPart> parts);

}  // namespace kuchi::io
