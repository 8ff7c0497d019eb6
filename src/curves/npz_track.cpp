// NPZ curves: named arrays, of which one is [frames, curves] or several stand side by side.
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "io/npy.h"
#include "io/provenance_json.h"
#include "io/zip.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostColumns = 4096;

/// An array of the archive. Of one that is no plain numbers nor texts, only the name.
struct Array {
  std::string name;
  io::NpyHeader header;
  std::string bytes;
  bool usable = false;

  bool is_text() const { return usable && (header.kind == 'U' || header.kind == 'S'); }
  bool is_number() const { return usable && !is_text(); }
  int64_t rows() const { return header.shape.empty() ? 1 : header.shape[0]; }
  int64_t cols() const { return header.shape.size() == 2 ? header.shape[1] : 1; }
};

std::vector<Array> read_arrays(const fs::path& file) {
  const io::InputFile input(file);
  std::vector<Array> arrays;
  for (const auto& entry : io::read_zip(input, io::ZipMay::deflate_too)) {
    Array array;
    array.name = entry.name;
    if (!array.name.ends_with(".npy")) continue;
    array.name.resize(array.name.size() - 4);
    array.bytes = io::zip_entry(input, entry);
    try {
      array.header = io::npy_header_of(array.bytes, file, true);
      array.usable = true;
    } catch (const UserError&) {
      // Pickled objects and records, which tools put beside the numbers: only not used.
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

std::string list_of(const std::vector<Array>& arrays) {
  std::vector<std::string> parts;
  for (const auto& array : arrays) {
    std::vector<std::string> shape;
    for (const auto n : array.header.shape) shape.push_back(std::to_string(n));
    parts.push_back(printable(array.name) +
                    (array.usable ? " (" + join(shape, ", ") + ")" : " (no plain numbers)"));
  }
  return parts.empty() ? "none" : join(parts, ", ");
}

const Array* find(const std::vector<Array>& arrays, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    for (const auto& array : arrays) {
      if (array.usable && plain_name(array.name) == name) return &array;
    }
  }
  return nullptr;
}

std::vector<std::string> known_names(const fs::path& file, const std::vector<Array>& arrays,
                                     const ReadOptions& options) {
  if (!options.names_file.empty()) return read_names(options.names_file);
  const auto* inside = find(arrays, {"names", "curvenames", "curves", "columns", "blendshapenames",
                                     "blendshapes", "facsnames", "channels"});
  if (inside != nullptr && inside->is_text() && inside->header.shape.size() == 1) {
    return io::npy_texts_of(inside->bytes, inside->header);
  }
  for (const auto& array : arrays) {
    if (array.is_text() && array.header.shape.size() == 1 &&
        lower(array.name).find("name") != std::string::npos) {
      return io::npy_texts_of(array.bytes, array.header);
    }
  }
  std::error_code ec;
  const fs::path beside = names_beside(file);
  return fs::exists(beside, ec) ? read_names(beside) : std::vector<std::string>{};
}

void fill(const Array& array, int64_t first_column, Track& track) {
  const auto numbers = io::npy_values_of(array.bytes, array.header);
  for (int64_t t = 0; t < array.rows(); ++t) {
    for (int64_t c = 0; c < array.cols(); ++c) {
      track.values(t, first_column + c) =
          static_cast<float>(numbers.values[static_cast<size_t>(t * array.cols() + c)]);
    }
  }
}

/// The one array that has as many columns as there are names.
void read_named(const fs::path& file, const std::vector<Array>& arrays,
                std::vector<std::string> names, Track& track) {
  const auto fits = [&](const Array& array) {
    return array.is_number() && array.header.shape.size() == 2 &&
           array.cols() == static_cast<int64_t>(names.size());
  };
  std::vector<const Array*> found;
  for (const auto& array : arrays) {
    if (fits(array)) found.push_back(&array);
  }
  if (found.size() > 1) {
    const auto* usual =
        find(arrays, {"curves", "values", "weights", "blendshapes", "data", "arr0"});
    if (usual != nullptr && fits(*usual)) found = {usual};
  }
  if (found.size() != 1) {
    fail_data(file, cat(found.empty() ? "no array" : "more than one array", " of it has ",
                        names.size(), " columns, one a name; it holds ", list_of(arrays)));
  }
  track.names = std::move(names);
  track.values = Matrix(found[0]->rows(), found[0]->cols());
  fill(*found[0], 0, track);
}

/// Every float array of as many rows as the longest, its columns called ARRAY_000 and so on.
void read_all(const fs::path& file, const std::vector<Array>& arrays, Track& track) {
  std::vector<const Array*> found;
  int64_t rows = 0, cols = 0;
  const auto is_table = [](const Array& array) {
    return array.is_number() && array.header.kind == 'f' && array.header.shape.size() == 2 &&
           array.rows() > 1;
  };
  for (const auto& array : arrays) {
    if (is_table(array)) rows = std::max(rows, array.rows());
  }
  for (const auto& array : arrays) {
    if (!is_table(array) || array.rows() != rows) continue;
    found.push_back(&array);
    cols += array.cols();
  }
  const bool nameless = std::any_of(found.begin(), found.end(), [](const Array* array) {
    return array->name.starts_with(
        "arr_");  // what numpy.savez calls arrays that were given no name
  });
  if (found.empty() || nameless || cols > static_cast<int64_t>(kMostColumns)) {
    fail_data(file, cat("has no names of curves; give a text file with one name a line (--names, "
                        "`names` in a recipe) or save an array `names`; it holds ",
                        list_of(arrays)));
  }
  track.values = Matrix(rows, cols);
  int64_t first = 0;
  for (const auto* array : found) {
    for (int64_t c = 0; c < array->cols(); ++c) {
      const std::string digits = std::to_string(c);
      track.names.push_back(
          cat(array->name, "_", std::string(3 - std::min<size_t>(3, digits.size()), '0'), digits));
    }
    fill(*array, first, track);
    first += array->cols();
  }
}

void read_times(const fs::path& file, const std::vector<Array>& arrays, const ReadOptions& options,
                Track& track) {
  const auto* times = find(arrays, {"times", "time", "timestamps", "timess", "t", "seconds"});
  if (times != nullptr && times->is_number() && times->header.values == track.values.rows) {
    track.times_s = io::npy_values_of(times->bytes, times->header).values;
    return;
  }
  double fps = options.fps;
  const auto* rate = find(arrays, {"fps", "mocapframerate", "mocapframrate", "framerate"});
  if (rate != nullptr && rate->is_number() && rate->header.values == 1) {
    fps = io::npy_values_of(rate->bytes, rate->header).values[0];
  }
  if (!(fps > 0) || !std::isfinite(fps)) {
    fail_data(file, cat("has neither an array of times nor of the rate; ", kGiveRate));
  }
  for (int64_t t = 0; t < track.values.rows; ++t) {
    track.times_s.push_back(static_cast<double>(t) / fps);
  }
}

/// What `write_npz_track` left in the array `provenance`, JSON in a text; another program's array
/// of that name says nothing.
Provenance said_in(const std::vector<Array>& arrays) {
  const auto* said = find(arrays, {"provenance"});
  if (said == nullptr || !said->is_text() || said->header.values != 1) return {};
  const auto text = io::npy_texts_of(said->bytes, said->header)[0];
  return io::provenance_from_json(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false));
}

}  // namespace

bool is_npz(std::string_view head) { return head.starts_with("PK\x03\x04"); }

Track read_npz_track(const fs::path& file, const ReadOptions& options) {
  const auto arrays = read_arrays(file);
  Track track;
  auto names = known_names(file, arrays, options);
  if (names.empty()) {
    read_all(file, arrays, track);
  } else {
    read_named(file, arrays, std::move(names), track);
  }
  read_times(file, arrays, options, track);
  track.provenance = said_in(arrays);
  return track;
}

void write_npz_track(const fs::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options) {
  const auto names = rig.names();
  std::vector<double> times_s(static_cast<size_t>(values.rows));
  for (size_t t = 0; t < times_s.size(); ++t) times_s[t] = static_cast<double>(t) / options.fps;
  const int64_t table[] = {values.rows, values.cols};
  const int64_t rows[] = {values.rows}, columns[] = {values.cols};
  const auto array = [](const char* name, std::span<const int64_t> shape, const auto& data) {
    return io::ZipPart{cat(name, ".npy"), io::npy_bytes(shape, std::span(data))};
  };
  std::vector<io::ZipPart> parts = {array("values", table, values.data),
                                    array("names", columns, names), array("times", rows, times_s),
                                    array("fps", {}, std::vector<double>{options.fps})};
  if (options.provenance != Provenance{}) {
    const std::vector<std::string> text = {io::json_text(io::to_json(options.provenance))};
    parts.push_back(array("provenance", {}, text));
  }
  io::write_zip(file, parts);
}

}  // namespace kuchi::curves
