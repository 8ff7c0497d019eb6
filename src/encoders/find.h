// src/encoders/find.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kuchi::encoders {

/// An encoder that something was made with, to be found again.
struct Sought {
  std::string family, hash;                // of hash()
  std::vector<std::filesystem::path> was;  // where it was, the latest last
  std::vector<std::string> maybe;          // where it may be now; tried first
  std::filesystem::path asks;              // the file that stands on it, for messages
  std::string how;                         // "name it with --encoder DIR"
};

/// The first directory with that hash. UserError (data) that says which encoder is wanted, where it
/// was, what lies there now, and how to name its new place.
std::filesystem::path find(const Sought& sought);

}  // namespace kuchi::encoders
