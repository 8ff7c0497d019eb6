// Any CSV whose columns are mostly ARKit curves, in any order and spelling.
#include <algorithm>

#include "curves/arkit_names.h"
#include "curves/csv_track.h"
#include "curves/formats.h"

namespace kuchi::curves {

bool is_arkit_csv(std::string_view head) {
  const CsvHeader header = csv_header_of(head);
  const auto known = std::count_if(header.names.begin(), header.names.end(),
                                   [](const std::string& name) { return is_arkit_name(name); });
  return known > 0 && 2 * static_cast<size_t>(known) >= header.names.size();
}

Track read_arkit_csv(const std::filesystem::path& file, const ReadOptions& options) {
  return read_csv_track(file, options);
}

}  // namespace kuchi::curves
