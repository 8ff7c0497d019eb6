#include "encoders/weights.h"

#include <ATen/ATen.h>

#include <cstring>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "encoders/json_source.h"
#include "io/safetensors.h"
#include "io/torch_file.h"

namespace kuchi::encoders {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSafe = "model.safetensors";
constexpr const char* kPickle = "pytorch_model.bin";
constexpr const char* kIndex = ".index.json";

const std::map<std::string, at::ScalarType>& float_types() {
  static const std::map<std::string, at::ScalarType> kTypes = {
      {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"F32", at::kFloat}, {"F64", at::kDouble}};
  return kTypes;
}

/// The shards of an index, each once. A name may not lead out of the directory.
std::vector<fs::path> shards(const fs::path& index) {
  const JsonSource json(index);
  if (!json.has("weight_map") || !json.json().at("weight_map").is_object()) {
    fail_data(index, "has no \"weight_map\" object: it is no index of weight files");
  }
  std::set<std::string> names;
  for (const auto& [tensor, name] : json.json().at("weight_map").items()) {
    if (!name.is_string()) fail_data(index, "has a file name in \"weight_map\" that is no text");
    names.insert(name.get<std::string>());
  }
  std::vector<fs::path> out;
  for (const auto& name : names) {
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string("/\\\0", 3)) != std::string::npos) {
      fail_data(index, cat("names the file \"", printable(name),
                           "\"; weight files must lie in the directory itself"));
    }
    std::error_code ec;
    const auto file = index.parent_path() / name;
    if (!fs::exists(file, ec)) {
      fail_data(file, cat("this part of the weights is missing, though ", index.filename().string(),
                          " lists it; fetch it"));
    }
    out.push_back(file);
  }
  if (out.empty()) fail_data(index, "lists no weight files");
  return out;
}

/// A clone without Git LFS leaves small text files in the place of weights.
void refuse_lfs_pointer(const io::InputFile& file) {
  const std::string start = "version https://git-lfs";
  if (file.size() < 1024 && file.size() >= start.size() && file.text(0, start.size()) == start) {
    fail_data(file.path(), "is only Git LFS's pointer to the weights; run git lfs pull");
  }
}

bool all_finite(const at::Tensor& contiguous) {
  const auto* values = contiguous.const_data_ptr<float>();
  const int64_t n = contiguous.numel();
  uint32_t bad = 0;
  for (int64_t i = 0; i < n; ++i) {
    uint32_t bits = 0;
    std::memcpy(&bits, values + i, sizeof bits);
    bad |= static_cast<uint32_t>((bits & 0x7f800000U) == 0x7f800000U);
  }
  return bad == 0;
}

std::span<std::byte> bytes_of(const at::Tensor& contiguous) {
  return {static_cast<std::byte*>(contiguous.mutable_data_ptr()), contiguous.nbytes()};
}

}  // namespace

std::vector<fs::path> weight_files(const fs::path& directory) {
  std::error_code ec;
  for (const auto* name : {kSafe, kPickle}) {
    if (fs::exists(directory / name, ec)) return {directory / name};
    const auto index = directory / (std::string(name) + kIndex);
    if (fs::exists(index, ec)) return shards(index);
  }
  fail_data(directory, "has no weights: no model.safetensors and no pytorch_model.bin");
}

Weights::Weights(const fs::path& directory) {
  for (const auto& path : weight_files(directory)) {
    const auto& file = files_.emplace_back(path);
    refuse_lfs_pointer(file);
    const bool safe = path.extension() == ".safetensors";
    for (auto& tensor :
         safe ? io::read_safetensors_index(file).tensors : io::read_torch_index(file)) {
      const auto name = tensor.name;
      if (!entries_.emplace(name, Entry{files_.size() - 1, std::move(tensor)}).second) {
        fail_data(path, cat("holds tensor \"", printable(name), "\", which another file has too"));
      }
    }
  }
}

uint64_t Weights::bytes() const {
  uint64_t out = 0;
  for (const auto& file : files_) out += file.size();
  return out;
}

void Weights::read_into(const at::Tensor& target, const Entry& entry) const {
  const at::NoGradGuard no_grad;
  const auto& stored = entry.tensor;
  const auto& file = files_[entry.file];
  check_dtype(file.path(), stored);
  const auto type = float_types().at(stored.dtype);
  auto into = target.detach();
  if (type == at::kFloat && stored.strides.empty() && into.is_contiguous()) {
    file.read(stored.offset, bytes_of(into));
  } else {
    const auto width = static_cast<int64_t>(at::elementSize(type));
    auto raw = at::empty({static_cast<int64_t>(stored.bytes) / width}, type);
    file.read(stored.offset, bytes_of(raw));
    into.copy_(stored.strides.empty() ? raw.view(stored.shape)
                                      : raw.as_strided(stored.shape, stored.strides));
  }
  if (!all_finite(into.contiguous())) {
    fail_data(file.path(),
              cat("tensor \"", stored.name,
                  "\" holds values that are no finite numbers; the weights are broken"));
  }
}

void check_dtype(const fs::path& file, const io::StoredTensor& tensor) {
  if (float_types().count(tensor.dtype) == 0) {
    fail_data(file, cat("tensor \"", tensor.name, "\" has type ", tensor.dtype,
                        "; a weight must be F16, BF16, F32 or F64"));
  }
}

}  // namespace kuchi::encoders
