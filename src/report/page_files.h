#pragma once

#include <span>
#include <string_view>

namespace kuchi::report {

/// A file of src/report/page/, built into the program by cmake/KuchiEmbed.cmake.
struct PageFile {
  std::string_view name, text;
};

/// All of them, in the order of their names.
std::span<const PageFile> page_files();

}  // namespace kuchi::report
