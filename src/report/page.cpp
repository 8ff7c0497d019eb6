#include "report/page.h"

#include "core/hash.h"
#include "core/text.h"
#include "io/json_text.h"
#include "report/page_files.h"
#include "report/page_json.h"
#include "report/page_template.h"

namespace kuchi::report {
namespace {

/// All page files of one ending, one after another; they share one scope and need no order.
std::string all(std::string_view ending) {
  std::string out;
  for (const auto& f : page_files()) {
    if (f.name.ends_with(ending)) out += cat("/* ", f.name, " */\n", f.text, "\n");
  }
  return out;
}

/// What is no UTF-8 is replaced first.
std::string escaped(std::string_view raw) {
  return escape_html(nlohmann::json::parse(io::json_text(nlohmann::json(raw))).get<std::string>());
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
  return fill_page("page.html", parts);
}

}  // namespace kuchi::report
