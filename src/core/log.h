// src/core/log.h
#pragma once

#include <cstdint>
#include <string>

namespace kuchi {

/// Progress and notes go to stderr, results to stdout. quiet (-q) silences both of these.
void set_quiet(bool quiet);
bool quiet();
void note(const std::string& text);
/// A thing the user should know but that stops nothing; shown even when quiet.
void warn(const std::string& text);

/// A bar on a terminal, plain lines now and then otherwise, nothing when quiet. Erases itself
/// when done; notes written meanwhile keep the screen whole. One thread.
class Progress {
 public:
  /// total in units (clips, steps); 0 = unknown.
  Progress(std::string label, int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// done so far, with a few words to show (e.g. "loss 0.0123"); cheap to call often.
  void at(int64_t done, const std::string& words = "");
  void finish();

 private:
  void draw(bool final);
  std::string label_;
  int64_t total_;
  int64_t done_ = 0;
  int64_t first_done_ = -1;
  std::string words_;
  double started_s_;
  double drawn_s_ = -1e9;
  bool finished_ = false;
};

/// Seconds on a clock that never runs back.
double monotonic_s();

}  // namespace kuchi
