#include "eval/metrics.h"

#include <vector>

// The one list of metrics. A new one is a file metric_NAME.cpp that defines the function, and a
// line here; X(f) both declares f and calls it.
#define KUCHI_CURVE_METRICS(X) \
  X(mse)                       \
  X(nmse)                      \
  X(mae)                       \
  X(r2)                        \
  X(pcc)                       \
  X(vel_mse)                   \
  X(acc_mse)                   \
  X(std_ratio)

#define KUCHI_CLIP_METRICS(X) \
  X(closure_precision)        \
  X(closure_recall)           \
  X(closure_f1)               \
  X(av_lag)                   \
  X(lip_dtw)                  \
  X(mtm)                      \
  X(slcc)                     \
  X(slcc_target)              \
  X(rest)                     \
  X(still)                    \
  X(still_ratio)              \
  X(lve)                      \
  X(lve_sq)                   \
  X(mve)                      \
  X(fdd)                      \
  X(fdd_abs)                  \
  X(fdd_sq)

namespace kuchi::eval {

#define DECLARE(f) CurveMetric f();
KUCHI_CURVE_METRICS(DECLARE)
#undef DECLARE
#define DECLARE(f) ClipMetric f();
KUCHI_CLIP_METRICS(DECLARE)
#undef DECLARE

#define CALL(f) f(),
std::span<const CurveMetric> curve_metrics() {
  static const std::vector<CurveMetric> list = {KUCHI_CURVE_METRICS(CALL)};
  return list;
}

std::span<const ClipMetric> clip_metrics() {
  static const std::vector<ClipMetric> list = {KUCHI_CLIP_METRICS(CALL)};
  return list;
}
#undef CALL

}  // namespace kuchi::eval
