#include "audio/ffmpeg.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "core/tool_process.h"

namespace kuchi::audio {
namespace fs = std::filesystem;

bool needs_ffmpeg(const fs::path& file) {
  std::array<char, 12> bytes{};
  std::ifstream(file, std::ios::binary).read(bytes.data(), bytes.size());
  const std::string_view head(bytes.data(), bytes.size());
  const auto box = head.substr(4, 4);
  for (const char* kind : {"ftyp", "moov", "wide", "mdat", "free", "skip"}) {
    if (box == kind) return true;
  }
  if (head.starts_with("\x1A\x45\xDF\xA3")) return true;
  const auto first = static_cast<unsigned char>(head[0]),
             second = static_cast<unsigned char>(head[1]);
  return first == 0xFF && (second & 0xF6) == 0xF0;  // ADTS: layer 0, which MPEG audio never is
}

fs::path decode_with_ffmpeg(const fs::path& file, const fs::path& folder) {
  const fs::path wav = folder / "sound.wav", said = folder / "said.txt";
  // "file:" so that no name is read as an option or an address.
  std::vector<std::string> words = {"ffmpeg",
                                    "-nostdin",
                                    "-v",
                                    "error",
                                    "-y",
                                    "-protocol_whitelist",
                                    "file,pipe",
                                    "-i",
                                    "file:" + fs::absolute(file).string(),
                                    "-vn",
                                    "-map",
                                    "0:a:0",
                                    "-c:a",
                                    "pcm_s16le",
                                    "-f",
                                    "wav",
                                    "file:" + wav.string()};
  ToolProcess ffmpeg(std::move(words), said);
  ffmpeg.refuse_unstarted(file, "is a film or AAC, which needs ffmpeg",
                          "install ffmpeg, or convert the file to WAV");
  const bool well = ffmpeg.end();
  check_interrupt();  // the terminal's ^C went to ffmpeg too: it failed for that
  std::error_code ec;
  const bool whole = well && fs::file_size(wav, ec) > 44 && !ec;
  if (!whole) {
    const auto why = ffmpeg.last_line();
    if (why.find("No space left") != std::string::npos) {
      fail_environment(cat(file.string(), ": no space for its sound in ",
                           folder.parent_path().string(), "; make room, or set TMPDIR"));
    }
    fail_data(file, cat("ffmpeg finds no sound in it that it can decode",
                        why.empty() ? std::string() : " (" + why + ")",
                        "; convert it to WAV, or leave it out"));
  }
  return wav;
}

}  // namespace kuchi::audio
