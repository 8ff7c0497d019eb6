// src/cuda/plugin.cpp: libkuchi_cuda.so, the one library of ours that links CUDA.
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#include <torch/cuda.h>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "edge/cuda_plugin.h"

namespace kuchi::edge {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

c10::DeviceIndex narrow(int index) { return static_cast<c10::DeviceIndex>(index); }

int device_count() { return c10::cuda::device_count(); }

CudaDevice device(int index) {
  cudaDeviceProp properties{};
  C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, index));
  const c10::cuda::CUDAGuard guard(narrow(index));
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free_bytes, &total_bytes));
  return {properties.name, properties.major, properties.minor,
          static_cast<std::int64_t>(free_bytes), static_cast<std::int64_t>(total_bytes)};
}

CudaVersions versions() {
  CudaVersions found;
  C10_CUDA_CHECK(cudaRuntimeGetVersion(&found.runtime));
  C10_CUDA_CHECK(cudaDriverGetVersion(&found.driver));
  const auto& hooks = at::detail::getCUDAHooks();
  if (hooks.hasCuDNN()) found.cudnn = hooks.versionRuntimeCuDNN();
  return found;
}

void synchronize(int index) {
  const c10::cuda::CUDAGuard guard(narrow(index));
  c10::cuda::device_synchronize();
}

void empty_cache() { allocator::emptyCache(); }

void manual_seed(std::uint64_t seed) { torch::cuda::manual_seed_all(seed); }

// The allocator counts nothing, and refuses to be asked, before the first tensor on a device.
std::int64_t peak_bytes(int index) {
  if (!allocator::get()->initialized()) return 0;
  constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return allocator::getDeviceStats(narrow(index)).allocated_bytes[kAll].peak;
}

void reset_peak(int index) {
  if (allocator::get()->initialized()) allocator::resetPeakStats(narrow(index));
}

#ifdef USE_C10D_NCCL
c10::intrusive_ptr<c10d::Backend> nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                       int size, std::int64_t timeout_ms) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = std::chrono::milliseconds(timeout_ms);
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
#else
constexpr auto nccl = nullptr;
#endif

}  // namespace
}  // namespace kuchi::edge

extern "C" const kuchi::edge::CudaPlugin* kuchi_cuda_plugin() {
  using namespace kuchi::edge;  // NOLINT(google-build-using-namespace): the table names them all
  static const CudaPlugin table{CudaPlugin::kInterface,
                                device_count,
                                device,
                                versions,
                                synchronize,
                                empty_cache,
                                manual_seed,
                                peak_bytes,
                                reset_peak,
                                nccl};
  return &table;
}
