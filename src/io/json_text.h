#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace kuchi::io {

/// JSON as text. Names and paths come from other people's files and folders and need not be UTF-8:
/// what is not becomes U+FFFD. indent < 0: one line.
template <typename Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// A number, or null where there is none or it is no finite one, which JSON cannot hold.
inline nlohmann::ordered_json number_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? nlohmann::ordered_json(*value)
                                        : nlohmann::ordered_json(nullptr);
}

}  // namespace kuchi::io
