#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::io {
namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // the format's own limit

[[noreturn]] void broken(const std::filesystem::path& file, const std::string& why) {
  fail_data(file, "is no whole safetensors file: " + why);
}

/// A list of whole numbers, none negative; anything else would be converted in silence.
template <typename T>
std::vector<T> whole_numbers(const std::filesystem::path& file, const std::string& name,
                             const nlohmann::json& list) {
  std::vector<T> out;
  for (const auto& n : list.get<std::vector<nlohmann::json>>()) {
    if (!n.is_number_unsigned() || n.get<uint64_t>() > std::numeric_limits<T>::max()) {
      broken(file, cat("tensor \"", name, "\" has an impossible shape or place"));
    }
    out.push_back(n.get<T>());
  }
  return out;
}

/// The header as JSON; one that is no object, or has a name twice, is refused.
nlohmann::json parse_header(const std::filesystem::path& file, const std::string& text) {
  std::set<std::string> names;
  std::string twice;
  auto header = nlohmann::json::parse(
      text, [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        if (depth == 1 && event == nlohmann::json::parse_event_t::key &&
            !names.insert(value.get<std::string>()).second) {
          twice = value.get<std::string>();
        }
        return true;
      });
  if (!header.is_object()) broken(file, "its header is no JSON object");
  if (!twice.empty()) broken(file, cat("tensor \"", twice, "\" is there twice"));
  return header;
}

TensorBytes parse_entry(const std::filesystem::path& file, const std::string& name,
                        const nlohmann::json& j, std::span<const std::byte> data) {
  TensorBytes t;
  t.name = name;
  t.dtype = j.at("dtype").get<std::string>();
  t.shape = whole_numbers<int64_t>(file, name, j.at("shape"));
  const auto offsets = whole_numbers<uint64_t>(file, name, j.at("data_offsets"));
  int64_t bytes = dtype_bytes(t.dtype);
  if (bytes == 0) broken(file, cat("tensor \"", name, "\" has unknown type ", t.dtype));
  bool empty = false;
  for (const auto n : t.shape) {  // strides must fit even where a 0 leaves nothing to hold
    empty = empty || n == 0;
    if (n > 0 && bytes > std::numeric_limits<int64_t>::max() / n) {
      broken(file, cat("tensor \"", name, "\" has an impossible shape"));
    }
    bytes *= std::max<int64_t>(n, 1);
  }
  if (empty) bytes = 0;
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size() ||
      offsets[1] - offsets[0] != static_cast<uint64_t>(bytes)) {
    broken(file, cat("tensor \"", name,
                     "\" lies outside the file or has the wrong size; copy the "
                     "file again"));
  }
  t.bytes = data.subspan(offsets[0], offsets[1] - offsets[0]);
  return t;
}

void check_layout(const std::filesystem::path& file, std::vector<TensorBytes>& tensors,
                  std::span<const std::byte> data) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return a.bytes.data() != b.bytes.data() ? a.bytes.data() < b.bytes.data()
                                            : a.bytes.size() < b.bytes.size();
  });
  const std::byte* at = data.data();
  for (const auto& t : tensors) {
    if (t.bytes.data() != at) broken(file, cat("tensor \"", t.name, "\" overlaps or leaves a gap"));
    at += t.bytes.size();
  }
  if (at != data.data() + data.size()) broken(file, "bytes are left over at the end");
}

}  // namespace

int64_t dtype_bytes(const std::string& dtype) {
  static const std::map<std::string, int64_t> kBytes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
  const auto it = kBytes.find(dtype);
  return it == kBytes.end() ? 0 : it->second;
}

const TensorBytes* Safetensors::find(const std::string& name) const {
  for (const auto& t : tensors) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

void write_safetensors(const std::filesystem::path& file, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  auto header = nlohmann::ordered_json::object();  // {} even without a tensor
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& t : tensors) {
    header[t.name] = {{"dtype", t.dtype},
                      {"shape", t.shape},
                      {"data_offsets", {offset, offset + t.bytes.size()}}};
    offset += t.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  write_atomically(file, [&](std::ostream& out) {
    const uint64_t size = text.size();
    out.write(reinterpret_cast<const char*>(&size), sizeof size);
    out << text;
    for (const auto& t : tensors) {
      out.write(reinterpret_cast<const char*>(t.bytes.data()),
                static_cast<std::streamsize>(t.bytes.size()));
    }
  });
}

Safetensors read_safetensors(const std::filesystem::path& file) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  if (ec) fail_data(file, "no such file");
  std::ifstream in(file, std::ios::binary);
  if (!in) fail_data(file, "cannot be opened; check its permissions");
  uint64_t header_size = 0;
  if (size < 8 || !in.read(reinterpret_cast<char*>(&header_size), 8)) broken(file, "too short");
  if (header_size > kMaxHeader || header_size > size - 8) {
    broken(file, "its header is longer than the file");
  }
  std::string text(header_size, '\0');
  Safetensors out;
  out.buffer.resize(size - 8 - header_size);
  if (!in.read(text.data(), static_cast<std::streamsize>(header_size)) ||
      !in.read(reinterpret_cast<char*>(out.buffer.data()),
               static_cast<std::streamsize>(out.buffer.size()))) {
    broken(file, "reading failed");
  }
  try {
    const auto header = parse_header(file, text);
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        out.metadata = entry.get<std::map<std::string, std::string>>();
      } else {
        out.tensors.push_back(parse_entry(file, name, entry, out.buffer));
      }
    }
  } catch (const nlohmann::json::exception& e) {
    broken(file, cat("its header does not parse (", e.what(), ")"));
  }
  check_layout(file, out.tensors, out.buffer);
  return out;
}

}  // namespace kuchi::io
