// src/edge/tensor_file.h
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kuchi::edge {

/// Tensors by name, in an order that is kept.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// safetensors, whole or not at all; tensors of any device, made contiguous on the CPU first.
void save_tensors(const std::filesystem::path& file, const NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata = {});

struct TensorFile {
  std::map<std::string, at::Tensor> tensors;  // owned copies on the CPU
  std::map<std::string, std::string> metadata;
};
/// UserError (data) as io::read_safetensors.
TensorFile load_tensors(const std::filesystem::path& file);

/// "[2, 3]"
std::string shape_text(at::IntArrayRef shape);

/// Copies values into `to` by name. UserError (data) names every tensor that is missing, left
/// over or of another shape. `file` is for the message.
void copy_into(const NamedTensors& to, const std::map<std::string, at::Tensor>& from,
               const std::filesystem::path& file);

}  // namespace kuchi::edge
