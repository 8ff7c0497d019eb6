// src/edge/out_of_memory.h
#pragma once

#include <c10/util/Exception.h>

#include <string_view>

namespace kuchi::edge {

/// Whether what LibTorch threw says that there is no memory: its allocator of the CPU's has no type
/// of error for that, only words.
inline bool is_out_of_memory(const c10::Error& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string_view text = error.what_without_backtrace();
  return text.find("DefaultCPUAllocator") != std::string_view::npos;
}

}  // namespace kuchi::edge
