#include "io/obj.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::io {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (auto& word : split(line, ' ')) {
    for (auto& part : split(word, '\t')) {
      part = trim(part);
      if (!part.empty()) words.push_back(std::move(part));
    }
  }
  return words;
}

std::array<double, 3> vertex_of(const std::vector<std::string>& words, const Location& at) {
  std::array<double, 3> out{};
  for (size_t k = 0; k < 3; ++k) {
    if (k + 1 >= words.size() || !parse_number(words[k + 1], out[k]) || !std::isfinite(out[k])) {
      fail_data(at, "a vertex needs three finite numbers, like v 0.1 0.2 0.3");
    }
  }
  return out;
}

/// "7", "7/1" or "7//2" → 6; negative ones count back from the last vertex so far.
int64_t index_of(const std::string& corner, int64_t vertices, const Location& at) {
  long long index = 0;
  if (!parse_integer(corner.substr(0, corner.find('/')), index) || index == 0) {
    fail_data(at, cat("\"", printable(corner), "\" names no vertex"));
  }
  const int64_t found = index > 0 ? index - 1 : vertices + index;
  if (found < 0 || found >= vertices) {
    fail_data(at, cat("a face names vertex ", index, ", and there are ", vertices, " so far"));
  }
  return found;
}

}  // namespace

ObjFile read_obj(const std::filesystem::path& file) {
  ObjFile out;
  std::vector<std::string> groups;
  int line = 0;
  for (const auto& text : split(read_text(file), '\n')) {
    const Location at{file.string(), ++line};
    const auto words = words_of(text);
    if (words.empty()) continue;
    if (words[0] == "v") {
      out.vertices.push_back(vertex_of(words, at));
    } else if (words[0] == "g") {
      groups.assign(words.begin() + 1, words.end());
    } else if (words[0] == "f") {
      for (size_t k = 1; k < words.size(); ++k) {
        const auto index = index_of(words[k], static_cast<int64_t>(out.vertices.size()), at);
        for (const auto& group : groups) out.groups[group].push_back(index);
      }
    }
  }
  if (out.vertices.empty()) fail_data(file, "holds no vertex; is it an OBJ file?");
  for (auto& [name, vertices] : out.groups) {
    std::sort(vertices.begin(), vertices.end());
    vertices.erase(std::unique(vertices.begin(), vertices.end()), vertices.end());
  }
  return out;
}

}  // namespace kuchi::io
