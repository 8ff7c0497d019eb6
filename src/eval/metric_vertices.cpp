#include <vector>

#include "eval/blocks.h"
#include "eval/metric.h"
#include "eval/vertex_errors.h"

namespace kuchi::eval {
namespace {

/// Sums f(value) of each frame into its block.
template <typename F>
void collect_frames(const std::vector<double>& values, std::span<const int64_t> begins,
                    MatrixOf<double>& rows, F f) {
  for (size_t t = 0; t < values.size(); ++t) {
    auto row = rows.row(block_of(begins, static_cast<double>(t)));
    row[0] += f(values[t]);
    row[1] += 1;
  }
}

void collect_clip(const std::optional<double>& value, MatrixOf<double>& rows) {
  if (!value) return;
  rows(0, 0) = *value;
  rows(0, 1) = 1;
}

}  // namespace

/// Lip vertex error: per frame the largest distance among the lips' vertices, mean over frames.
ClipMetric lve() {
  return {"lve",
          "m",
          2,
          true,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
            if (!context.vertices) return;
            collect_frames(context.vertices->lips, begins, rows, [](double d) { return d; });
          },
          mean_of_sums};
}

/// The same with squared distance, which papers since MeshTalk print as LVE.
ClipMetric lve_sq() {
  return {"lve_sq",
          "m^2",
          2,
          true,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
            if (!context.vertices) return;
            collect_frames(context.vertices->lips, begins, rows, [](double d) { return d * d; });
          },
          mean_of_sums};
}

/// Mean vertex error: mean distance over all vertices and frames.
ClipMetric mve() {
  return {"mve",
          "m",
          2,
          true,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
            if (!context.vertices) return;
            collect_frames(context.vertices->all, begins, rows, [](double d) { return d; });
          },
          mean_of_sums};
}

/// Upper-face dynamics deviation (Xing et al., CodeTalker, CVPR 2023), mean over clips: positive
/// where the prediction moves less than the target.
ClipMetric fdd() {
  return {"fdd",
          "m",
          2,
          false,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t>,
             MatrixOf<double>& rows) {
            if (context.vertices) collect_clip(context.vertices->fdd, rows);
          },
          mean_of_sums};
}

/// With each vertex's absolute difference, so that too much here does not pay for too little there.
ClipMetric fdd_abs() {
  return {"fdd_abs",
          "m",
          2,
          false,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t>,
             MatrixOf<double>& rows) {
            if (context.vertices) collect_clip(context.vertices->fdd_abs, rows);
          },
          mean_of_sums};
}

/// With squared distances, which is what published code computes.
ClipMetric fdd_sq() {
  return {"fdd_sq",
          "m^2",
          2,
          false,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t>,
             MatrixOf<double>& rows) {
            if (context.vertices) collect_clip(context.vertices->fdd_sq, rows);
          },
          mean_of_sums};
}

}  // namespace kuchi::eval
