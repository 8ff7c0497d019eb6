#include "core/random.h"

#include <numeric>
#include <utility>

namespace kuchi {
namespace {
uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}
uint64_t fnv1a(std::string_view s) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (char c : s) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}
}  // namespace

Stream::Stream(uint64_t seed, std::string_view purpose, uint64_t a, uint64_t b)
    : key_(mix(mix(mix(mix(seed) ^ fnv1a(purpose)) ^ a) ^ b)) {}

uint64_t Stream::next() { return mix(key_ ^ mix(counter_++)); }

double Stream::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

uint64_t Stream::below(uint64_t n) {
  const uint64_t limit = ~uint64_t{0} - (~uint64_t{0} % n);  // a multiple of n
  uint64_t draw = next();
  while (draw >= limit) draw = next();
  return draw % n;
}

double Stream::normal() {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum - 6.0;
}

std::vector<int64_t> permutation(int64_t n, Stream stream) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return order;
}

}  // namespace kuchi
