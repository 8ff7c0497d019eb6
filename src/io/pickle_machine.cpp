#include "io/pickle_machine.h"

#include <map>
#include <set>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::io {
namespace {

constexpr size_t kMaxValues = 500'000;  // a state dict has some 30 a tensor
constexpr int kMaxProtocol = 5;

/// torch's storage classes, by dtype.
const std::map<std::string_view, std::string_view>& storages() {
  static const std::map<std::string_view, std::string_view> kStorages = {
      {"FloatStorage", "F32"},     {"DoubleStorage", "F64"}, {"HalfStorage", "F16"},
      {"BFloat16Storage", "BF16"}, {"LongStorage", "I64"},   {"IntStorage", "I32"},
      {"ShortStorage", "I16"},     {"CharStorage", "I8"},    {"ByteStorage", "U8"},
      {"BoolStorage", "BOOL"}};
  return kStorages;
}

std::string shown(std::string_view text) {
  return printable(text.size() > 60 ? cat(text.substr(0, 57), "...") : std::string(text));
}

}  // namespace

PickleValue::Ref PickleMachine::run() {
  for (;;) {
    const auto op = static_cast<uint8_t>(take(1)[0]);
    if (op == '.') return pop();
    if (!step_scalar(op) && !step_memo(op) && !step_container(op) && !step_object(op)) {
      refuse_instruction(op);
    }
  }
}

void PickleMachine::broken(const std::string& why) const {
  fail_data(file_, cat("its pickle is broken: ", why, "; fetch the file again"));
}

std::string_view PickleMachine::take(uint64_t bytes) {
  if (bytes > pickle_.size() - at_) broken("it ends too early");
  const auto out = pickle_.substr(at_, bytes);
  at_ += bytes;
  return out;
}

uint64_t PickleMachine::number(uint64_t bytes) {
  uint64_t out = 0;
  const auto raw = take(bytes);
  for (size_t i = 0; i < bytes; ++i) out |= uint64_t{static_cast<uint8_t>(raw[i])} << (8 * i);
  return out;
}

std::string_view PickleMachine::line() {
  const auto end = pickle_.find('\n', at_);
  if (end == std::string_view::npos) broken("it ends too early");
  const auto out = take(end - at_);
  at_ += 1;
  return out;
}

PickleValue::Ref PickleMachine::make(PickleValue value) {
  if (values_.size() >= kMaxValues) broken("it holds too many values");
  values_.push_back(std::move(value));
  return static_cast<Ref>(values_.size() - 1);
}

void PickleMachine::push(Ref ref) {
  if (stack_.size() >= kMaxValues) broken("it holds too many values");
  stack_.push_back(ref);
}

void PickleMachine::push(Kind kind, int64_t integer, std::string_view text) {
  PickleValue value;
  value.kind = kind;
  value.integer = integer;
  value.text = text;
  push(make(std::move(value)));
}

PickleValue::Ref PickleMachine::pop() {
  if (stack_.empty()) broken("it takes more than it put");
  const auto out = stack_.back();
  stack_.pop_back();
  return out;
}

PickleValue& PickleMachine::pop_value(Kind kind) {
  auto& value = values_[pop()];
  if (value.kind != kind) broken("a value is not of the kind that is needed");
  return value;
}

PickleValue& PickleMachine::top(Kind kind) {
  if (stack_.empty()) broken("it takes more than it put");
  auto& value = values_[stack_.back()];
  if (value.kind != kind) broken("a value is not of the kind that is needed");
  return value;
}

std::vector<PickleValue::Ref> PickleMachine::pop_to_mark() {
  size_t mark = stack_.size();
  while (mark > 0 && values_[stack_[mark - 1]].kind != Kind::mark) --mark;
  if (mark == 0) broken("a mark is missing");
  std::vector<Ref> out(stack_.begin() + static_cast<std::ptrdiff_t>(mark), stack_.end());
  stack_.resize(mark - 1);
  return out;
}

void PickleMachine::push_list(std::vector<Ref> items) {
  PickleValue value;
  value.kind = Kind::list;
  value.items = std::move(items);
  push(make(std::move(value)));
}

bool PickleMachine::step_scalar(uint8_t op) {
  switch (op) {
    case 0x80:  // PROTO
      if (number(1) > kMaxProtocol) broken("its protocol is unknown");
      return true;
    case 0x95:  // FRAME: only a hint how much may be read at once
      take(8);
      return true;
    case 'N':
      push(Kind::none);
      return true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      push(Kind::boolean, op == 0x88 ? 1 : 0);
      return true;
    case 'J':  // BININT
      push(Kind::integer, static_cast<int32_t>(static_cast<uint32_t>(number(4))));
      return true;
    case 'K':  // BININT1
    case 'M':  // BININT2
      push(Kind::integer, static_cast<int64_t>(number(op == 'K' ? 1 : 2)));
      return true;
    case 0x8a:  // LONG1
      push(Kind::integer, long_integer());
      return true;
    case 'G':  // BINFLOAT; its value is of no use here
      take(8);
      push(Kind::real);
      return true;
    case 'X':   // BINUNICODE
    case 0x8c:  // SHORT_BINUNICODE
    case 0x8d:  // BINUNICODE8
      push(Kind::text, 0, take(number(op == 'X' ? 4 : op == 0x8c ? 1 : 8)));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_memo(uint8_t op) {
  switch (op) {
    case 'q':  // BINPUT
    case 'r':  // LONG_BINPUT
      remember(number(op == 'q' ? 1 : 4));
      return true;
    case 0x94:  // MEMOIZE
      remember(memo_.size());
      return true;
    case 'h':  // BINGET
    case 'j':  // LONG_BINGET
      push(recall(number(op == 'h' ? 1 : 4)));
      return true;
    default:
      return false;
  }
}

int64_t PickleMachine::long_integer() {
  const auto bytes = number(1);
  if (bytes > 8) broken("a number is too large");
  if (bytes == 0) return 0;
  auto raw = number(bytes);
  const auto bits = 8 * bytes;
  if (bits < 64 && (raw >> (bits - 1)) != 0) raw |= ~uint64_t{0} << bits;  // the sign
  return static_cast<int64_t>(raw);
}

void PickleMachine::remember(uint64_t key) {
  if (stack_.empty()) broken("it remembers nothing");
  if (values_[stack_.back()].kind == Kind::mark) broken("it remembers a mark");
  if (memo_.size() >= kMaxValues) broken("it holds too many values");
  memo_[key] = stack_.back();
}

PickleValue::Ref PickleMachine::recall(uint64_t key) const {
  const auto it = memo_.find(key);
  if (it == memo_.end()) broken("it recalls what it never remembered");
  return it->second;
}

bool PickleMachine::step_container(uint8_t op) {
  switch (op) {
    case '(':
      push(Kind::mark);
      return true;
    case ')':  // EMPTY_TUPLE
    case ']':  // EMPTY_LIST
      push_list({});
      return true;
    case '}':  // EMPTY_DICT
      push(Kind::dict);
      return true;
    case 't':  // TUPLE
      push_list(pop_to_mark());
      return true;
    case 0x85:    // TUPLE1
    case 0x86:    // TUPLE2
    case 0x87: {  // TUPLE3
      std::vector<Ref> items(op - 0x84U);
      for (size_t i = items.size(); i-- > 0;) items[i] = pop();
      push_list(std::move(items));
      return true;
    }
    case 'a': {  // APPEND
      const auto item = pop();
      top(Kind::list).items.push_back(item);
      return true;
    }
    case 'e': {  // APPENDS
      const auto items = pop_to_mark();
      auto& list = top(Kind::list).items;
      list.insert(list.end(), items.begin(), items.end());
      return true;
    }
    case 's': {  // SETITEM
      const auto item = pop();
      const auto key = pop();
      top(Kind::dict).pairs.emplace_back(key, item);
      return true;
    }
    case 'u': {  // SETITEMS
      const auto items = pop_to_mark();
      if (items.size() % 2 != 0) broken("a key has no value");
      auto& pairs = top(Kind::dict).pairs;
      for (size_t i = 0; i < items.size(); i += 2) pairs.emplace_back(items[i], items[i + 1]);
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::step_object(uint8_t op) {
  switch (op) {
    case 'c': {  // GLOBAL
      const auto module = line();
      push_name(module, line());
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const auto name = pop_value(Kind::text).text;
      push_name(pop_value(Kind::text).text, name);
      return true;
    }
    case 'Q':  // BINPERSID
      push_storage();
      return true;
    case 'R':  // REDUCE
      call();
      return true;
    case 'b':  // BUILD: an OrderedDict's attributes (_metadata), of no use here
      pop();
      top(Kind::dict);
      return true;
    default:
      return false;
  }
}

void PickleMachine::push_name(std::string_view module, std::string_view name) {
  static const std::set<std::string_view> kDtypes = {"float16", "bfloat16", "float32", "float64",
                                                     "int8",    "int16",    "int32",   "int64",
                                                     "uint8",   "bool"};
  PickleValue value;
  value.kind = Kind::name;
  if (module == "collections" && name == "OrderedDict") {
    value.name = PickleName::ordered_dict;
  } else if (module == "torch._utils" && name == "_rebuild_tensor_v2") {
    value.name = PickleName::rebuild_tensor;
  } else if (module == "torch._utils" && name == "_rebuild_parameter") {
    value.name = PickleName::rebuild_parameter;
  } else if (module == "torch" && storages().count(name) > 0) {
    value.name = PickleName::storage;
    value.dtype = storages().at(name);
  } else if (module == "torch" && kDtypes.count(name) > 0) {
    value.name = PickleName::dtype;
  } else {
    fail_data(file_, cat("its pickle asks for \"", shown(module), ".", shown(name),
                         "\", which no tensor needs and which might run code; nothing of it was "
                         "run; take the model as safetensors"));
  }
  push(make(std::move(value)));
}

/// ("storage", torch.FloatStorage, "KEY", "cpu", values)
void PickleMachine::push_storage() {
  const auto items = pop_value(Kind::list).items;
  const auto is = [&](size_t i, Kind kind) { return values_[items[i]].kind == kind; };
  if (items.size() != 5 || !is(0, Kind::text) || values_[items[0]].text != "storage" ||
      !is(1, Kind::name) || values_[items[1]].name != PickleName::storage || !is(2, Kind::text) ||
      !is(3, Kind::text) || !is(4, Kind::integer) || values_[items[4]].integer < 0) {
    broken("it points to values in an unknown way");
  }
  PickleValue value;
  value.kind = Kind::storage;
  value.dtype = values_[items[1]].dtype;
  value.text = values_[items[2]].text;
  value.integer = values_[items[4]].integer;
  push(make(std::move(value)));
}

void PickleMachine::call() {
  const auto arguments = pop_value(Kind::list).items;
  const auto name = pop_value(Kind::name).name;
  if (name == PickleName::ordered_dict && arguments.empty()) {
    push(Kind::dict);
  } else if (name == PickleName::rebuild_parameter && !arguments.empty() &&
             values_[arguments[0]].kind == Kind::tensor) {
    push(arguments[0]);
  } else if (name == PickleName::rebuild_tensor && arguments.size() >= 4 &&
             values_[arguments[0]].kind == Kind::storage) {
    PickleValue value;
    value.kind = Kind::tensor;
    value.items.assign(arguments.begin(), arguments.begin() + 4);
    push(make(std::move(value)));
  } else {
    broken("it calls something in an unknown way");
  }
}

void PickleMachine::refuse_instruction(uint8_t op) const {
  static const char* kHex = "0123456789abcdef";
  fail_data(file_, cat("its pickle holds the instruction 0x", kHex[op >> 4], kHex[op & 15],
                       ", which no state dict of tensors needs; nothing of it was run; take the "
                       "model as safetensors"));
}

}  // namespace kuchi::io
