// The CSV of the Audio2Face service: an index, timeCode in seconds, blendShapes.JawOpen and so on.
#include <algorithm>
#include <cctype>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/csv_track.h"
#include "curves/formats.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace {

constexpr std::string_view kPrefix = "blendShapes.";

bool prefixed(const std::string& name) { return lower(name).starts_with(lower(kPrefix)); }

}  // namespace

bool is_a2f_csv(std::string_view head) {
  const auto header = csv_header_of(head);
  return header.time != CsvHeader::Time::none &&
         std::any_of(header.names.begin(), header.names.end(), prefixed);
}

Track read_a2f_csv(const std::filesystem::path& file, const ReadOptions& options) {
  Track track = read_csv_track(file, options);
  for (auto& name : track.names) {
    if (prefixed(name)) name = name.substr(kPrefix.size());
  }
  return track;
}

void write_a2f_csv(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                   const WriteOptions& options) {
  const Matrix arkit = to_arkit(rig, values);
  io::write_atomically(file, [&](std::ostream& out) {
    out << ",timeCode";
    for (const auto name : kArkitNames) {
      out << ',' << kPrefix
          << static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())))
          << name.substr(1);
    }
    out << '\n';
    for (int64_t t = 0; t < arkit.rows; ++t) {
      out << t << ',' << number(static_cast<double>(t) / options.fps);
      for (const float value : arkit.row(t)) out << ',' << number(value, 9);
      out << '\n';
    }
  });
}

}  // namespace kuchi::curves
