#include "report/table.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>

#include "core/text.h"

namespace kuchi::report {
namespace {

constexpr const char* kNoValue = "–";

void pad(std::ostream& out, int64_t spaces) {
  for (; spaces > 0; --spaces) out << ' ';
}

}  // namespace

int64_t width(std::string_view utf8) {
  // Bytes 10xxxxxx go on with a code point that another byte began.
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

void Table::add_column(std::string name, Align align) {
  columns_.push_back({std::move(name), align});
}

void Table::add_row(std::vector<std::string> cells) {
  assert(cells.size() <= columns_.size());
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out) const {
  std::vector<std::string> header;
  std::vector<int64_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    header.push_back(columns_[c].name);
    widths.push_back(width(columns_[c].name));
    for (const auto& row : rows_) widths[c] = std::max(widths[c], width(row[c]));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    int64_t owed = 0;  // spaces written only if something follows: no line ends in blanks
    for (size_t c = 0; c < cells.size(); ++c) {
      const int64_t gap = widths[c] - width(cells[c]);
      const bool right = columns_[c].align == Align::right;
      if (!cells[c].empty()) {
        pad(out, owed + (right ? gap : 0));
        out << cells[c];
        owed = right ? 0 : gap;
      } else {
        owed += widths[c];
      }
      owed += 2;
    }
    out << '\n';
  };
  line(header);
  std::vector<std::string> rule;
  for (int64_t w : widths) {
    std::string dashes;
    for (int64_t i = 0; i < w; ++i) dashes += "─";
    rule.push_back(std::move(dashes));
  }
  line(rule);
  for (const auto& row : rows_) line(row);
}

std::string cell(const std::optional<double>& value, int digits) {
  return value && std::isfinite(*value) ? number(*value, digits) : kNoValue;
}

std::string fixed(const std::optional<double>& value, int decimals) {
  if (!value || !std::isfinite(*value)) return kNoValue;
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(decimals) << *value;
  return out.str();
}

}  // namespace kuchi::report
