#include "curves/csv.h"

#include <utility>

namespace kuchi::curves {
namespace {

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string file_for_errors)
    : text_(text), file_(std::move(file_for_errors)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  const auto first = text_.substr(0, text_.find('\n'));
  for (const char c : {';', '\t'}) {
    const bool has_it = first.find(c) != std::string_view::npos;
    if (has_it && first.find(',') == std::string_view::npos) separator_ = c;
  }
}

Location CsvReader::at(size_t cell) const {
  return {file_, line_, cell < cols_.size() ? cols_[cell] : 1};
}

bool CsvReader::next() {
  for (;;) {
    if (at_ >= text_.size()) return false;
    cells_.clear();
    cols_.clear();
    unquoted_.clear();
    line_ = next_line_;
    line_from_ = at_;
    do {
      cols_.push_back(static_cast<int>(at_ - line_from_) + 1);
      const bool quoted = at_ < text_.size() && text_[at_] == '"';
      cells_.push_back(quoted ? quoted_cell() : plain_cell());
    } while (!end_of_record());
    if (cells_.size() > 1 || !cells_[0].empty()) return true;
  }
}

std::string_view CsvReader::plain_cell() {
  const size_t from = at_;
  while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
         text_[at_] != '\r') {
    ++at_;
  }
  return trimmed(text_.substr(from, at_ - from));
}

std::string_view CsvReader::quoted_cell() {
  const Location start{file_, next_line_, static_cast<int>(at_ - line_from_) + 1};
  const size_t from = ++at_;
  bool doubled = false;
  for (;; ++at_) {
    if (at_ >= text_.size()) fail_data(start, "this quote is never closed; close or remove it");
    if (text_[at_] == '\n') ++next_line_;
    if (text_[at_] != '"') continue;
    if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
    doubled = true;
    ++at_;
  }
  const std::string_view inside = text_.substr(from, at_ - from);
  ++at_;
  if (!trimmed(plain_cell()).empty()) {
    fail_data(start, "text follows the closing quote; put it inside or remove it");
  }
  if (!doubled) return trimmed(inside);
  std::string& text = unquoted_.emplace_back();
  for (size_t i = 0; i < inside.size(); ++i) {
    text += inside[i];
    if (inside[i] == '"') ++i;
  }
  return trimmed(text);
}

bool CsvReader::end_of_record() {
  if (at_ >= text_.size()) return true;
  if (text_[at_] == separator_) {
    ++at_;
    return false;
  }
  if (text_[at_] == '\r') ++at_;
  if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  ++next_line_;
  return true;
}

}  // namespace kuchi::curves
