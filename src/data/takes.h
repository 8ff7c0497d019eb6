#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kuchi::data {

/// A file under a folder of takes.
struct TakeFile {
  std::string path;    // under the folder, with '/'
  std::string format;  // of curves: as curves::format_of says; "" of audio
};

/// What a folder of takes holds, by path.
struct Takes {
  std::vector<TakeFile> audio, curves;
  std::vector<std::string> grids;     // TextGrids
  std::vector<std::string> texts;     // .txt and .names, which may hold names of curves
  std::vector<std::string> unusable;  // names that no pattern can say, with the reason
};

/// Walks a folder; hidden files and folders are left out, links to folders are not followed. Curve
/// files are told by their first bytes, audio by its ending. UserError (data): no such folder,
/// one that cannot be read, more than 500 000 files.
Takes find_takes(const std::filesystem::path& dir);

}  // namespace kuchi::data
