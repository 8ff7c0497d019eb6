// src/io/torch_file.h
#pragma once

#include <vector>

#include "io/input_file.h"
#include "io/stored_tensor.h"

namespace kuchi::io {

/// The tensors of a state dict that torch.save wrote (a zip that holds a pickle and, an entry each,
/// the values). The pickle is interpreted, never run: see torch_pickle.h for what it may hold.
/// UserError (data): the form from before PyTorch 1.6, a broken zip, a pickle that asks for more
/// than tensors, a tensor that lies outside its values. Nothing is allocated on the file's word.
std::vector<StoredTensor> read_torch_index(const InputFile& file);

}  // namespace kuchi::io
