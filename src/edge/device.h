// src/edge/device.h
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "edge/cuda_plugin.h"

namespace kuchi::edge {

/// "auto" (the first GPU, else the CPU), "cpu", "cuda" (= cuda:0) or "cuda:N" as a device.
/// `key` is the option it came from and begins the message of an error.
/// Throws UserError: exit 2 for a text that names no device, exit 5 for a device that is not there.
at::Device device_from(const std::string& text, const std::string& key = "train.device");

/// The same with the machine's CUDA given: what device_from decides by, so that it can be tested.
at::Device device_from(const std::string& text, const std::string& key, const Cuda& machine);

}  // namespace kuchi::edge
