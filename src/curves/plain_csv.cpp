// Our own CSV: time in seconds, then the rig's curves by name.
#include "core/text.h"
#include "curves/csv_track.h"
#include "curves/formats.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace {

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",;\"\n\r\t") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

bool is_csv(std::string_view head) {
  const CsvHeader header = csv_header_of(head);
  return header.time != CsvHeader::Time::none && !header.names.empty();
}

Track read_csv(const std::filesystem::path& file, const ReadOptions& options) {
  return read_csv_track(file, options);
}

void write_csv(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options) {
  io::write_atomically(file, [&](std::ostream& out) {
    out << "time";
    for (const Curve& curve : rig.curves) out << ',' << csv_cell(curve.name);
    out << '\n';
    for (int64_t t = 0; t < values.rows; ++t) {
      out << number(static_cast<double>(t) / options.fps);
      for (const float value : values.row(t)) out << ',' << number(value, 9);
      out << '\n';
    }
  });
}

}  // namespace kuchi::curves
