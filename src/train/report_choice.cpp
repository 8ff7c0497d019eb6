#include "train/report_choice.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::train {
namespace {

double mean_squared_error(const eval::ClipResult& clip) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < clip.target.data.size(); ++i) {
    if (!clip.has(static_cast<int64_t>(i) % clip.target.cols)) continue;
    const double e = double{clip.prediction.data[i]} - clip.target.data[i];
    sum += e * e;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

/// Indices of values, largest first; of equals the first.
std::vector<size_t> falling(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return values[a] > values[b]; });
  return order;
}

}  // namespace

std::vector<size_t> choose_clips(const std::vector<eval::ClipResult>& results,
                                 const std::vector<report::Second>& worst_of, size_t count) {
  std::vector<double> errors, seconds;
  for (const auto& r : results) errors.push_back(mean_squared_error(r));
  for (const auto& s : worst_of) seconds.push_back(s.error);
  const auto by_second = falling(seconds), by_error = falling(errors);
  count = std::min(count, results.size());
  std::vector<size_t> out, last;
  if (count >= 3) last = {by_error[by_error.size() / 2], by_error.back()};
  const auto in = [](const std::vector<size_t>& list, size_t i) {
    return std::find(list.begin(), list.end(), i) != list.end();
  };
  for (const size_t i : by_second) {
    if (out.size() + last.size() >= count) break;
    if (!in(last, i)) out.push_back(i);
  }
  // The worst second's clip is never missed, even where it is the median one as well.
  if (!last.empty() && in(last, by_second[0])) {
    last.erase(std::find(last.begin(), last.end(), by_second[0]));
    out.insert(out.begin(), by_second[0]);
  }
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

std::vector<size_t> find_clips(const std::vector<eval::ClipResult>& results,
                               const std::vector<std::string>& ids, const std::string& split) {
  std::vector<std::string> known;
  for (const auto& r : results) known.push_back(r.id);
  std::vector<size_t> out;
  for (const auto& id : ids) {
    const auto found = std::find(known.begin(), known.end(), id);
    if (found == known.end()) {
      throw UserError(Exit::config, cat("--clips: \"", id, "\" is no clip of the split \"", split,
                                        "\"", did_you_mean(id, known)));
    }
    const auto index = static_cast<size_t>(found - known.begin());
    if (std::find(out.begin(), out.end(), index) == out.end()) out.push_back(index);
  }
  return out;
}

}  // namespace kuchi::train
