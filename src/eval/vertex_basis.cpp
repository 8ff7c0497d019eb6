#include "eval/vertex_basis.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "config/paths.h"
#include "core/error.h"
#include "core/text.h"
#include "curves/track.h"
#include "io/atomic_file.h"
#include "io/npy.h"
#include "io/obj.h"

namespace kuchi::eval {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLongestList = size_t{64} << 20;

fs::path beside(const fs::path& file, const std::string& ending) {
  fs::path out = file;
  out += ending;
  return out;
}

bool is_file(const fs::path& file) {
  std::error_code ec;
  return fs::is_regular_file(file, ec);
}

std::vector<std::string> read_names(const fs::path& file) {
  if (!is_file(file)) {
    fail_data(file, "no such file; it names the curves of the basis, a line each");
  }
  std::vector<std::string> names;
  std::set<std::string> seen;
  int line = 0;
  for (const auto& text : split(io::read_text(file, kLongestList), '\n')) {
    ++line;
    const auto name = trim(text);
    if (name.empty()) continue;
    if (!seen.insert(plain_name(name)).second) {
      fail_data({file.string(), line, 1}, cat("name \"", printable(name), "\" is there twice"));
    }
    names.push_back(name);
  }
  return names;
}

/// Vertices of a list; empty where there is no such file.
std::vector<int64_t> read_list(const fs::path& file, int64_t vertices) {
  std::vector<int64_t> out;
  if (!is_file(file)) return out;
  int line = 0;
  for (auto text : split(io::read_text(file, kLongestList), '\n')) {
    ++line;
    for (char& c : text) {
      if (c == ',' || c == '\t' || c == '\r') c = ' ';
    }
    for (const auto& word : split(text, ' ')) {
      if (word.empty()) continue;
      long long index = 0;
      if (!parse_integer(word, index) || index < 0 || index >= vertices) {
        fail_data({file.string(), line}, cat("\"", printable(word), "\" is none of the ", vertices,
                                             " vertices; they count from 0"));
      }
      out.push_back(index);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.empty()) fail_data(file, "names no vertex; fill it, or take it away");
  return out;
}

VertexBasis read_array(const fs::path& file, double metres) {
  auto array = io::read_npy<float>(file);
  if (array.shape.size() != 3 || array.shape[2] != 3 || array.shape[0] < 1 || array.shape[1] < 1) {
    std::vector<std::string> shape;
    for (const auto n : array.shape) shape.push_back(std::to_string(n));
    fail_data(file, cat("is of shape [", join(shape, ", "),
                        "]; a vertex basis is [curves, vertices, 3]"));
  }
  VertexBasis basis;
  basis.name = file.filename().string();
  basis.vertices = array.shape[1];
  basis.moves = std::move(array.values);
  for (float& x : basis.moves) {
    if (!std::isfinite(x)) fail_data(file, "holds NaN or infinity");
    x = static_cast<float>(x * metres);
  }
  const auto names = curves::names_beside(file);
  basis.curves = read_names(names);
  if (static_cast<int64_t>(basis.curves.size()) != array.shape[0]) {
    fail_data(names, cat("has ", basis.curves.size(), " names for the ", array.shape[0],
                         " curves of ", file.string()));
  }
  basis.lips = read_list(beside(file, ".lips.txt"), basis.vertices);
  basis.upper = read_list(beside(file, ".upper.txt"), basis.vertices);
  return basis;
}

std::vector<int64_t> list_or_group(const fs::path& folder, const std::string& name,
                                   const io::ObjFile& neutral) {
  auto out = read_list(folder / (name + ".txt"), static_cast<int64_t>(neutral.vertices.size()));
  const auto group = neutral.groups.find(name);
  if (out.empty() && group != neutral.groups.end()) out = group->second;
  return out;
}

VertexBasis read_folder(const fs::path& folder, double metres) {
  const auto rest = folder / "neutral.obj";
  if (!is_file(rest)) {
    fail_data(folder,
              "holds no neutral.obj; a vertex basis of OBJ files needs it beside one file "
              "a curve");
  }
  const auto neutral = io::read_obj(rest);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && lower(entry.path().extension().string()) == ".obj" &&
        entry.path() != rest) {
      files.push_back(entry.path());
    }
  }
  if (files.empty())
    fail_data(folder, "holds no OBJ file beside neutral.obj; one a curve is needed");
  std::sort(files.begin(), files.end());
  VertexBasis basis;
  basis.name = folder.filename().empty() ? folder.string() : folder.filename().string();
  basis.vertices = static_cast<int64_t>(neutral.vertices.size());
  for (const auto& file : files) {
    const auto moved = io::read_obj(file);
    if (moved.vertices.size() != neutral.vertices.size()) {
      fail_data(file, cat("has ", moved.vertices.size(), " vertices, ", rest.string(), " ",
                          neutral.vertices.size(), "; both must be of one mesh"));
    }
    basis.curves.push_back(file.stem().string());
    for (size_t v = 0; v < moved.vertices.size(); ++v) {
      for (size_t k = 0; k < 3; ++k) {
        basis.moves.push_back(
            static_cast<float>((moved.vertices[v][k] - neutral.vertices[v][k]) * metres));
      }
    }
  }
  basis.lips = list_or_group(folder, "lips", neutral);
  basis.upper = list_or_group(folder, "upper", neutral);
  return basis;
}

}  // namespace

VertexBasis read_vertex_basis(const fs::path& path, double metres) {
  std::error_code ec;
  if (fs::is_directory(path, ec)) return read_folder(path, metres);
  if (!is_file(path)) fail_data(path, "no such file or folder; a vertex basis is wanted");
  return read_array(path, metres);
}

VertexBasis shipped_lips() {
  auto basis = read_array(config::config_dir() / "rigs" / "lip_model.npy", 1);
  basis.name = "the shipped lip model";
  return basis;
}

}  // namespace kuchi::eval
