#include "report/video.h"

#include <bit>
#include <string>

#include "audio/audio.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "core/tool_process.h"
#include "io/atomic_file.h"
#include "report/mouth.h"

namespace kuchi::report {
namespace fs = std::filesystem;
namespace {

constexpr int kSoundRate = 48000;  // Hz: what players of MP4 expect

/// "file:" so that no name is read as an option or an address. Colours are converted and named as
/// BT.709, which players take HD for; left unnamed, some would guess BT.601.
std::vector<std::string> ffmpeg_words(const VideoFrames& frames, const fs::path& wav,
                                      const fs::path& out) {
  const std::string pixels = std::endian::native == std::endian::little ? "bgr0" : "0rgb";
  const auto file = [](const fs::path& path) { return "file:" + fs::absolute(path).string(); };
  std::vector<std::string> words;
  for (const auto& part : {
           // what comes in
           cat("ffmpeg -nostdin -v error -y -f rawvideo -pixel_format ", pixels, " -video_size ",
               frames.width(), "x", frames.height(), " -framerate ", number(frames.fps()),
               " -i pipe:0 -protocol_whitelist file -f wav -i"),
           // what goes out
           std::string("-map 0:v:0 -map 1:a:0"
                       " -vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
                       " -c:v libx264 -preset veryfast -crf 18 -colorspace bt709"
                       " -color_primaries bt709 -color_trc bt709"
                       " -c:a aac -b:a 128k -movflags +faststart -f mp4"),
       }) {
    for (auto& word : split(part, ' ')) words.push_back(std::move(word));
    words.push_back(file(words.back() == "-i" ? wav : out));
  }
  return words;
}

[[noreturn]] void fail_ffmpeg(const fs::path& file, const std::string& why) {
  if (why.find("No space left") != std::string::npos) {
    fail_environment(cat(file.string(), ": no space for the video; make room there"));
  }
  fail_environment(cat(file.string(), ": ffmpeg did not make the video (",
                       why.empty() ? "it does not say why" : why,
                       "); it must have the encoders libx264 and aac"));
}

void run_ffmpeg(const fs::path& file, const fs::path& part, VideoFrames& frames,
                const TemporaryFolder& folder, const fs::path& wav) {
  ToolProcess ffmpeg(ffmpeg_words(frames, wav, part), folder.path() / "said.txt");
  ffmpeg.refuse_unstarted(file, "a video needs ffmpeg", "install ffmpeg");
  Progress progress("video", frames.frames());
  bool all = true;
  for (int64_t j = 0; j < frames.frames() && all; ++j) {
    all = ffmpeg.feed(std::as_bytes(frames.draw(j)));
    progress.at(j + 1);
    check_interrupt();
  }
  const bool well = ffmpeg.end();
  check_interrupt();  // the terminal's ^C goes to ffmpeg too: it fails for that
  std::error_code ec;
  if (!all || !well || fs::file_size(part, ec) == 0 || ec) fail_ffmpeg(file, ffmpeg.last_line());
}

}  // namespace

void set_size(VideoOptions& options, std::string_view text) {
  const auto parts = split(text, 'x');
  long long width = 0, height = 0;
  const auto fits = [](long long n) {
    return n >= kVideoSmallest && n <= kVideoLargest && n % 2 == 0;
  };
  if (parts.size() != 2 || !parse_integer(parts[0], width) || !parse_integer(parts[1], height) ||
      !fits(width) || !fits(height)) {
    throw UserError(Exit::config, cat("--video-size ", text,
                                      ": is no size of a video; give WIDTHxHEIGHT, even "
                                      "numbers of ",
                                      kVideoSmallest, " to ", kVideoLargest, ", as 960x540"));
  }
  options.width = static_cast<int>(width);
  options.height = static_cast<int>(height);
}

void check_video_name(const fs::path& file) {
  const auto ending = lower(file.extension().string());
  if (ending == ".mp4" || ending == ".m4v") return;
  throw UserError(Exit::config, cat(file.string(), ": a video is written as MP4; name it ",
                                    file.stem().string(), ".mp4"));
}

void write_video(const fs::path& file, const Page& page, const fs::path& audio,
                 const VideoOptions& options) {
  if (!draws_a_mouth(page.rig)) {
    throw UserError(Exit::data, cat("rig ", page.rig.name,
                                    ": says of none of its curves which ARKit curve of "
                                    "the mouth it is, so there is nothing to film; "
                                    "add to_arkit to its file"));
  }
  VideoFrames frames(page, options);
  io::write_path_atomically(file, [&](const fs::path& part) {
    const TemporaryFolder folder("kuchi-video");
    const auto wav = folder.path() / "sound.wav";
    audio::write_wav(wav, audio::read(audio, kSoundRate), kSoundRate);
    run_ffmpeg(file, part, frames, folder, wav);
  });
}

}  // namespace kuchi::report
