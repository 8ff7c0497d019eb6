#include "train/stopwatch.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "core/log.h"
#include "edge/cuda_plugin.h"

namespace kuchi::train {
namespace {

/// To so many parts of one.
double rounded(double value, double parts) { return std::round(value * parts) / parts; }

double resident_mb() {
  std::ifstream in("/proc/self/statm");
  double pages = 0, resident = 0;
  in >> pages >> resident;
  return rounded(resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20), 1);
}

double peak_resident_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return rounded(static_cast<double>(usage.ru_maxrss) / 1024, 1);
}

}  // namespace

void Stopwatch::restart() {
  spent_.fill(0);
  frames_ = steps_ = own_ = padded_ = 0;
  lapped_s_ = monotonic_s();
}

void Stopwatch::lap(Phase phase) {
  const double now = monotonic_s();
  spent_[static_cast<size_t>(phase)] += now - lapped_s_;
  lapped_s_ = now;
}

double Stopwatch::total_s() const { return std::accumulate(spent_.begin(), spent_.end(), 0.0); }

nlohmann::json Stopwatch::json(double fps, int gpu) const {
  nlohmann::json out;
  const double total = total_s();
  const double training = total - seconds(Phase::validation) - seconds(Phase::checkpoint);
  if (steps_ > 0 && training > 0) {
    out["frames_per_s"] = rounded(static_cast<double>(frames_) / training, 10);
    out["audio_per_s"] = rounded(static_cast<double>(frames_) / fps / training, 100);
    out["step_ms"] = rounded(1000 * training / static_cast<double>(steps_), 100);
  }
  for (size_t i = 0; i < spent_.size(); ++i) {
    if (spent_[i] > 0 && total > 0) out["share"][kPhaseNames[i]] = rounded(spent_[i] / total, 1e4);
  }
  if (padded_ > 0) {
    out["padding"] = rounded(1 - static_cast<double>(own_) / static_cast<double>(padded_), 1e4);
  }
  out["memory_mb"] = {{"now", resident_mb()}, {"peak", peak_resident_mb()}};
  const auto* plugin = gpu >= 0 ? edge::cuda().plugin : nullptr;
  if (plugin != nullptr) {
    out["gpu_memory_mb"] = rounded(static_cast<double>(plugin->peak_bytes(gpu)) / (1 << 20), 1);
  }
  return out;
}

}  // namespace kuchi::train
