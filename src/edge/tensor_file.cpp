#include "edge/tensor_file.h"

#include <ATen/ATen.h>

#include "core/error.h"
#include "core/text.h"
#include "io/safetensors.h"

namespace kuchi::edge {
namespace {

const std::vector<std::pair<at::ScalarType, std::string>>& dtypes() {
  static const std::vector<std::pair<at::ScalarType, std::string>> kList = {
      {at::kFloat, "F32"}, {at::kDouble, "F64"}, {at::kLong, "I64"}, {at::kInt, "I32"},
      {at::kByte, "U8"},   {at::kBool, "BOOL"},  {at::kHalf, "F16"}, {at::kBFloat16, "BF16"}};
  return kList;
}

std::string dtype_name(at::ScalarType type) {
  for (const auto& [t, name] : dtypes()) {
    if (t == type) return name;
  }
  throw std::logic_error("tensor type has no safetensors name");
}

}  // namespace

std::string shape_text(at::IntArrayRef shape) {
  std::vector<std::string> parts;
  for (const auto n : shape) parts.push_back(std::to_string(n));
  return "[" + join(parts, ", ") + "]";
}

void save_tensors(const std::filesystem::path& file, const NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata) {
  std::vector<at::Tensor> held;
  std::vector<io::TensorBytes> list;
  for (const auto& [name, tensor] : tensors) {
    held.push_back(tensor.detach().to(at::kCPU).contiguous());
    const auto& t = held.back();
    list.push_back({name,
                    dtype_name(t.scalar_type()),
                    t.sizes().vec(),
                    {static_cast<const std::byte*>(t.const_data_ptr()), t.nbytes()}});
  }
  io::write_safetensors(file, list, metadata);
}

TensorFile load_tensors(const std::filesystem::path& file) {
  const auto raw = io::read_safetensors(file);
  TensorFile out;
  out.metadata = raw.metadata;
  for (const auto& t : raw.tensors) {
    at::ScalarType type = at::kFloat;
    bool known = false;
    for (const auto& [candidate, name] : dtypes()) {
      if (name == t.dtype) {
        type = candidate;
        known = true;
      }
    }
    if (!known)
      fail_data(file, cat("tensor \"", t.name, "\" has type ", t.dtype, ", unknown here"));
    auto tensor = at::empty(t.shape, type);
    if (!t.bytes.empty()) std::memcpy(tensor.data_ptr(), t.bytes.data(), t.bytes.size());
    out.tensors[t.name] = tensor;
  }
  return out;
}

void copy_into(const NamedTensors& to, const std::map<std::string, at::Tensor>& from,
               const std::filesystem::path& file) {
  std::vector<std::string> mistakes;
  std::map<std::string, bool> used;
  const at::NoGradGuard no_grad;
  for (const auto& [name, target] : to) {
    const auto it = from.find(name);
    if (it == from.end()) {
      mistakes.push_back(cat("tensor \"", name, "\" ", shape_text(target.sizes()), " is missing"));
    } else if (it->second.sizes() != target.sizes()) {
      mistakes.push_back(cat("tensor \"", name, "\" is ", shape_text(it->second.sizes()),
                             ", the model needs ", shape_text(target.sizes())));
    } else {
      auto writable = target.detach();
      writable.copy_(it->second);
    }
    used[name] = true;
  }
  for (const auto& [name, tensor] : from) {
    if (used.count(name) == 0) mistakes.push_back(cat("tensor \"", name, "\" fits nowhere"));
  }
  if (!mistakes.empty()) {
    if (mistakes.size() > 6) {
      const auto more = mistakes.size() - 6;
      mistakes.resize(6);
      mistakes.push_back(cat("and ", more, " more"));
    }
    fail_data(file, join(mistakes, "; ") + "; is it a checkpoint of another configuration?");
  }
}

}  // namespace kuchi::edge
