#include "audio/sound_file.h"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "audio/ffmpeg.h"
#include "audio/wav_header.h"
#include "core/error.h"
#include "core/temporary_folder.h"
#include "core/text.h"

namespace kuchi::audio {
namespace fs = std::filesystem;
namespace {

constexpr int kLowestRate = 1000;     // Hz; below is no speech but a broken header
constexpr int kHighestRate = 768000;  // Hz; the fastest converters made
constexpr int kMostChannels = 256;
constexpr uintmax_t kShortestFile = 12;  // bytes; libsndfile calls less "does not exist"
constexpr sf_count_t kUnknownFrames = SF_COUNT_MAX / 2;  // "not said" is spelled SF_COUNT_MAX

/// The file as libsndfile sees it: where a WAV's data size was never filled in, it is told the
/// size that is there (it would read nothing).
struct Stream {
  std::FILE* file = nullptr;
  sf_count_t size = 0;
  sf_count_t patch_at = -1;
  std::array<unsigned char, 4> patch{};
};

sf_count_t stream_size(void* user) { return static_cast<Stream*>(user)->size; }

sf_count_t stream_seek(sf_count_t offset, int whence, void* user) {
  auto* stream = static_cast<Stream*>(user);
  if (fseeko(stream->file, offset, whence) != 0) return -1;
  return ftello(stream->file);
}

sf_count_t stream_read(void* to, sf_count_t count, void* user) {
  auto* stream = static_cast<Stream*>(user);
  if (count <= 0) return 0;
  const sf_count_t at = ftello(stream->file);
  auto* bytes = static_cast<unsigned char*>(to);
  const auto got =
      static_cast<sf_count_t>(std::fread(bytes, 1, static_cast<size_t>(count), stream->file));
  for (int i = 0; stream->patch_at >= 0 && i < 4; ++i) {
    const sf_count_t place = stream->patch_at + i - at;
    if (place >= 0 && place < got) bytes[place] = stream->patch[static_cast<size_t>(i)];
  }
  return got;
}

sf_count_t stream_write(const void*, sf_count_t, void*) { return 0; }

sf_count_t stream_tell(void* user) { return ftello(static_cast<Stream*>(user)->file); }

void refuse_unusable_path(const fs::path& file) {
  std::error_code ec;
  const auto status = fs::status(file, ec);
  if (ec || !fs::exists(status)) fail_data(file, "no such file; check the path");
  if (fs::is_directory(status)) fail_data(file, "is a directory, an audio file is needed here");
  if (!fs::is_regular_file(status)) fail_data(file, "is no ordinary file; copy the audio to one");
  const auto bytes = fs::file_size(file, ec);
  if (ec) fail_data(file, "cannot be opened; check its permissions");
  if (bytes == 0) fail_data(file, "is an empty file (0 bytes); record or copy it again");
  if (bytes < kShortestFile) {
    fail_data(file, cat("holds only ", bytes, " bytes, too few for audio; copy it again"));
  }
}

[[noreturn]] void fail_wav_cut_short(const fs::path& file, const WavHeader& wav) {
  const bool frames = wav.frame_bytes > 0;
  const uint64_t unit = frames ? wav.frame_bytes : 1;
  fail_data(file, cat("is cut short: the header promises ", wav.promised_bytes / unit,
                      frames ? " samples, " : " bytes of sound, ", wav.present_bytes / unit,
                      " are there; copy or export the file again"));
}

/// "WAV (Microsoft)" → "WAV".
std::string short_name(const char* name) {
  const std::string text = name != nullptr ? name : "";
  const auto bracket = text.find(" (");
  return bracket == std::string::npos ? text : text.substr(0, bracket);
}

std::string format_name(int format) {
  SF_FORMAT_INFO info{};
  info.format = format;
  if (sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info) != 0) return "unknown";
  return short_name(info.name);
}

std::string container_name(int format) {
  switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
      return "WAV";
    case SF_FORMAT_RF64:
      return "RF64";
    case SF_FORMAT_MPEG:
      return "MPEG";
    default:
      return format_name(format & SF_FORMAT_TYPEMASK);
  }
}

}  // namespace

struct SoundFile::State {
  Stream stream;
  SF_INFO sf{};
  SNDFILE* handle = nullptr;
  ~State() {
    if (handle != nullptr) sf_close(handle);
    if (stream.file != nullptr) std::fclose(stream.file);
  }
};

SoundFile::~SoundFile() = default;

SoundFile::SoundFile(const fs::path& file) : file_(file), state_(std::make_unique<State>()) {
  refuse_unusable_path(file);
  Stream& stream = state_->stream;
  std::error_code ec;
  const bool foreign = needs_ffmpeg(file);
  std::optional<TemporaryFolder> folder;
  if (foreign) folder.emplace("kuchi-sound");
  const fs::path read = foreign ? decode_with_ffmpeg(file, folder->path()) : file;
  stream.file = std::fopen(read.c_str(), "rb");
  stream.size = static_cast<sf_count_t>(fs::file_size(read, ec));
  const auto wav = read_wav_header(read);
  folder.reset();  // what is open is gone when it is closed, however that comes
  if (stream.file == nullptr) fail_data(file, "cannot be opened; check its permissions");
  if (wav && !wav->found_data) {
    fail_data(file, "is cut short: the WAV header ends before any sound; copy or export it again");
  }
  if (wav && wav->cut_short()) fail_wav_cut_short(file, *wav);
  if (wav && wav->open_ended && wav->present_bytes < 0xFFFFFFFFu) {
    stream.patch_at = static_cast<sf_count_t>(wav->data_at) - 4;
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned shift = 8 * (wav->big_endian ? 3 - i : i);
      stream.patch[i] = static_cast<unsigned char>(wav->present_bytes >> shift);
    }
  }

  SF_VIRTUAL_IO io{stream_size, stream_seek, stream_read, stream_write, stream_tell};
  state_->handle = sf_open_virtual(&io, SFM_READ, &state_->sf, &stream);
  if (state_->handle == nullptr) {
    fail_data(file, cat("cannot be read as audio (", trim(sf_strerror(nullptr)),
                        "); convert it to WAV or FLAC, or leave it out"));
  }
  describe();
  if (foreign) info_.container = "decoded by ffmpeg";
}

void SoundFile::describe() {
  const SF_INFO& sf = state_->sf;
  if (sf.samplerate < kLowestRate || sf.samplerate > kHighestRate) {
    fail_data(file_, cat("the header says ", sf.samplerate, " samples a second, outside ",
                         kLowestRate, " to ", kHighestRate, "; export the file again"));
  }
  if (sf.channels < 1 || sf.channels > kMostChannels) {
    fail_data(file_, cat("the header says ", sf.channels, " channels, more than ", kMostChannels,
                         "; export the file again"));
  }
  info_.rate = sf.samplerate;
  info_.channels = sf.channels;
  info_.frames = sf.frames >= kUnknownFrames || sf.frames < 0 ? -1 : sf.frames;
  info_.container = container_name(sf.format);
  info_.encoding = format_name(sf.format & SF_FORMAT_SUBMASK);
  if (info_.frames == 0) fail_data(file_, "holds no samples; record or copy it again");
}

bool SoundFile::count_is_estimate() const {
  return (state_->sf.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG;
}

void SoundFile::fail_cut_short(int64_t frames) const {
  fail_data(file_, cat("is cut short: the header promises ", info_.frames, " samples, ", frames,
                       " are there; copy or export the file again"));
}

int64_t SoundFile::read(std::span<float> buffer) {
  const auto room = static_cast<sf_count_t>(buffer.size()) / info_.channels;
  const sf_count_t got = sf_readf_float(state_->handle, buffer.data(), room);
  frames_read_ += std::max<sf_count_t>(got, 0);
  if (got > 0) return got;
  const bool early = info_.frames > 0 && frames_read_ < info_.frames && !count_is_estimate();
  if (sf_error(state_->handle) != SF_ERR_NO_ERROR) {
    fail_data(file_, cat("is damaged after ", frames_read_, " samples (",
                         trim(sf_strerror(state_->handle)), "); copy or export the file again"));
  }
  if (early) fail_cut_short(frames_read_);
  return 0;
}

int64_t SoundFile::count_frames() {
  std::vector<float> buffer(static_cast<size_t>(16384 * info_.channels));
  while (read(buffer) > 0) {
  }
  return frames_read_;
}

}  // namespace kuchi::audio
