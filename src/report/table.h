// src/report/table.h
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi::report {

enum class Align { left, right };

/// Code points in UTF-8 text: what a terminal needs to line columns up. (Wide characters of East
/// Asian scripts count as one; curve and model names have none.)
int64_t width(std::string_view utf8);

/// A plain-text table with a header and a rule under it, two spaces between columns. No colours,
/// no terminal needed.
class Table {
 public:
  void add_column(std::string name, Align align = Align::right);
  /// Missing cells stay empty; more cells than columns is a bug (assert).
  void add_row(std::vector<std::string> cells);
  void print(std::ostream& out) const;

 private:
  struct Column {
    std::string name;
    Align align;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Significant digits for a table; a dash where there is no value.
std::string cell(const std::optional<double>& value, int digits = 4);

/// Decimals, so that shares such as r2 line up; a dash where there is no value.
std::string fixed(const std::optional<double>& value, int decimals = 3);

}  // namespace kuchi::report
