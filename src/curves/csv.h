// src/curves/csv.h
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace kuchi::curves {

/// Comma-separated text, a record at a time, each cell with its place. Knows quotes ("a ""b""",
/// newlines inside), CRLF, a byte-order mark; semicolons or tabs where the first line has those
/// and no comma. Blank lines are skipped. The text must outlive the reader.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string file_for_errors);

  /// Goes to the next record; false at the end. UserError (data): a quote that is never closed.
  bool next();
  /// Cells of this record, without surrounding blanks; valid until the next next().
  const std::vector<std::string_view>& cells() const { return cells_; }
  Location at(size_t cell) const;
  int line() const { return line_; }
  int col(size_t cell) const { return cols_[cell]; }

 private:
  std::string_view quoted_cell();
  std::string_view plain_cell();
  bool end_of_record();

  std::string_view text_;
  std::string file_;
  char separator_ = ',';
  size_t at_ = 0;
  size_t line_from_ = 0;  // offset of the line being read
  int next_line_ = 1;
  int line_ = 0;
  std::vector<std::string_view> cells_;
  std::vector<int> cols_;
  std::deque<std::string> unquoted_;  // texts of cells with doubled quotes
};

}  // namespace kuchi::curves
