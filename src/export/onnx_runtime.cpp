#include "export/onnx_runtime.h"

#include <dlfcn.h>

#include <algorithm>
#include <span>

#include "core/error.h"
#include "core/text.h"
#include "onnx/graph.h"

namespace kuchi::exporting {
namespace fs = std::filesystem;

/// ONNX Runtime's C API is a table of functions. Those of its version 1, places 0 to 101, are
/// frozen: later versions append (onnxruntime_c_api.h, "End of Version 1 - DO NOT MODIFY ABOVE").
/// The few that are needed are declared here, since no header is at hand where only the library is.
/// A function that may fail returns nullptr, or a status to be released.
struct OrtTable {
  using Status = void*;
  const char* (*error_message)(const void* status) = nullptr;
  Status (*create_env)(int level, const char* name, void** out) = nullptr;
  Status (*create_session)(const void* env, const char* file, const void* options,
                           void** out) = nullptr;
  Status (*run)(void* session, const void* options, const char* const* input_names,
                const void* const* inputs, size_t input_count, const char* const* output_names,
                size_t output_count, void** outputs) = nullptr;
  Status (*create_options)(void** out) = nullptr;
  Status (*set_threads)(void* options, int threads) = nullptr;
  Status (*create_tensor)(const void* memory, void* data, size_t bytes, const int64_t* shape,
                          size_t rank, int type, void** out) = nullptr;
  Status (*data)(void* value, void** out) = nullptr;
  Status (*rank)(const void* info, size_t* out) = nullptr;
  Status (*sizes)(const void* info, int64_t* out, size_t count) = nullptr;
  Status (*shape)(const void* value, void** out) = nullptr;
  Status (*cpu_memory)(int allocator, int kind, void** out) = nullptr;
  void (*release_env)(void*) = nullptr;
  void (*release_status)(void*) = nullptr;
  void (*release_memory)(void*) = nullptr;
  void (*release_session)(void*) = nullptr;
  void (*release_value)(void*) = nullptr;
  void (*release_shape)(void*) = nullptr;
  void (*release_options)(void*) = nullptr;

  void check(Status status) const {
    if (status == nullptr) return;
    const std::string said = error_message(status);
    release_status(status);
    fail_environment("ONNX Runtime: " + said);
  }
};

namespace {

constexpr uint32_t kApiVersion = 1;
constexpr int kOnlyErrors = 3, kArena = 1, kDefaultMemory = 0;

struct ApiBase {
  const void* const* (*api)(uint32_t version);
  const char* (*version)();
};

template <typename F>
void take(F& function, const void* const* table, size_t place) {
  function = reinterpret_cast<F>(const_cast<void*>(table[place]));
}

void fill(OrtTable& t, const void* const* table) {
  take(t.error_message, table, 2);
  take(t.create_env, table, 3);
  take(t.create_session, table, 7);
  take(t.run, table, 9);
  take(t.create_options, table, 10);
  take(t.set_threads, table, 24);
  take(t.create_tensor, table, 49);
  take(t.data, table, 51);
  take(t.rank, table, 61);
  take(t.sizes, table, 62);
  take(t.shape, table, 65);
  take(t.cpu_memory, table, 69);
  take(t.release_env, table, 92);
  take(t.release_status, table, 93);
  take(t.release_memory, table, 94);
  take(t.release_session, table, 95);
  take(t.release_value, table, 96);
  take(t.release_shape, table, 99);
  take(t.release_options, table, 100);
}

/// Never closed: its threads and static objects outlive any session. nullptr where it is not.
void* open_library(const fs::path& library, std::string* why) {
  std::vector<std::string> names = {"libonnxruntime.so.1", "libonnxruntime.so"};
  if (!library.empty()) names = {fs::absolute(library).string()};  // not where the loader looks
  for (const auto& name : names) {
    if (void* opened = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return opened;
    const char* said = dlerror();
    *why = said == nullptr ? "cannot be opened" : said;
  }
  return nullptr;
}

/// Released with the block that made it.
class Released {
 public:
  Released(void (*release)(void*), void* what) : release_(release), what_(what) {}
  ~Released() { release_(what_); }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

 private:
  void (*release_)(void*);
  void* what_;
};

/// All of a run's values.
class Values {
 public:
  Values(const OrtTable& table, size_t count) : table_(table), values_(count, nullptr) {}
  ~Values() {
    for (void* value : values_) table_.release_value(value);
  }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  void** at(size_t i) { return &values_[i]; }
  void** data() { return values_.data(); }

 private:
  const OrtTable& table_;
  std::vector<void*> values_;
};

int type_of(const OrtTensor& tensor) {  // numbered as ONNX's own
  const bool real = std::holds_alternative<std::vector<float>>(tensor.values);
  return static_cast<int>(real ? onnx::Type::float32 : onnx::Type::int64);
}

void put(const OrtTable& t, const void* memory, OrtTensor& tensor, void** out) {
  std::visit(
      [&](auto& values) {
        t.check(t.create_tensor(memory, values.data(), values.size() * sizeof(values[0]),
                                tensor.shape.data(), tensor.shape.size(), type_of(tensor), out));
      },
      tensor.values);
}

void get(const OrtTable& t, void* value, OrtTensor& tensor) {
  void* info = nullptr;
  t.check(t.shape(value, &info));
  const Released release(t.release_shape, info);
  size_t rank = 0;
  t.check(t.rank(info, &rank));
  tensor.shape.resize(rank);
  t.check(t.sizes(info, tensor.shape.data(), rank));
  size_t count = 1;
  for (const int64_t size : tensor.shape) count *= static_cast<size_t>(size);
  void* data = nullptr;
  t.check(t.data(value, &data));
  std::visit(
      [&](auto& values) {
        using T = typename std::decay_t<decltype(values)>::value_type;
        values.assign(static_cast<const T*>(data), static_cast<const T*>(data) + count);
      },
      tensor.values);
}

}  // namespace

bool has_onnx_runtime(const fs::path& library) {
  std::string why;
  return open_library(library, &why) != nullptr;
}

OrtSession::OrtSession(const fs::path& library, const fs::path& model)
    : table_(std::make_unique<OrtTable>()) {
  std::string why;
  void* opened = open_library(library, &why);
  if (opened == nullptr) fail_environment("ONNX Runtime's library: " + why);
  const auto base = reinterpret_cast<const ApiBase* (*)()>(dlsym(opened, "OrtGetApiBase"));
  const auto* table = base == nullptr ? nullptr : base()->api(kApiVersion);
  if (table == nullptr) {
    fail_environment(cat(library.string(), ": is no library of ONNX Runtime; name its ",
                         "libonnxruntime.so with --runtime"));
  }
  auto& t = *table_;
  fill(t, table);
  t.check(t.create_env(kOnlyErrors, "kuchi", &env_));
  t.check(t.create_options(&options_));
  t.check(t.cpu_memory(kArena, kDefaultMemory, &memory_));
  t.check(t.create_session(env_, model.c_str(), options_, &session_));
}

OrtSession::~OrtSession() {
  table_->release_session(session_);
  table_->release_memory(memory_);
  table_->release_options(options_);
  table_->release_env(env_);
}

std::vector<OrtTensor> OrtSession::run(std::vector<OrtTensor> inputs,
                                       std::vector<OrtTensor> outputs) const {
  const auto& t = *table_;
  Values in(t, inputs.size()), out(t, outputs.size());
  std::vector<const char*> in_names, out_names;
  for (size_t i = 0; i < inputs.size(); ++i) {
    put(t, memory_, inputs[i], in.at(i));
    in_names.push_back(inputs[i].name.c_str());
  }
  for (const auto& output : outputs) out_names.push_back(output.name.c_str());
  t.check(t.run(session_, nullptr, in_names.data(), in.data(), inputs.size(), out_names.data(),
                outputs.size(), out.data()));
  for (size_t i = 0; i < outputs.size(); ++i) get(t, *out.at(i), outputs[i]);
  return outputs;
}

}  // namespace kuchi::exporting
