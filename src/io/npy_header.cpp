#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <string_view>

#include "core/error.h"
#include "core/text.h"
#include "io/npy.h"

namespace kuchi::io {
namespace fs = std::filesystem;
namespace {

constexpr uint32_t kLongestHeader = 1 << 20;  // a thousand times what a plain array needs
constexpr size_t kMostDimensions = 32;        // NumPy's own limit

/// The header's Python dictionary, read strictly: three keys, in any order, once each.
class Dictionary {
 public:
  Dictionary(std::string_view text, const fs::path& file, bool text_too)
      : text_(text), file_(file), text_too_(text_too) {}

  void parse(NpyHeader& header) {
    expect('{');
    bool descr = false, order = false, shape = false;
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !descr) {
        descr = true;
        set_type(header);
      } else if (key == "fortran_order" && !order) {
        order = true;
        header.fortran_order = boolean();
      } else if (key == "shape" && !shape) {
        shape = true;
        header.shape = tuple();
      } else {
        fail(cat("key '", key, "' is unknown or there twice"));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) fail("text follows the dictionary");
    if (!descr || !order || !shape) fail("descr, fortran_order or shape is missing");
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    fail_data(file_, cat("malformed NPY header: ", why, "; save it again with numpy.save"));
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(cat("'", c, "' is missing at byte ", at_));
  }
  std::string quoted() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '\'' && quote != '"') fail(cat("a quoted word is missing at byte ", at_));
    const auto end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("a quote is never closed");
    const std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += std::string_view(word).size();
        return value;
      }
    }
    fail("fortran_order is neither True nor False");
  }
  int64_t integer() {
    skip_space();
    const size_t from = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    long long value = 0;
    if (!parse_integer(text_.substr(from, at_ - from), value)) fail("shape holds no whole number");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2's long integers
    return value;
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> shape;
    expect('(');
    while (!accept(')')) {
      if (shape.size() == kMostDimensions) fail("shape has too many dimensions");
      shape.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }
  void set_type(NpyHeader& header) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '[') refuse_type("a record");
    const std::string descr = quoted();
    if (descr.find('O') != std::string::npos) refuse_type("pickled Python objects");
    if (text_too_ && set_text(descr, header)) return;
    const bool ordered =
        descr.size() == 3 && std::string("<>|=").find(descr[0]) != std::string::npos;
    if (!ordered) refuse_type("'" + descr + "'");
    header.kind = descr[1];
    header.bytes = descr[2] - '0';
    header.big_endian = descr[0] == '>';
    const std::string_view type = std::string_view(descr).substr(1);
    const std::array known{"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"};
    if (std::find(known.begin(), known.end(), type) == known.end()) refuse_type("'" + descr + "'");
    if (descr[0] == '|' && header.bytes > 1) refuse_type("'" + descr + "'");
  }
  /// "<U12": twelve characters of four bytes.
  bool set_text(const std::string& descr, NpyHeader& header) const {
    long long count = 0;
    if (descr.size() < 3 || (descr[1] != 'U' && descr[1] != 'S') ||
        !parse_integer(std::string_view(descr).substr(2), count) || count < 1 || count > 100000) {
      return false;
    }
    header.kind = descr[1];
    header.bytes = static_cast<int>(count) * (header.kind == 'U' ? 4 : 1);
    header.big_endian = descr[0] == '>';
    return true;
  }
  [[noreturn]] void refuse_type(const std::string& what) const {
    fail_data(file_,
              cat("holds ", what, ", not plain numbers; save it as float32 with numpy.save"));
  }

  std::string_view text_;
  const fs::path& file_;
  bool text_too_;
  size_t at_ = 0;
};

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

void check_against_size(NpyHeader& header, const fs::path& file, uint64_t file_bytes) {
  const uint64_t present = file_bytes - static_cast<uint64_t>(header.data_at);
  const auto width = static_cast<uint64_t>(header.bytes);
  uint64_t values = 1;
  bool too_many = false;
  for (const int64_t n : header.shape) {
    const auto size = static_cast<uint64_t>(n);
    // More than the file could hold is all that matters, so the product never overflows.
    too_many = too_many || (size > 0 && values > std::numeric_limits<int64_t>::max() / size);
    values = too_many ? values : values * size;
  }
  if (std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end()) {
    values = 0;
    too_many = false;
  }
  if (too_many || values > present / width) {
    const std::string promised = too_many ? "more than 2^63" : cat(values);
    fail_data(file, cat("is cut short: the header promises ", promised, " values of ", header.bytes,
                        " bytes, ", present / width, " are there; copy or save the file again"));
  }
  header.values = static_cast<int64_t>(values);
}

/// Where the dictionary stands in a file that begins with `start` and has `size` bytes.
struct Place {
  size_t at = 0;
  uint32_t length = 0;
};

Place find_text(std::string_view start, uint64_t size, const fs::path& file) {
  if (!start.starts_with("\x93NUMPY")) fail_data(file, "is no NPY file; save it with numpy.save");
  const size_t got = start.size();
  const int version = got > 6 ? start[6] : 0;
  if (version < 1 || version > 3) {
    fail_data(file, cat("is NPY version ", version, "; versions 1 to 3 are read"));
  }
  const size_t length_bytes = version == 1 ? 2 : 4;
  Place place;
  place.at = 8 + length_bytes;
  place.length = got >= place.at ? little_endian(start.substr(8, length_bytes)) : 0;
  if (got < place.at || place.length > kLongestHeader || place.at + place.length > size) {
    fail_data(file, "is cut short: its NPY header does not fit; copy or save the file again");
  }
  return place;
}

NpyHeader parsed(std::string_view text, const Place& place, uint64_t size, const fs::path& file,
                 bool text_too) {
  NpyHeader header;
  Dictionary(text, file, text_too).parse(header);
  header.data_at = static_cast<int64_t>(place.at + place.length);
  check_against_size(header, file, size);
  return header;
}

}  // namespace

NpyHeader read_npy_header(const fs::path& file) {
  std::error_code ec;
  const auto status = fs::status(file, ec);
  if (ec || !fs::exists(status)) fail_data(file, "no such file; check the path");
  if (fs::is_directory(status)) fail_data(file, "is a directory, an NPY file is needed here");
  const uint64_t size = fs::file_size(file, ec);
  std::ifstream in(file, std::ios::binary);
  if (ec || !in) fail_data(file, "cannot be opened; check its permissions");

  std::string start(12, '\0');
  in.read(start.data(), 12);
  start.resize(static_cast<size_t>(in.gcount()));
  if (start.empty()) fail_data(file, "is an empty file (0 bytes); save it again");
  if (start.starts_with("PK\x03\x04")) {
    fail_data(file, "is an NPZ archive, a single array is needed here; save it with numpy.save");
  }
  const Place place = find_text(start, size, file);
  std::string text(place.length, '\0');
  in.clear();
  in.seekg(static_cast<std::streamoff>(place.at));
  if (!in.read(text.data(), place.length)) fail_data(file, "cannot be read; check the disk");
  return parsed(text, place, size, file, false);
}

NpyHeader npy_header_of(std::string_view bytes, const fs::path& file, bool text_too) {
  const Place place = find_text(bytes.substr(0, 12), bytes.size(), file);
  return parsed(bytes.substr(place.at, place.length), place, bytes.size(), file, text_too);
}

}  // namespace kuchi::io
