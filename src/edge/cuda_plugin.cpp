#include "edge/cuda_plugin.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Allocator.h>
#include <dlfcn.h>

#include <filesystem>

namespace kuchi::edge {
namespace {

namespace fs = std::filesystem;

std::string last_dl_error() {
  const char* text = dlerror();
  return text == nullptr ? "unknown reason" : text;
}

// 13000 -> "13.0", as CUDA counts
std::string cuda_version(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

// What is asked of the driver before the GPU part of LibTorch (1 GB) is loaded. Declared here
// because the program builds without the CUDA Toolkit; the driver's interface is stable.
struct Driver {
  int (*init)(unsigned) = nullptr;
  int (*device_count)(int*) = nullptr;
  int (*version)(int*) = nullptr;
};

// Empty, or why no device can be used
std::string look_at_driver(int* version) {
  // Never closed: LibTorch uses the same copy.
  void* library = dlopen("libcuda.so.1", RTLD_NOW);
  if (library == nullptr) return "no NVIDIA driver found (libcuda.so.1); install it to use a GPU";
  Driver driver;
  driver.init = reinterpret_cast<int (*)(unsigned)>(dlsym(library, "cuInit"));
  driver.device_count = reinterpret_cast<int (*)(int*)>(dlsym(library, "cuDeviceGetCount"));
  driver.version = reinterpret_cast<int (*)(int*)>(dlsym(library, "cuDriverGetVersion"));
  if (driver.init == nullptr || driver.device_count == nullptr || driver.version == nullptr) {
    return "the NVIDIA driver's libcuda.so.1 is not a whole one; install the driver again";
  }
  if (const int code = driver.init(0); code != 0) {
    return "the NVIDIA driver found no usable GPU (cuInit says " + std::to_string(code) +
           "); see what nvidia-smi says";
  }
  int count = 0;
  if (driver.device_count(&count) != 0 || count == 0) {
    return "the NVIDIA driver sees no GPU; see what nvidia-smi and CUDA_VISIBLE_DEVICES say";
  }
  driver.version(version);
  return {};
}

// Opens LibTorch's CUDA part. Empty, or why it could not be used.
std::string open_torch_cuda(int driver_version, int* devices) {
  const fs::path file = fs::path(libtorch_folder()) / "libtorch_cuda.so";
  if (!fs::exists(file)) {
    return "this LibTorch has no CUDA part (libtorch_cuda.so); run scripts/setup.sh --cuda";
  }
  if (dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return "LibTorch's CUDA part cannot be loaded (" + last_dl_error() +
           "); run scripts/setup.sh --cuda";
  }
  const auto& hooks = at::detail::getCUDAHooks();
  *devices = hooks.hasCUDA() ? hooks.getNumGPUs() : 0;
  if (*devices > 0) return {};
  const auto runtime = static_cast<int>(hooks.hasCUDART() ? hooks.versionCUDART() : 0);
  if (runtime / 1000 > driver_version / 1000) {
    return "LibTorch is built for CUDA " + cuda_version(runtime) + " and the driver runs up to " +
           cuda_version(driver_version) + "; install a newer NVIDIA driver";
  }
  return "LibTorch's CUDA part sees no GPU; see what nvidia-smi and CUDA_VISIBLE_DEVICES say";
}

// The plug-in lies beside the program: bin/kuchi and lib/libkuchi_cuda.so.
std::string open_plugin(const CudaPlugin** out) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  fs::path file = program.parent_path().parent_path() / "lib" / "libkuchi_cuda.so";
  if (error || !fs::exists(file)) {
    return "the plug-in lib/libkuchi_cuda.so is not beside the program; install the CUDA Toolkit " +
           std::string("and run scripts/build.sh to build it");
  }
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return "the plug-in cannot be loaded (" + last_dl_error() + "); run scripts/build.sh";
  }
  using Entry = const CudaPlugin* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library, "kuchi_cuda_plugin"));
  if (entry == nullptr || entry()->interface_version != CudaPlugin::kInterface) {
    return "the plug-in " + file.string() + " is of another version; run scripts/build.sh";
  }
  *out = entry();
  return {};
}

Cuda find_cuda() {
  Cuda found;
  int driver_version = 0;
  found.why_not = look_at_driver(&driver_version);
  if (found.why_not.empty()) found.why_not = open_torch_cuda(driver_version, &found.devices);
  found.available = found.why_not.empty();
  found.why_no_plugin = found.available ? open_plugin(&found.plugin) : found.why_not;
  return found;
}

}  // namespace

const Cuda& cuda() {
  static const Cuda found = find_cuda();
  return found;
}

std::string libtorch_folder() {
  // Any symbol of libtorch_cpu.so tells where it lies.
  Dl_info info{};
  const auto address = reinterpret_cast<const void*>(&at::detail::getCUDAHooks);
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const fs::path file = fs::canonical(info.dli_fname, error);
  return error ? std::string() : file.parent_path().string();
}

}  // namespace kuchi::edge
