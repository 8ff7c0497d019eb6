// src/edge/cuda_plugin.h
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <string>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace kuchi::edge {

/// One GPU as the plug-in sees it.
struct CudaDevice {
  std::string name;
  int major = 0, minor = 0;  ///< compute capability
  std::int64_t free_bytes = 0, total_bytes = 0;
};

struct CudaVersions {
  int runtime = 0;  ///< as CUDA counts: 13000 is 13.0
  int driver = 0;   ///< newest CUDA the driver runs, counted likewise
  long cudnn = 0;   ///< as cuDNN counts: 91900 is 9.19.0
};

/// What the plug-in libkuchi_cuda.so offers: the one place that links CUDA. A table of functions,
/// so that the program itself links none of it. Functions throw c10::Error on a CUDA failure.
struct CudaPlugin {
  /// Raised with every change to this table: an older plug-in is then refused, not misread.
  static constexpr int kInterface = 2;

  int interface_version = 0;
  int (*device_count)() = nullptr;
  CudaDevice (*device)(int index) = nullptr;
  CudaVersions (*versions)() = nullptr;
  void (*synchronize)(int index) = nullptr;
  void (*empty_cache)() = nullptr;
  void (*manual_seed)(std::uint64_t seed) = nullptr;
  std::int64_t (*peak_bytes)(int index) = nullptr;  ///< most held since start or reset_peak
  void (*reset_peak)(int index) = nullptr;
  /// Sums between GPUs, on the device that is current; null where the plug-in was built without
  /// NCCL.
  c10::intrusive_ptr<c10d::Backend> (*nccl)(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                            int size, std::int64_t timeout_ms) = nullptr;
};

/// CUDA on this machine, found out once.
struct Cuda {
  bool available = false;              ///< LibTorch's CUDA part is loaded and sees a device
  std::string why_not;                 ///< one sentence with the remedy, where not available
  int devices = 0;                     ///< how many
  const CudaPlugin* plugin = nullptr;  ///< null where it was not built: training works without
  std::string why_no_plugin;           ///< one sentence, where plugin is null
};

/// At the first call looks for a driver with a device, opens libtorch_cuda.so from beside
/// libtorch_cpu.so, then libkuchi_cuda.so from beside the program. Without a driver that costs less
/// than a millisecond. Call it before the first tensor goes to a GPU; safe from any thread.
const Cuda& cuda();

/// The folder libtorch_cpu.so was loaded from; empty where the system will not say.
std::string libtorch_folder();

}  // namespace kuchi::edge
