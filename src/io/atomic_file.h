// src/io/atomic_file.h
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace kuchi::io {

/// Writes a file whole or not at all: `fill` writes to a temporary name beside it, which is
/// flushed, synced and renamed. On any failure the temporary is removed and a UserError
/// (environment) says which file and why; `fill` may throw too.
void write_atomically(const std::filesystem::path& file,
                      const std::function<void(std::ostream&)>& fill);
void write_atomically(const std::filesystem::path& file, const std::string& text);

/// As above for writers that want a path of their own (HDF5, libsndfile): `fill` gets the
/// temporary path, must leave it closed.
void write_path_atomically(const std::filesystem::path& file,
                           const std::function<void(const std::filesystem::path&)>& fill);

/// UserError (config) for a file or folder that is there already.
void refuse_existing(const std::filesystem::path& path);
/// The same for a file to be written, unless it may be replaced; a folder in its place never may.
void refuse_overwrite(const std::filesystem::path& file, bool force);

/// Creates the directories; UserError (environment) where that fails.
void make_directories(const std::filesystem::path& dir);
/// fsync of a file or directory.
void sync_path(const std::filesystem::path& path);

/// The whole file; UserError (data) if it cannot be read or is larger than limit_bytes.
std::string read_text(const std::filesystem::path& file, size_t limit_bytes = size_t{1} << 30);

}  // namespace kuchi::io
