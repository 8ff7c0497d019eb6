// Zips and pickles by hand, as torch.save writes them and as an attacker might.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kuchi::test {

inline std::string little(uint64_t n, size_t bytes) {
  std::string out(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>(n >> (8 * i) & 255);
  return out;
}

using ZipContents = std::vector<std::pair<std::string, std::string>>;

/// A zip of stored files; with zip64, sizes and places stand in the 64-bit fields.
inline std::string stored_zip(const ZipContents& contents, bool zip64 = false) {
  std::string out, list;
  for (const auto& [name, data] : contents) {
    const auto size =
        zip64 ? std::string(8, '\xff') : little(data.size(), 4) + little(data.size(), 4);
    const auto extra = zip64 ? little(1, 2) + little(24, 2) + little(data.size(), 8) +
                                   little(data.size(), 8) + little(out.size(), 8)
                             : "";
    list += "PK\x01\x02" + std::string(6, '\0') + little(0, 2) + std::string(8, '\0') + size +
            little(name.size(), 2) + little(extra.size(), 2) + std::string(10, '\0') +
            (zip64 ? std::string(4, '\xff') : little(out.size(), 4)) + name + extra;
    out += "PK\x03\x04" + std::string(14, '\0') + size + little(name.size(), 2) + little(0, 2) +
           name + data;
  }
  const auto at = out.size();
  out += list;
  if (zip64) {
    const auto end64 = out.size();
    out += "PK\x06\x06" + little(44, 8) + std::string(12, '\0') + little(contents.size(), 8) +
           little(contents.size(), 8) + little(list.size(), 8) + little(at, 8);
    out += "PK\x06\x07" + little(0, 4) + little(end64, 8) + little(1, 4);
    out += "PK\x05\x06" + little(0, 4) + std::string(12, '\xff') + little(0, 2);
  } else {
    out += "PK\x05\x06" + little(0, 4) + little(contents.size(), 2) + little(contents.size(), 2) +
           little(list.size(), 4) + little(at, 4) + little(0, 2);
  }
  return out;
}

inline std::string pickled_text(const std::string& text) {
  return "X" + little(text.size(), 4) + text;
}
inline std::string pickled_integer(int64_t n) {
  return "\x8a\x08" + little(static_cast<uint64_t>(n), 8);
}
inline std::string pickled_tuple(const std::vector<int64_t>& numbers) {
  std::string out = "(";
  for (const auto n : numbers) out += pickled_integer(n);
  return out + "t";
}

/// One tensor of a state dict; `type` is torch's, e.g. "FloatStorage".
struct PickledView {
  std::string type = "FloatStorage", key = "0";
  int64_t values = 0, offset = 0;
  std::vector<int64_t> shape, strides;
};

inline std::string pickled_tensor(const PickledView& t) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled_text("storage") + "ctorch\n" + t.type +
         "\n" + pickled_text(t.key) + pickled_text("cpu") + pickled_integer(t.values) + "tQ" +
         pickled_integer(t.offset) + pickled_tuple(t.shape) + pickled_tuple(t.strides) +
         "\x89"
         "ccollections\nOrderedDict\n)RtR";
}

/// {"name": value, ...}, each value's own instructions given.
inline std::string pickled_dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string out = std::string("\x80\x02", 2) + "}q" + std::string(1, '\0') + "(";
  for (const auto& [name, value] : items) out += pickled_text(name) + value;
  return out + "u.";
}

/// A file of torch.save's with one storage, data/0.
inline std::string torch_zip(const std::string& pickle, const std::string& data) {
  return stored_zip({{"m/data.pkl", pickle}, {"m/byteorder", "little"}, {"m/data/0", data}});
}

}  // namespace kuchi::test
