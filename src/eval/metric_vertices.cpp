#include <vector>

#include "eval/blocks.h"
#include "eval/metric.h"
#include "eval/vertex_errors.h"

namespace kuchi::eval {
namespace {

double plain(double distance) { return distance; }
double squared(double distance) { return distance * distance; }

/// Mean over frames, each summed into its block, of F of a number that every frame has.
template <std::vector<double> VertexErrors::*Values, double (*F)(double)>
ClipMetric of_frames(std::string_view name, std::string_view unit) {
  return {name,
          unit,
          2,
          true,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
            if (!context.vertices) return;
            const auto& values = context.vertices->*Values;
            for (size_t t = 0; t < values.size(); ++t) {
              auto row = rows.row(block_of(begins, static_cast<double>(t)));
              row[0] += F(values[t]);
              row[1] += 1;
            }
          },
          mean_of_sums};
}

/// Mean over clips of a number that a clip has, or not.
template <std::optional<double> VertexErrors::*Value>
ClipMetric of_clip(std::string_view name, std::string_view unit) {
  return {name,
          unit,
          2,
          false,
          [](const ClipResult&, const ClipContext& context, std::span<const int64_t>,
             MatrixOf<double>& rows) {
            if (!context.vertices || !(context.vertices->*Value)) return;
            rows(0, 0) = *(context.vertices->*Value);
            rows(0, 1) = 1;
          },
          mean_of_sums};
}

}  // namespace

/// Lip vertex error: per frame the largest distance among the lips' vertices, mean over frames.
ClipMetric lve() { return of_frames<&VertexErrors::lips, plain>("lve", "m"); }

/// The same with squared distance, which papers since MeshTalk print as LVE.
ClipMetric lve_sq() { return of_frames<&VertexErrors::lips, squared>("lve_sq", "m^2"); }

/// Mean vertex error: mean distance over all vertices and frames.
ClipMetric mve() { return of_frames<&VertexErrors::all, plain>("mve", "m"); }

/// Upper-face dynamics deviation (Xing et al., CodeTalker, CVPR 2023), mean over clips: positive
/// where the prediction moves less than the target.
ClipMetric fdd() { return of_clip<&VertexErrors::fdd>("fdd", "m"); }

/// With each vertex's absolute difference, so that too much here does not pay for too little there.
ClipMetric fdd_abs() { return of_clip<&VertexErrors::fdd_abs>("fdd_abs", "m"); }

/// With squared distances, which is what published code computes.
ClipMetric fdd_sq() { return of_clip<&VertexErrors::fdd_sq>("fdd_sq", "m^2"); }

}  // namespace kuchi::eval
