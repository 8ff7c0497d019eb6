#include "io/torch_pickle.h"

#include <optional>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "io/pickle_machine.h"
#include "io/stored_tensor.h"

namespace kuchi::io {
namespace {

using Kind = PickleValue::Kind;

/// Whole numbers, none negative.
std::optional<std::vector<int64_t>> sizes(const PickleMachine& machine, PickleValue::Ref ref) {
  const auto& list = machine.value(ref);
  if (list.kind != Kind::list) return std::nullopt;
  std::vector<int64_t> out;
  for (const auto item : list.items) {
    const auto& value = machine.value(item);
    if (value.kind != Kind::integer || value.integer < 0) return std::nullopt;
    out.push_back(value.integer);
  }
  return out;
}

PickledTensor tensor_of(const PickleMachine& machine, std::string_view name,
                        const PickleValue& value) {
  const auto& storage = machine.value(value.items[0]);
  const auto& offset = machine.value(value.items[1]);
  const auto shape = sizes(machine, value.items[2]);
  const auto strides = sizes(machine, value.items[3]);
  if (offset.kind != Kind::integer || offset.integer < 0 || !shape || !strides ||
      shape->size() != strides->size() || shape->size() > 16 || checked_product(*shape) < 0) {
    machine.broken(cat("tensor \"", printable(name), "\" has an impossible shape or place"));
  }
  return {std::string(name),
          std::string(storage.dtype),
          std::string(storage.text),
          storage.integer,
          offset.integer,
          *shape,
          *strides};
}

}  // namespace

std::vector<PickledTensor> read_torch_pickle(std::string_view pickle,
                                             const std::filesystem::path& file) {
  PickleMachine machine(pickle, file);
  const auto& root = machine.value(machine.run());
  if (root.kind != Kind::dict) fail_data(file, "holds no dict of tensors");
  std::vector<PickledTensor> out;
  std::set<std::string_view> names;
  std::string inner;
  for (const auto& [key, item] : root.pairs) {
    const auto& name = machine.value(key);
    const auto& value = machine.value(item);
    if (name.kind != Kind::text) continue;
    if (value.kind == Kind::dict && inner.empty()) inner = printable(name.text);
    if (value.kind != Kind::tensor) continue;
    if (!names.insert(name.text).second) {
      machine.broken(cat("tensor \"", printable(name.text), "\" is there twice"));
    }
    out.push_back(tensor_of(machine, name.text, value));
  }
  if (out.empty() && !inner.empty()) {
    fail_data(file, cat("holds no tensors itself but a dict \"", inner,
                        "\": a training's checkpoint; save its state dict alone, as safetensors"));
  }
  if (out.empty()) fail_data(file, "holds no tensors");
  return out;
}

}  // namespace kuchi::io
