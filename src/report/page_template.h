#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kuchi::report {

/// The text of a file of src/report/page/; std::logic_error where there is none of that name.
std::string_view page_file(std::string_view name);

/// Text for HTML, within an element or a quoted attribute. Must be UTF-8.
std::string escape_html(std::string_view text);

/// A page file with its {{words}} replaced, in one pass: what was put in is never looked at again.
/// std::logic_error where it holds a word that nothing fills in.
std::string fill_page(std::string_view name,
                      std::span<const std::pair<std::string_view, std::string>> words);

}  // namespace kuchi::report
