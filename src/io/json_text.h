#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kuchi::io {

/// JSON as text. Names and paths come from other people's files and folders and need not be UTF-8:
/// what is not becomes U+FFFD. indent < 0: one line.
template <typename Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace kuchi::io
