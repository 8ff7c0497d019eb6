#include "edge/device.h"

#include <chrono>
#include <filesystem>

#include "catch.h"
#include "core/error.h"

using kuchi::edge::Cuda;
using kuchi::edge::device_from;

namespace {

Cuda gpus(int count) {
  Cuda machine;
  machine.available = count > 0;
  machine.devices = count;
  if (count == 0) machine.why_not = "no NVIDIA driver found; install it to use a GPU";
  return machine;
}

// The exit code and text of the mistake; {0, ""} where there was none
std::pair<int, std::string> mistake(const std::string& text, int count) {
  try {
    device_from(text, "train.device", gpus(count));
  } catch (const kuchi::UserError& e) {
    return {static_cast<int>(e.code()), e.what()};
  }
  return {0, ""};
}

}  // namespace

TEST_CASE("device: auto takes the first GPU, and the CPU where there is none", "[edge]") {
  CHECK(device_from("auto", "k", gpus(2)) == at::Device(at::kCUDA, 0));
  CHECK(device_from("auto", "k", gpus(0)) == at::Device(at::kCPU));
}

TEST_CASE("device: cpu, cuda and cuda:N are what they say", "[edge]") {
  CHECK(device_from("cpu", "k", gpus(2)) == at::Device(at::kCPU));
  CHECK(device_from("cuda", "k", gpus(2)) == at::Device(at::kCUDA, 0));
  CHECK(device_from("cuda:1", "k", gpus(2)) == at::Device(at::kCUDA, 1));
}

TEST_CASE("device: one that is not there is exit 5 and says what is", "[edge]") {
  const auto [code, text] = mistake("cuda:1", 1);
  CHECK(code == 5);
  CHECK(text == "train.device=cuda:1: one CUDA device found; use cuda:0 or run kuchi doctor");
  CHECK(mistake("cuda:3", 2).second.find("2 CUDA devices found; use cuda:0 to cuda:1") !=
        std::string::npos);
  CHECK(mistake("cuda", 0).first == 5);
  CHECK(mistake("cuda", 0).second.find("no NVIDIA driver found") != std::string::npos);
}

TEST_CASE("device: a text that names no device is exit 2", "[edge]") {
  for (const auto* text : {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cuda:1x", "cuda1",
                           "cuda:99999999999", "cpu:0"}) {
    INFO("text: " << text);
    CHECK(mistake(text, 2).first == 2);
  }
}

TEST_CASE("cuda: the answer is whole: available, or one sentence why not", "[edge]") {
  const auto start = std::chrono::steady_clock::now();
  const auto& machine = kuchi::edge::cuda();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;

  CHECK(machine.available == machine.why_not.empty());
  CHECK(machine.available == (machine.devices > 0));
  CHECK((machine.plugin != nullptr) == machine.why_no_plugin.empty());
  if (machine.available) {
    WARN("skipped: this machine has a GPU, so the answer without one is not tested");
  } else {
    CHECK(machine.why_not.find(';') != std::string::npos);  // what is wrong; what to do
    CHECK(took.count() < 0.05);
  }
}

TEST_CASE("cuda: LibTorch's folder is the one it was loaded from", "[edge]") {
  const std::filesystem::path folder = kuchi::edge::libtorch_folder();
  CHECK(std::filesystem::exists(folder / "libtorch_cpu.so"));
}
