#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// ONNX Runtime as a shared library, where a machine has it: opened while the program runs, so that
/// nobody needs it to build or to export.
namespace kuchi::exporting {

/// A tensor that goes in or comes out, in C order.
struct OrtTensor {
  std::string name;
  std::vector<int64_t> shape;
  std::variant<std::vector<float>, std::vector<int64_t>> values;
};

struct OrtTable;  // the library's functions

/// One model, loaded; runs on the CPU. Every failure is UserError (environment) with what the
/// library says.
class OrtSession {
 public:
  /// `library`: its file; empty: libonnxruntime.so from where the loader looks
  OrtSession(const std::filesystem::path& library, const std::filesystem::path& model);
  ~OrtSession();
  OrtSession(const OrtSession&) = delete;
  OrtSession& operator=(const OrtSession&) = delete;

  /// outputs: names and, of each, its type as an empty tensor → filled, with shapes
  std::vector<OrtTensor> run(std::vector<OrtTensor> inputs, std::vector<OrtTensor> outputs) const;

 private:
  std::unique_ptr<OrtTable> table_;
  void *env_ = nullptr, *options_ = nullptr, *memory_ = nullptr, *session_ = nullptr;
};

/// Whether the library can be opened from there.
bool has_onnx_runtime(const std::filesystem::path& library);

}  // namespace kuchi::exporting
