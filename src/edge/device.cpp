#include "edge/device.h"

#include <charconv>
#include <string_view>

#include "core/error.h"

namespace kuchi::edge {
namespace {

// "cuda" or "cuda:N" -> N; -1 for any other text
int cuda_index(std::string_view text) {
  if (!text.starts_with("cuda")) return -1;
  text.remove_prefix(4);
  if (text.empty()) return 0;
  if (text.front() != ':' || text.size() < 2) return -1;
  text.remove_prefix(1);
  int index = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && index >= 0 ? index : -1;
}

std::string devices_found(int count) {
  if (count == 1) return "one CUDA device found; use cuda:0";
  return std::to_string(count) +
         " CUDA devices found; use cuda:0 to cuda:" + std::to_string(count - 1);
}

}  // namespace

at::Device device_from(const std::string& text, const std::string& key, const Cuda& machine) {
  if (text == "cpu") return at::kCPU;
  if (text == "auto") return machine.available ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  const int index = cuda_index(text);
  if (index < 0) {
    throw UserError(Exit::config,
                    key + "=" + text + ": not a device; use auto, cpu, cuda or cuda:N");
  }
  if (!machine.available) {
    fail_environment(key + "=" + text + ": " + machine.why_not +
                     "; or use cpu, or run kuchi doctor");
  }
  if (index >= machine.devices) {
    fail_environment(key + "=" + text + ": " + devices_found(machine.devices) +
                     " or run kuchi doctor");
  }
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

at::Device device_from(const std::string& text, const std::string& key) {
  // The CPU is chosen without waking a GPU's driver.
  return text == "cpu" ? at::Device(at::kCPU) : device_from(text, key, cuda());
}

}  // namespace kuchi::edge
