// src/io/zip.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/input_file.h"

namespace kuchi::io {

/// A file inside a zip and where its bytes lie.
struct ZipEntry {
  std::string name;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

/// The entries of a zip whose files are stored as they are, zip64 too. Every offset is checked, and
/// no two entries share a byte. UserError (data): no zip, a broken one, compressed or encrypted
/// entries, several disks, one name twice.
/// Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
std::vector<ZipEntry> read_zip(const InputFile& file);

}  // namespace kuchi::io
