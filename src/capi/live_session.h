// src/capi/live_session.h
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/live.h"
#include "post/stream.h"

namespace kuchi::capi {

struct SessionOptions {
  std::optional<double> fps;  // of the curves; the model's own
  models::LiveWeights weights = models::LiveWeights::float32;
  std::string checkpoint = "best";
  models::Asked told;
};

/// Samples on their way from the thread that has them to the one that computes. Nobody holds its
/// lock for longer than a copy.
class Inbox {
 public:
  Inbox();
  /// UserError (config) after finish().
  void push(std::span<const float> samples);
  void finish();
  /// Swaps what is there with `empty`; true if no more will come.
  bool take(std::vector<float>& empty);
  void clear();

 private:
  std::mutex mutex_;
  std::vector<float> samples_;
  bool finished_ = false;
};

/// A trained model at work on one clip after another, between two threads. What is computed is
/// computed in pull(), on its caller's thread.
class LiveSession {
 public:
  /// UserError as load_trained() and Live.
  LiveSession(const std::string& run, const SessionOptions& options);

  /// UserError: data where a sample is not finite, config after finish(); then none is taken.
  void push(std::span<const float> samples);
  void finish() { inbox_.finish(); }
  /// Up to `capacity` frames into out [frames, curves], as many as can be known; at least as much
  /// is computed as they need, and little more.
  struct Pulled {
    int64_t frames = 0;
    double first_time_s = 0;
  };
  Pulled pull(float* out, int64_t capacity);
  /// All frames of a finished clip are given out.
  bool done() const { return done_; }
  /// Another clip.
  void reset();

  const curves::Rig& rig() const { return model_->card().rig; }
  const std::vector<std::string>& names() const { return names_; }
  double fps() const { return fps_; }
  double delay_s() const { return delay_s_; }

 private:
  void begin();
  void advance(int64_t frames);
  void keep(Matrix&& frames);
  int64_t ready() const;

  std::string run_;
  SessionOptions options_;
  std::shared_ptr<models::Model> model_;
  std::vector<std::string> names_;
  double fps_ = 0, delay_s_ = 0;

  Inbox inbox_;
  std::atomic<bool> done_ = false;
  std::mutex working_;  // held by pull() and reset(); all below is theirs
  std::unique_ptr<models::Live> live_;
  post::Options post_options_;  // what the run's configuration says
  std::optional<post::Stream> post_;
  std::vector<float> samples_;  // taken from the inbox
  size_t heard_ = 0;            // of these
  std::vector<float> frames_;   // computed, not given out yet
  int64_t given_ = 0;           // frames since the clip began
  bool drained_ = false;        // the clip is over, and all its frames are computed
  bool broken_ = false;         // computing failed, and the clip cannot go on
};

}  // namespace kuchi::capi
