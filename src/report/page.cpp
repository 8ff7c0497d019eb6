#include "report/page.h"

#include <stdexcept>

#include "core/hash.h"
#include "core/text.h"
#include "io/json_text.h"
#include "report/page_files.h"
#include "report/page_json.h"

namespace kuchi::report {
namespace {

std::string_view file(std::string_view name) {
  for (const auto& f : page_files()) {
    if (f.name == name) return f.text;
  }
  throw std::logic_error(cat("no page file ", name));
}

/// All page files of one ending, one after another; they share one scope and need no order.
std::string all(std::string_view ending) {
  std::string out;
  for (const auto& f : page_files()) {
    if (f.name.ends_with(ending)) out += cat("/* ", f.name, " */\n", f.text, "\n");
  }
  return out;
}

std::string escaped(std::string_view raw) {
  std::string out;
  const auto text = nlohmann::json::parse(io::json_text(nlohmann::json(raw))).get<std::string>();
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
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::string to_html(const Page& page) {
  const std::string data = to_script_text(page_json(page));
  // Only what bears this word runs. It depends on all of the data, so that none of them can know
  // it.
  const std::string nonce = Hasher().add(data).hex();
  const std::pair<std::string_view, std::string> parts[] = {
      {"{{nonce}}", nonce}, {"{{title}}", escaped(page.title)}, {"{{style}}", all(".css")},
      {"{{data}}", data},   {"{{program}}", all(".js")},
  };
  // One pass over the template: what was put in is never looked at again.
  const std::string_view text = file("page.html");
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t next = text.find("{{", at);
    out += text.substr(at, next - at);
    if (next == std::string_view::npos) break;
    at = next;
    for (const auto& [name, value] : parts) {
      if (text.substr(next, name.size()) != name) continue;
      out += value;
      at += name.size();
    }
    if (at == next) throw std::logic_error("page.html holds a {{word}} that nothing fills in");
  }
  return out;
}

}  // namespace kuchi::report
