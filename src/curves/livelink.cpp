// Live Link Face CSV: timecodes, 52 ARKit curves in PascalCase, 9 rotations.
#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/csv_track.h"
#include "curves/formats.h"
#include "curves/timecode.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

std::string pascal_case(std::string_view camel) {
  std::string out(camel);
  out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

/// The column of each Live Link curve in kArkitNames' order.
std::vector<int64_t> live_link_columns() {
  std::vector<int64_t> columns;
  for (const auto name : live_link_order()) columns.push_back(arkit_index(name));
  return columns;
}

}  // namespace

/// The same columns come from other tools with JawLeft before JawRight: those are "arkit" CSVs,
/// read alike.
bool is_livelink(std::string_view head) {
  const CsvHeader header = csv_header_of(head);
  constexpr auto kOrder = live_link_order();
  if (header.time != CsvHeader::Time::timecode || header.names.size() < kOrder.size()) return false;
  return std::equal(kOrder.begin(), kOrder.end(), header.names.begin(),
                    [](std::string_view expected, const std::string& found) {
                      return plain_name(expected) == plain_name(found);
                    });
}

Track read_livelink(const fs::path& file, const ReadOptions& options) {
  return read_csv_track(file, options);
}

void write_livelink(const fs::path& file, const Rig& rig, const Matrix& values,
                    const WriteOptions& options) {
  const Matrix arkit = to_arkit(rig, values);
  const auto columns = live_link_columns();
  const int base = static_cast<int>(std::ceil(options.fps - 1e-6));
  io::write_atomically(file, [&](std::ostream& out) {
    out << "Timecode,BlendshapeCount";
    for (const auto name : live_link_order()) out << ',' << pascal_case(name);
    for (const auto name : kLiveLinkRotations) out << ',' << name;
    out << '\n';
    for (int64_t t = 0; t < arkit.rows; ++t) {
      out << timecode_text(static_cast<double>(t) / options.fps, base) << ','
          << columns.size() + kLiveLinkRotations.size();
      for (const int64_t c : columns) out << ',' << fixed_text(arkit(t, c), 10);
      for (size_t i = 0; i < kLiveLinkRotations.size(); ++i) out << ",0.0000000000";
      out << '\n';
    }
  });
}

}  // namespace kuchi::curves
