// Left and right change places: the same sound, the same face in a mirror.
#include <algorithm>

#include "augment/changes.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  s.add("p", options.mirror.p)
      .at_least(0)
      .at_most(1)
      .help("share of segments whose left and right curves change places, by the rig's pairs");
}

void apply(const Options&, const Scene& scene, Stream&, Take& take) {
  std::vector<float> old(static_cast<size_t>(take.curves.cols));
  for (int64_t j = 0; j < take.curves.rows; ++j) {
    const auto row = take.curves.row(j);
    std::copy(row.begin(), row.end(), old.begin());
    for (size_t c = 0; c < old.size(); ++c) row[c] = old[static_cast<size_t>(scene.mirror[c])];
  }
  take.drawn.push_back({"mirror", 1, ""});
}

}  // namespace

Change mirror() {
  return {"mirror", declare, [](const Options& o) { return o.mirror.p; }, apply};
}

}  // namespace kuchi::augment
