#include "io/torch_file.h"

#include <map>
#include <string>

#include "core/error.h"
#include "core/text.h"
#include "io/safetensors.h"
#include "io/torch_pickle.h"
#include "io/zip.h"

namespace kuchi::io {
namespace {

constexpr uint64_t kMaxPickle = uint64_t{32} << 20;

/// What torch.save wrote before PyTorch 1.6: pickles one after another, the first a long number.
bool is_legacy(const InputFile& file) {
  const std::string start = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  return file.size() >= start.size() && file.text(0, start.size()) == start;
}

using Entries = std::map<std::string, ZipEntry>;

/// The one NAME/data.pkl, and NAME/ itself, under which all else lies.
std::string root_of(const InputFile& file, const Entries& entries) {
  const std::string tail = "/data.pkl";
  std::string found;
  for (const auto& [name, entry] : entries) {
    const auto slash = name.find('/');
    if (slash == std::string::npos || name.substr(slash) != tail) continue;
    if (!found.empty()) fail_data(file.path(), "holds two pickles; torch.save writes one");
    found = name.substr(0, slash + 1);
  }
  if (found.empty()) fail_data(file.path(), "is a zip, but none that torch.save wrote");
  return found;
}

void check_byte_order(const InputFile& file, const Entries& entries, const std::string& root) {
  const auto it = entries.find(root + "byteorder");
  if (it == entries.end()) return;  // before PyTorch 2.1; little-endian
  if (it->second.bytes > 16 || file.text(it->second.offset, it->second.bytes) != "little") {
    fail_data(file.path(), "is not in little-endian byte order; take the model as safetensors");
  }
}

/// Places the tensor in the file; no value may lie outside its storage, nor one repeat.
StoredTensor place(const InputFile& file, const Entries& entries, const std::string& root,
                   const PickledTensor& tensor) {
  const auto fail = [&](const std::string& why) {
    fail_data(file.path(), cat("tensor \"", printable(tensor.name), "\" ", why));
  };
  const auto it = entries.find(root + "data/" + tensor.storage);
  if (it == entries.end()) fail("has no values in the file; fetch it again");
  const auto width = dtype_bytes(tensor.dtype);
  const auto available = static_cast<int64_t>(it->second.bytes) / width;
  if (tensor.storage_values > available) fail("has fewer values than it says; fetch it again");
  StoredTensor out = {tensor.name, tensor.dtype, tensor.shape, tensor.strides, 0, 0};
  if (is_empty(tensor.shape)) {
    out.strides.clear();
    return out;
  }
  int64_t last = 0, dense = 1;  // of the last value, from the first
  bool contiguous = true;
  for (size_t i = tensor.shape.size(); i-- > 0;) {
    const auto n = tensor.shape[i], stride = tensor.strides[i];
    if (n <= 1) continue;
    contiguous = contiguous && stride == dense;
    dense *= n;
    if (stride > (available - last) / (n - 1)) fail("lies outside its values");
    last += stride * (n - 1);
  }
  if (contiguous) out.strides.clear();
  if (tensor.offset > available || last >= available - tensor.offset) {
    fail("lies outside its values");
  }
  if (dense > available) fail("repeats its values, which no weight does");
  out.offset = it->second.offset + static_cast<uint64_t>(tensor.offset * width);
  out.bytes = static_cast<uint64_t>((last + 1) * width);
  return out;
}

}  // namespace

std::vector<StoredTensor> read_torch_index(const InputFile& file) {
  if (is_legacy(file)) {
    fail_data(file.path(),
              "is in PyTorch's form from before 1.6, which is not read; load it with a PyTorch "
              "where you trust the file and save it as safetensors");
  }
  Entries entries;
  for (auto& entry : read_zip(file)) {
    const auto name = entry.name;
    entries.emplace(name, std::move(entry));
  }
  const auto root = root_of(file, entries);
  check_byte_order(file, entries, root);
  const auto& pickle = entries.at(root + "data.pkl");
  if (pickle.bytes > kMaxPickle) fail_data(file.path(), "has a pickle too long for a state dict");
  std::vector<StoredTensor> out;
  for (const auto& tensor :
       read_torch_pickle(file.text(pickle.offset, pickle.bytes), file.path())) {
    out.push_back(place(file, entries, root, tensor));
  }
  return out;
}

}  // namespace kuchi::io
