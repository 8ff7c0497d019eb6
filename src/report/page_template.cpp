#include "report/page_template.h"

#include <stdexcept>

#include "core/text.h"
#include "report/page_files.h"

namespace kuchi::report {

std::string_view page_file(std::string_view name) {
  for (const auto& file : page_files()) {
    if (file.name == name) return file.text;
  }
  throw std::logic_error(cat("no page file ", name));
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fill_page(std::string_view name,
                      std::span<const std::pair<std::string_view, std::string>> words) {
  const std::string_view text = page_file(name);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t next = text.find("{{", at);
    out += text.substr(at, next - at);
    if (next == std::string_view::npos) break;
    at = next;
    for (const auto& [word, value] : words) {
      if (text.substr(next, word.size()) != word) continue;
      out += value;
      at += word.size();
    }
    if (at == next) throw std::logic_error(cat(name, " holds a {{word}} that nothing fills in"));
  }
  return out;
}

}  // namespace kuchi::report
