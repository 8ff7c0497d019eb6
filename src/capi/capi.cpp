// The functions of kuchi.h: arguments checked, exceptions turned into statuses, no logic.
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "capi/handles.h"
#include "capi/kuchi.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/version.h"
#include "edge/out_of_memory.h"

namespace kuchi::capi {
namespace {

thread_local ErrorText t_failure;  // the last on this thread
thread_local ErrorText t_asked;    // what kuchi_last_error() gave out

kuchi_status failed(Open* open, kuchi_status status, const char* text) noexcept {
  t_failure.set(text);
  if (open != nullptr) open->failed(text);
  return status;
}

/// Inside a catch block: what was thrown, as a status and a text.
kuchi_status what_was_thrown(Open* open) noexcept {
  try {
    throw;
  } catch (const UserError& e) {
    return failed(open, static_cast<kuchi_status>(e.code()), e.what());
  } catch (const std::bad_alloc&) {
    return failed(open, KUCHI_ENVIRONMENT, "out of memory");
  } catch (const c10::Error& e) {
    if (edge::is_out_of_memory(e)) return failed(open, KUCHI_ENVIRONMENT, "out of memory");
    return failed(open, KUCHI_BUG, e.what_without_backtrace());
  } catch (const std::exception& e) {
    return failed(open, KUCHI_BUG, e.what());
  } catch (...) {
    return failed(open, KUCHI_BUG, "something unknown was thrown");
  }
}

[[noreturn]] void refuse(const char* function, const char* why) {
  throw UserError(Exit::config, cat(function, ": ", why));
}

/// Does work(Open&) for a handle that is open.
template <typename Work>
kuchi_status with(const char* function, const kuchi_live* handle, const Work& work) noexcept {
  std::shared_ptr<Open> open;
  try {
    open = Handles::all().find(handle);
    if (!open) refuse(function, "the handle is NULL or was closed");
    work(*open);
    return KUCHI_OK;
  } catch (...) {
    return what_was_thrown(open.get());
  }
}

/// As this version has them: of an older program, the fields that it does not know are 0.
kuchi_options known_options(const kuchi_options* given) {
  kuchi_options out{};
  if (given == nullptr) return out;
  if (given->size < sizeof given->size) {
    refuse("kuchi_open",
           "options.size is not set; begin with kuchi_options o = {.size = sizeof o}");
  }
  constexpr size_t kMostSize = 4096;  // of any version to come; beyond is memory that nobody set
  if (given->size > kMostSize) refuse("kuchi_open", "options.size is no size of kuchi_options");
  std::memcpy(&out, given, std::min(given->size, sizeof out));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (size_t i = sizeof out; i < given->size; ++i) {
    if (bytes[i] != 0) refuse("kuchi_open", "an option is set that this version does not know");
  }
  return out;
}

SessionOptions session_options(const kuchi_options& o) {
  constexpr double kMostFps = 1000, kMostIntensity = 10;
  SessionOptions out;
  if (!(o.fps == 0 || (o.fps >= 1 && o.fps <= kMostFps))) {
    refuse("kuchi_open", "options.fps is neither 0 nor 1 to 1000");
  }
  if (o.fps != 0) out.fps = o.fps;
  if (o.weights != nullptr) {
    const auto& names = models::kLiveWeights;
    if (std::find(names.begin(), names.end(), o.weights) == names.end()) {
      refuse("kuchi_open", "options.weights is none of fp32, bf16 and int8");
    }
    out.weights = models::live_weights(o.weights);
  }
  if (o.checkpoint != nullptr) out.checkpoint = o.checkpoint;
  if (o.speaker != nullptr) out.told.speaker = o.speaker;
  if (o.style != nullptr) out.told.style = o.style;
  if (!(o.intensity >= 0 && o.intensity <= kMostIntensity)) {
    refuse("kuchi_open", "options.intensity is not 0 to 10");
  }
  if (o.intensity != 0) out.told.intensity = o.intensity;
  if (o.threads < 0) refuse("kuchi_open", "options.threads is below 0");
  if (o.reserved != 0) refuse("kuchi_open", "options.reserved is not 0");
  return out;
}

/// Nothing of Kuchi's is printed in a process that is someone else's.
void keep_still() { [[maybe_unused]] static const bool still = (set_quiet(true), true); }

}  // namespace

// A C function is one whatever its namespace: these are those of kuchi.h.
extern "C" {

kuchi_status kuchi_open(const char* run, const kuchi_options* options, kuchi_live** handle) {
  if (handle != nullptr) *handle = nullptr;
  try {
    if (run == nullptr || handle == nullptr) refuse("kuchi_open", "run or handle is NULL");
    keep_still();
    const auto known = known_options(options);
    const auto how = session_options(known);
    if (known.threads > 0) at::set_num_threads(known.threads);
    *handle = Handles::all().add(std::make_shared<Open>(run, how));
    return KUCHI_OK;
  } catch (...) {
    return what_was_thrown(nullptr);
  }
}

kuchi_status kuchi_close(kuchi_live* handle) {
  if (handle == nullptr) return KUCHI_OK;
  try {
    if (!Handles::all().remove(handle)) refuse("kuchi_close", "the handle was closed before");
    return KUCHI_OK;
  } catch (...) {
    return what_was_thrown(nullptr);
  }
}

kuchi_status kuchi_push(kuchi_live* handle, const float* samples, size_t count) {
  return with("kuchi_push", handle, [&](Open& open) {
    if (samples == nullptr && count > 0) refuse("kuchi_push", "samples is NULL");
    open.session.push({samples, count});
  });
}

kuchi_status kuchi_finish(kuchi_live* handle) {
  return with("kuchi_finish", handle, [](Open& open) { open.session.finish(); });
}

int64_t kuchi_pull(kuchi_live* handle, float* out, size_t capacity, double* first_time_s) {
  LiveSession::Pulled pulled;
  const auto status = with("kuchi_pull", handle, [&](Open& open) {
    if (out == nullptr && capacity > 0) refuse("kuchi_pull", "out is NULL");
    constexpr size_t kMost = std::numeric_limits<int32_t>::max();  // nobody has room for more
    pulled = open.session.pull(out, static_cast<int64_t>(std::min(capacity, kMost)));
  });
  if (status != KUCHI_OK) return -static_cast<int64_t>(status);
  if (first_time_s != nullptr) *first_time_s = pulled.first_time_s;
  return pulled.frames;
}

int kuchi_done(kuchi_live* handle) {
  bool out = false;
  with("kuchi_done", handle, [&](Open& open) { out = open.session.done(); });
  return out ? 1 : 0;
}

kuchi_status kuchi_reset(kuchi_live* handle) {
  return with("kuchi_reset", handle, [](Open& open) { open.session.reset(); });
}

size_t kuchi_curve_count(kuchi_live* handle) {
  size_t out = 0;
  with("kuchi_curve_count", handle, [&](Open& open) { out = open.session.names().size(); });
  return out;
}

const char* kuchi_curve_name(kuchi_live* handle, size_t curve) {
  const char* out = nullptr;
  with("kuchi_curve_name", handle, [&](Open& open) {
    const auto& names = open.session.names();
    if (curve >= names.size()) refuse("kuchi_curve_name", "there is no such curve");
    out = names[curve].c_str();
  });
  return out;
}

kuchi_status kuchi_curve_range(kuchi_live* handle, size_t curve, float* low, float* high) {
  return with("kuchi_curve_range", handle, [&](Open& open) {
    const auto& curves = open.session.rig().curves;
    if (low == nullptr || high == nullptr) refuse("kuchi_curve_range", "low or high is NULL");
    if (curve >= curves.size()) refuse("kuchi_curve_range", "there is no such curve");
    *low = static_cast<float>(curves[curve].low);
    *high = static_cast<float>(curves[curve].high);
  });
}

double kuchi_fps(kuchi_live* handle) {
  double out = 0;
  with("kuchi_fps", handle, [&](Open& open) { out = open.session.fps(); });
  return out;
}

double kuchi_delay_s(kuchi_live* handle) {
  double out = -1;
  with("kuchi_delay_s", handle, [&](Open& open) { out = open.session.delay_s(); });
  return out;
}

const char* kuchi_last_error(kuchi_live* handle) {
  t_asked = t_failure;
  try {
    if (const auto open = Handles::all().find(handle)) t_asked = open->last_failure();
  } catch (...) {  // no lock to be had: what this thread knows
  }
  return t_asked.text;
}

const char* kuchi_version(void) { return data::kVersion; }

}  // extern "C"

}  // namespace kuchi::capi
