#include "data/fraction.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace kuchi::data {

std::vector<Piece> keep_fraction(std::span<const Piece> pieces, double fraction, uint64_t seed) {
  std::vector<Piece> all(pieces.begin(), pieces.end());
  if (fraction >= 1) return all;
  std::vector<size_t> train;
  int64_t frames = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].split != Split::train) continue;
    train.push_back(i);
    frames += all[i].end - all[i].begin;
  }
  if (train.empty()) return all;
  auto wanted = std::max<int64_t>(1, std::llround(fraction * static_cast<double>(frames)));
  const auto order = permutation(static_cast<int64_t>(train.size()), Stream(seed, "fraction"));
  for (const auto i : order) {
    auto& piece = all[train[static_cast<size_t>(i)]];
    const int64_t taken = std::min(wanted, piece.end - piece.begin);
    piece.end = piece.begin + taken;
    wanted -= taken;
  }
  std::erase_if(all, [](const Piece& p) { return p.split == Split::train && p.begin == p.end; });
  return all;
}

}  // namespace kuchi::data
