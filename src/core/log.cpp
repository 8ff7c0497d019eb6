#include "core/log.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <mutex>

#include "core/text.h"

namespace kuchi {
namespace {
bool g_quiet = false;
bool g_bar_on_screen = false;
std::mutex g_mutex;

bool on_terminal() {
  static const bool value = isatty(STDERR_FILENO) == 1;
  return value;
}
void clear_bar() {
  if (g_bar_on_screen) std::cerr << "\r\033[K";
  g_bar_on_screen = false;
}
}  // namespace

void set_quiet(bool quiet) { g_quiet = quiet; }
bool quiet() { return g_quiet; }

void note(const std::string& text) {
  if (g_quiet) return;
  const std::lock_guard lock(g_mutex);
  clear_bar();
  std::cerr << text << std::endl;
}

void warn(const std::string& text) {
  const std::lock_guard lock(g_mutex);
  clear_bar();
  std::cerr << "warning: " << text << std::endl;
}

double monotonic_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Progress::Progress(std::string label, int64_t total)
    : label_(std::move(label)), total_(total), started_s_(monotonic_s()) {}

Progress::~Progress() { finish(); }

void Progress::at(int64_t done, const std::string& words) {
  done_ = done;
  if (first_done_ < 0) first_done_ = std::max<int64_t>(done - 1, 0);
  words_ = words;
  const double now = monotonic_s();
  if (g_quiet || now - drawn_s_ < (on_terminal() ? 0.1 : 10.0)) return;
  if (!on_terminal() && drawn_s_ < 0 && now - started_s_ < 5) return;  // short work: no lines
  drawn_s_ = now;
  draw(false);
}

void Progress::draw(bool final) {
  const double elapsed = monotonic_s() - started_s_;
  const auto made = static_cast<double>(done_ - std::max<int64_t>(first_done_, 0));
  const double rate = elapsed > 0 ? made / elapsed : 0;
  std::string line = label_ + " ";
  if (total_ > 0) {
    const double share = static_cast<double>(done_) / static_cast<double>(total_);
    if (on_terminal()) {
      constexpr int kWidth = 24;
      const int full = std::clamp(static_cast<int>(share * kWidth), 0, kWidth);
      for (int i = 0; i < kWidth; ++i) line += i < full ? "█" : "░";
      line += " ";
    }
    line += cat(done_, "/", total_);
    if (rate > 0 && !final) {
      line += cat("  ", number(rate, 3), "/s  ",
                  clock_text(static_cast<double>(total_ - done_) / rate), " left");
    }
  } else {
    line += cat(done_, rate > 0 ? cat("  ", number(rate, 3), "/s") : "");
  }
  if (!words_.empty()) line += "  " + words_;
  const std::lock_guard lock(g_mutex);
  if (on_terminal()) {
    std::cerr << "\r\033[K" << line << std::flush;
    g_bar_on_screen = true;
  } else {
    std::cerr << line << std::endl;
  }
}

void Progress::finish() {
  if (finished_) return;
  finished_ = true;
  const std::lock_guard lock(g_mutex);
  clear_bar();
  std::cerr << std::flush;
}

}  // namespace kuchi
