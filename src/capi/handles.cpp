#include "capi/handles.h"

#include <cstring>

namespace kuchi::capi {
namespace {

uintptr_t number_of(const kuchi_live* handle) { return reinterpret_cast<uintptr_t>(handle); }

}  // namespace

void ErrorText::set(const char* from) {
  std::strncpy(text, from, sizeof text - 1);
  text[sizeof text - 1] = '\0';
}

void Open::failed(const char* text) {
  const std::lock_guard lock(mutex_);
  failure_.set(text);
}

ErrorText Open::last_failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

Handles& Handles::all() {
  // Never destroyed: a thread may still be inside a call while the process ends.
  static auto* const one = new Handles;
  return *one;
}

kuchi_live* Handles::add(std::shared_ptr<Open> open) {
  const std::unique_lock lock(mutex_);
  open_.emplace(next_, std::move(open));
  return reinterpret_cast<kuchi_live*>(next_++);
}

std::shared_ptr<Open> Handles::find(const kuchi_live* handle) const {
  const std::shared_lock lock(mutex_);
  const auto it = open_.find(number_of(handle));
  return it == open_.end() ? nullptr : it->second;
}

std::shared_ptr<Open> Handles::remove(const kuchi_live* handle) {
  const std::unique_lock lock(mutex_);
  const auto it = open_.find(number_of(handle));
  if (it == open_.end()) return nullptr;
  auto open = std::move(it->second);
  open_.erase(it);
  return open;
}

}  // namespace kuchi::capi
