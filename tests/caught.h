// What a test expects to be refused.
#pragma once

#include <functional>
#include <string>

#include "core/error.h"

namespace kuchi::test {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The text and code of the UserError that `act` throws; "" if it throws none.
struct Caught {
  std::string text;
  int code = 0;
  bool has(const std::string& part) const { return text.find(part) != std::string::npos; }
};
inline Caught caught(const std::function<void()>& act) {
  try {
    act();
  } catch (const UserError& e) {
    return {e.what(), static_cast<int>(e.code())};
  }
  return {};
}

}  // namespace kuchi::test
