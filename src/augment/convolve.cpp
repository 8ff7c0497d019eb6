#include "augment/convolve.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "augment/fft.h"

namespace kuchi::augment {
namespace {

/// Tables are made once a size.
std::shared_ptr<const Fft> transform_of(int64_t size) {
  static std::mutex mutex;
  static std::map<int64_t, std::shared_ptr<const Fft>> all;
  const std::lock_guard lock(mutex);
  auto& one = all[size];
  if (!one) one = std::make_shared<const Fft>(size);
  return one;
}

/// A stretch of `from` into `to`, zeros behind it.
void load(std::span<const float> from, size_t begin, size_t count, std::vector<double>& to) {
  std::fill(to.begin(), to.end(), 0.0);
  for (size_t i = begin; i < std::min(from.size(), begin + count); ++i) to[i - begin] = from[i];
}

void add(const std::vector<double>& block, size_t begin, double scale, std::vector<double>& out) {
  const size_t end = std::min(out.size(), begin + block.size());
  for (size_t i = begin; i < end; ++i) out[i] += scale * block[i - begin];
}

}  // namespace

std::vector<float> convolve(std::span<const float> audio, std::span<const float> response) {
  int64_t size = 1024;
  while (size < 2 * static_cast<int64_t>(std::min(response.size(), audio.size()))) size *= 2;
  const auto taps = std::min(response.size(), audio.size());
  const auto fft = transform_of(size);
  const size_t step = static_cast<size_t>(size) - taps + 1;
  std::vector<double> h_re(static_cast<size_t>(size)), h_im(static_cast<size_t>(size), 0.0);
  load(response.first(taps), 0, taps, h_re);
  fft->forward(h_re, h_im);
  std::vector<double> out(audio.size(), 0.0);
  std::vector<double> re(static_cast<size_t>(size)), im(static_cast<size_t>(size));
  for (size_t at = 0; at < audio.size(); at += 2 * step) {
    load(audio, at, step, re);
    load(audio, at + step, step, im);
    fft->forward(re, im);
    for (size_t k = 0; k < re.size(); ++k) {
      const double a = re[k], b = im[k];
      re[k] = a * h_re[k] - b * h_im[k];
      im[k] = a * h_im[k] + b * h_re[k];
    }
    fft->inverse(re, im);
    add(re, at, 1.0 / static_cast<double>(size), out);
    add(im, at + step, 1.0 / static_cast<double>(size), out);
  }
  return {out.begin(), out.end()};
}

}  // namespace kuchi::augment
