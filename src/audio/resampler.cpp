#include "audio/resampler.h"

#include <samplerate.h>

#include <cassert>
#include <stdexcept>
#include <string>

#include "audio/audio.h"

namespace kuchi::audio {

struct Resampler::State {
  SRC_STATE* handle = nullptr;
  ~State() {
    if (handle != nullptr) src_delete(handle);
  }
};

Resampler::Resampler(int from_hz, int to_hz)
    : from_hz_(from_hz), to_hz_(to_hz), state_(std::make_unique<State>()) {
  assert(from_hz > 0 && to_hz > 0);
  if (from_hz == to_hz) return;
  int error = 0;
  state_->handle = src_new(SRC_SINC_BEST_QUALITY, 1, &error);
  if (state_->handle == nullptr) {
    throw std::runtime_error(std::string("libsamplerate: ") + src_strerror(error));
  }
}

Resampler::~Resampler() = default;

void Resampler::process(std::span<const float> samples, bool last, std::vector<float>& out) {
  float buffer[8192];
  SRC_DATA data{};
  data.src_ratio = static_cast<double>(to_hz_) / from_hz_;
  data.data_in = samples.data();
  data.input_frames = static_cast<long>(samples.size());
  data.end_of_input = last ? 1 : 0;
  do {
    data.data_out = buffer;
    data.output_frames = std::size(buffer);
    const int error = src_process(state_->handle, &data);
    if (error != 0) throw std::logic_error(std::string("libsamplerate: ") + src_strerror(error));
    out.insert(out.end(), buffer, buffer + data.output_frames_gen);
    given_ += data.output_frames_gen;
    data.data_in += data.input_frames_used;
    data.input_frames -= data.input_frames_used;
  } while (data.output_frames_gen > 0 || (data.input_frames > 0 && data.input_frames_used > 0));
}

void Resampler::add(std::span<const float> samples, std::vector<float>& out) {
  taken_ += static_cast<int64_t>(samples.size());
  if (from_hz_ == to_hz_) {
    out.insert(out.end(), samples.begin(), samples.end());
  } else {
    process(samples, false, out);
  }
}

void Resampler::finish(std::vector<float>& out) {
  if (from_hz_ == to_hz_) return;
  // Silence after the end, so that the library gives the last samples whole; then cut to length.
  const std::vector<float> silence(static_cast<size_t>(from_hz_ / to_hz_ * 4 + 64), 0.0f);
  process(silence, true, out);
  const int64_t wanted = (2 * taken_ * to_hz_ + from_hz_) / (2 * int64_t{from_hz_});
  const int64_t before = static_cast<int64_t>(out.size()) - given_;
  out.resize(static_cast<size_t>(before + wanted), 0.0f);
}

std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz) {
  Resampler resampler(from_hz, to_hz);
  std::vector<float> out;
  resampler.add(samples, out);
  resampler.finish(out);
  return out;
}

}  // namespace kuchi::audio
