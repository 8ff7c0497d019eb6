#include "models/live.h"

#include <ATen/Parallel.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "cli/post_option.h"
#include "cli/runs.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "io/json_text.h"
#include "post/stream.h"
#include "train/run.h"

namespace kuchi::cli {
namespace {

constexpr int kDigits = 9;              // as many as tell any two float32 apart
constexpr size_t kMostBytes = 1 << 15;  // read at once: a second

struct LiveArgs {
  std::string run, checkpoint = "best", weights = "fp32";
  std::vector<std::string> encoders;
  double fps = 0;
  models::Asked told;
  PostOption post;
};

/// s16le samples from standard input, as many as are there; false at its end. Looks now and then
/// whether the user asked to stop.
class Microphone {
 public:
  bool read(std::vector<float>& samples) {
    samples.clear();
    for (;;) {
      check_interrupt();
      pollfd ready{STDIN_FILENO, POLLIN, 0};
      if (::poll(&ready, 1, kLook_ms) <= 0) continue;
      const auto got = ::read(STDIN_FILENO, bytes_.data() + held_, bytes_.size() - held_);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) {
        throw UserError(Exit::environment, cat("standard input: ", std::strerror(errno),
                                               "; give it s16le samples, 16 kHz, mono"));
      }
      if (got == 0) return end();
      take(held_ + static_cast<size_t>(got), samples);
      return true;
    }
  }

 private:
  static constexpr int kLook_ms = 200;

  bool end() const {
    if (held_ > 0) warn("live: the input ended inside a sample; its last byte was left out");
    return false;
  }
  /// A piece may end inside a sample.
  void take(size_t bytes, std::vector<float>& samples) {
    for (size_t i = 0; i + 1 < bytes; i += 2) {
      const auto value = static_cast<int16_t>(bytes_[i] | bytes_[i + 1] << 8);
      samples.push_back(static_cast<float>(value) / 32768.0F);
    }
    held_ = bytes % 2;
    if (held_ > 0) bytes_[0] = bytes_[bytes - 1];
  }

  std::array<unsigned char, kMostBytes> bytes_{};
  size_t held_ = 0;  // bytes of a sample that is not whole yet
};

/// {"t":seconds,"curves":{name:value}}, a line a frame, each written at once.
class Lines {
 public:
  Lines(const curves::Rig& rig, double fps) : fps_(fps) {
    for (const auto& name : rig.names()) keys_.push_back(io::json_text(nlohmann::json(name)) + ":");
  }
  void write(const Matrix& frames) {
    for (int64_t j = 0; j < frames.rows; ++j, ++written_) {
      std::string line =
          cat("{\"t\":", number(static_cast<double>(written_) / fps_, kDigits), ",\"curves\":{");
      for (size_t c = 0; c < keys_.size(); ++c) {
        const double value = frames(j, static_cast<int64_t>(c));
        line += cat(c > 0 ? "," : "", keys_[c], number(value, kDigits));
      }
      std::cout << line << "}}" << std::endl;
      if (!std::cout) {
        throw UserError(Exit::environment,
                        "standard output: nobody reads the curves any more; nothing more is made");
      }
    }
  }

 private:
  double fps_;
  std::vector<std::string> keys_;
  int64_t written_ = 0;
};

void live(const LiveArgs& args) {
  const auto trained = train::load_trained(args.run, args.checkpoint, "cpu", args.encoders);
  auto& model = *trained.model;
  if (!args.encoders.empty() && !model.card().features.is_encoder()) {
    throw UserError(Exit::config,
                    "--encoder: the run does not stand on an encoder's features; leave it out");
  }
  // A frame of a head is too little work to share; a window of an encoder is not.
  if (!model.card().features.is_encoder()) at::set_num_threads(1);
  model.tell(models::told_by_name(model.card().condition, args.told, args.run));
  models::Live live(model, args.run, args.fps > 0 ? std::optional(args.fps) : std::nullopt,
                    models::live_weights(args.weights));
  post::Stream post(args.post.over(trained.post), model.card().rig, live.fps());
  const auto late = models::delay(model.head(), model.card().features, model.card().fps);
  note(cat("live: ", model.card().head, " at ", number(live.fps()), " frames a second, ",
           number(1000 * late->known_s, 4), " ms after the sound"));
  Lines lines(model.card().rig, live.fps());
  Microphone microphone;
  for (std::vector<float> samples; microphone.read(samples);) {
    post.hear(samples);
    auto frames = live.push(samples);
    post.filter(frames);
    lines.write(frames);
  }
  auto frames = live.finish();
  post.filter(frames);
  lines.write(frames);
}

}  // namespace

void add_live(CLI::App& app, Context& context) {
  auto args = std::make_shared<LiveArgs>();
  auto* verb = app.add_subcommand(
      "live",
      "mouth curves while the sound comes in: s16le, 16 kHz, mono on standard input, a "
      "line of JSON a frame on standard output");
  verb->add_option("RUN", args->run, "folder of a run whose head looks ahead by some frames only")
      ->required();
  verb->add_option("--fps", args->fps, "frames a second (default: the model's)")
      ->check(CLI::Range(1.0, 1000.0));
  add_told(*verb, args->told);
  add_encoders(*verb, args->encoders);
  verb->add_option("--checkpoint", args->checkpoint, "best, last or a step")->capture_default_str();
  verb->add_option(
          "--weights", args->weights,
          "how an lstm's weights are kept: fp32; bf16 or int8 take less memory and are less exact")
      ->check(CLI::IsMember(models::kLiveWeights))
      ->capture_default_str();
  args->post.add(*verb);
  example(*verb,
          "kuchi live runs/a --fps 60 < speech.s16le\n"
          "  kuchi live runs/a --post smooth=one_euro --post rest_after_s=0.4 < speech.s16le\n"
          "  arecord -q -t raw -f S16_LE -r 16000 -c 1 | kuchi live runs/a\n"
          "  ffmpeg -v error -i speech.mp3 -f s16le -ac 1 -ar 16000 - | kuchi live runs/a");
  verb->callback([args, &context] {
    refuse_overrides(context, "live");
    live(*args);
  });
}

}  // namespace kuchi::cli
