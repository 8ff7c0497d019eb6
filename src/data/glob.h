#pragma once

#include <string_view>

namespace kuchi::data {

/// True if the whole text fits the pattern: * stands for any text, ? for one character. Linear
/// in memory and at worst the product of the lengths in time.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace kuchi::data
