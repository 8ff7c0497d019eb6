#pragma once

namespace kuchi::data {

/// Of the program, as project() in CMakeLists.txt has it; a test compares the two.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace kuchi::data
