// src/capi/handles.h
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "capi/kuchi.h"
#include "capi/live_session.h"

namespace kuchi::capi {

/// A text of bounded length: keeping it needs no memory, so that a lack of memory can be told.
struct ErrorText {
  char text[1024] = "";
  void set(const char* from);
};

/// What a handle stands for: a session, and the last that went wrong with it.
class Open {
 public:
  Open(const std::string& run, const SessionOptions& options) : session(run, options) {}
  LiveSession session;

  void failed(const char* text);
  ErrorText last_failure() const;

 private:
  mutable std::mutex mutex_;
  ErrorText failure_;
};

/// All that are open. A handle is a number that is never given twice, so that a closed one is known
/// as such; what it stands for lives on while a call is inside.
class Handles {
 public:
  static Handles& all();
  kuchi_live* add(std::shared_ptr<Open> open);
  /// nullptr where there is none.
  std::shared_ptr<Open> find(const kuchi_live* handle) const;
  std::shared_ptr<Open> remove(const kuchi_live* handle);

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<uintptr_t, std::shared_ptr<Open>> open_;
  uintptr_t next_ = 1;
};

}  // namespace kuchi::capi
