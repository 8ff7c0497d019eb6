#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
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

StoredTensor parse_entry(const std::filesystem::path& file, const std::string& name,
                         const nlohmann::json& j, uint64_t data_bytes) {
  StoredTensor t;
  t.name = name;
  t.dtype = j.at("dtype").get<std::string>();
  t.shape = whole_numbers<int64_t>(file, name, j.at("shape"));
  const auto offsets = whole_numbers<uint64_t>(file, name, j.at("data_offsets"));
  const int64_t value_bytes = dtype_bytes(t.dtype);
  if (value_bytes == 0) broken(file, cat("tensor \"", name, "\" has unknown type ", t.dtype));
  int64_t bytes = checked_product(t.shape, value_bytes);
  if (bytes < 0) broken(file, cat("tensor \"", name, "\" has an impossible shape"));
  if (is_empty(t.shape)) bytes = 0;
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_bytes ||
      offsets[1] - offsets[0] != static_cast<uint64_t>(bytes)) {
    broken(file, cat("tensor \"", name,
                     "\" lies outside the file or has the wrong size; copy the "
                     "file again"));
  }
  t.offset = offsets[0];
  t.bytes = offsets[1] - offsets[0];
  return t;
}

void check_layout(const std::filesystem::path& file, std::vector<StoredTensor>& tensors,
                  uint64_t data_bytes) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.bytes < b.bytes;
  });
  uint64_t at = 0;
  for (const auto& t : tensors) {
    if (t.offset != at) broken(file, cat("tensor \"", t.name, "\" overlaps or leaves a gap"));
    at += t.bytes;
  }
  if (at != data_bytes) broken(file, "bytes are left over at the end");
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

SafetensorsIndex read_safetensors_index(const InputFile& file) {
  const auto& path = file.path();
  uint64_t header_size = 0;
  if (file.size() < 8) broken(path, "too short");
  file.read(0, std::as_writable_bytes(std::span(&header_size, 1)));
  if (header_size > kMaxHeader || header_size > file.size() - 8) {
    broken(path, "its header is longer than the file");
  }
  const uint64_t data_bytes = file.size() - 8 - header_size;
  SafetensorsIndex out;
  try {
    const auto header = parse_header(path, file.text(8, header_size));
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        out.metadata = entry.get<std::map<std::string, std::string>>();
      } else {
        out.tensors.push_back(parse_entry(path, name, entry, data_bytes));
      }
    }
  } catch (const nlohmann::json::exception& e) {
    broken(path, cat("its header does not parse (", printable(e.what()), ")"));
  }
  check_layout(path, out.tensors, data_bytes);
  for (auto& t : out.tensors) t.offset += 8 + header_size;
  return out;
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  const InputFile file(path);
  auto index = read_safetensors_index(file);
  Safetensors out;
  out.metadata = std::move(index.metadata);
  uint64_t data_bytes = 0;
  for (const auto& t : index.tensors) data_bytes += t.bytes;
  out.buffer.resize(data_bytes);
  file.read(file.size() - data_bytes, out.buffer);
  const uint64_t first = file.size() - data_bytes;
  for (auto& t : index.tensors) {
    out.tensors.push_back({std::move(t.name), std::move(t.dtype), std::move(t.shape),
                           std::span(out.buffer).subspan(t.offset - first, t.bytes)});
  }
  return out;
}

}  // namespace kuchi::io
