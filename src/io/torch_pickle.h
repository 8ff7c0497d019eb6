// src/io/torch_pickle.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi::io {

/// A tensor as torch.save's pickle describes it: a view of a storage. All numbers are the file's
/// word, checked for sign and overflow only.
struct PickledTensor {
  std::string name;
  std::string dtype;    // as safetensors spells it
  std::string storage;  // the key of its values: entry data/KEY of the zip
  int64_t storage_values = 0;
  int64_t offset = 0;  // of the first value in the storage
  std::vector<int64_t> shape, strides;
};

/// The tensors of a pickled state dict (a dict of names to tensors; other values are passed over).
///
/// A pickle is a program. This reads the few instructions of one that torch.save writes for a dict
/// of tensors, and makes of its few calls (OrderedDict, a tensor over a storage) plain records;
/// any other instruction or name (os.system, ...) ends the reading, and nothing is ever run or
/// looked up. Memory is bounded by the pickle's own length.
/// `file` is for the message. UserError (data): see above; a dict that holds no tensors itself.
/// Format: CPython's Lib/pickletools.py; torch/serialization.py and torch/_utils.py.
std::vector<PickledTensor> read_torch_pickle(std::string_view pickle,
                                             const std::filesystem::path& file);

}  // namespace kuchi::io
