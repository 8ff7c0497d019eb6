// src/io/pickle_machine.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kuchi::io {

/// The names that a state dict's pickle may mention.
enum class PickleName {
  ordered_dict,       // collections.OrderedDict
  rebuild_tensor,     // torch._utils._rebuild_tensor_v2
  rebuild_parameter,  // torch._utils._rebuild_parameter
  storage,            // torch.FloatStorage and its like
  dtype,              // torch.float32 and its like
};

/// One value of a pickle. Values refer to each other by their number in the one list that holds
/// them all, so that a pickle whose values contain themselves neither leaks nor recurses.
struct PickleValue {
  enum class Kind { none, boolean, integer, real, text, list, dict, name, storage, tensor, mark };
  using Ref = uint32_t;

  Kind kind = Kind::none;
  int64_t integer = 0;    // boolean, integer; storage: how many values it has
  std::string_view text;  // text; storage: its key; points into the pickle
  PickleName name = PickleName::dtype;
  std::string_view dtype;                  // storage and its name, as safetensors spells it
  std::vector<Ref> items;                  // list, tuple; tensor: storage, offset, shape, strides
  std::vector<std::pair<Ref, Ref>> pairs;  // dict, in order
};

/// Interprets the instructions of a pickle that torch.save may write for a dict of tensors, and no
/// others; see torch_pickle.h. UserError (data), `file` in its message, for anything else.
class PickleMachine {
 public:
  using Ref = PickleValue::Ref;
  PickleMachine(std::string_view pickle, const std::filesystem::path& file)
      : pickle_(pickle), file_(file) {}

  /// Up to STOP; the value that is then on top.
  Ref run();
  const PickleValue& value(Ref ref) const { return values_[ref]; }
  [[noreturn]] void broken(const std::string& why) const;

 private:
  using Kind = PickleValue::Kind;

  std::string_view take(uint64_t bytes);
  uint64_t number(uint64_t bytes);  // little-endian
  int64_t long_integer();
  std::string_view line();

  Ref make(PickleValue value);
  void push(Ref ref);
  void push(Kind kind, int64_t integer = 0, std::string_view text = {});
  void push_list(std::vector<Ref> items);
  Ref pop();
  PickleValue& pop_value(Kind kind);
  PickleValue& top(Kind kind);
  std::vector<Ref> pop_to_mark();  // all above the last mark, which goes too

  void remember(uint64_t key);
  Ref recall(uint64_t key) const;

  // Each does an instruction of its kind, or returns false.
  bool step_scalar(uint8_t op);
  bool step_memo(uint8_t op);
  bool step_container(uint8_t op);
  bool step_object(uint8_t op);
  void push_name(std::string_view module, std::string_view name);
  void push_storage();
  void call();
  [[noreturn]] void refuse_instruction(uint8_t op) const;

  std::string_view pickle_;
  std::filesystem::path file_;
  uint64_t at_ = 0;
  std::vector<PickleValue> values_;
  std::vector<Ref> stack_;
  std::unordered_map<uint64_t, Ref> memo_;
};

}  // namespace kuchi::io
