#pragma once

#include <nlohmann/json.hpp>

#include "report/page.h"

namespace kuchi::report {

/// What the page's program reads; the keys are told where src/report/page/data.js takes them.
nlohmann::ordered_json page_json(const Page& page);

/// JSON as it may stand inside a <script> element: pure ASCII, no '<', '>' or '&', so that nothing
/// in it can end the element or begin a comment. Text that is no UTF-8 shows U+FFFD.
std::string to_script_text(const nlohmann::ordered_json& json);

}  // namespace kuchi::report
