#include "sync/picture.h"

#include <algorithm>
#include <cmath>

#include "io/png.h"

namespace kuchi::sync {
namespace {

enum Ink : uint8_t { paper, grid, axis, ink, faint, found, usual };

/// A part of the picture with its own scales.
class Panel {
 public:
  Panel(io::Picture& picture, int64_t left, int64_t width, double x0, double x1, double y0,
        double y1)
      : picture_(picture), left_(left), width_(width), x0_(x0), x1_(x1), y0_(y0), y1_(y1) {}
  void line(double xa, double ya, double xb, double yb, Ink colour) {
    picture_.line(x(xa), y(ya), x(xb), y(yb), colour);
  }
  void upright(double at, Ink colour) { line(at, y0_, at, y1_, colour); }
  void level(double at, Ink colour) { line(x0_, at, x1_, at, colour); }
  void dot(double at_x, double at_y, Ink colour) {
    const auto cx = std::llround(x(at_x)), cy = std::llround(y(at_y));
    for (int64_t dx = -1; dx <= 1; ++dx) {
      for (int64_t dy = -1; dy <= 1; ++dy) picture_.set(cx + dx, cy + dy, colour);
    }
  }

 private:
  static constexpr int64_t kTop = 8;
  double x(double value) const {
    return static_cast<double>(left_) + static_cast<double>(width_) * share(value, x0_, x1_);
  }
  double y(double value) const {
    const double height = static_cast<double>(picture_.height - 2 * kTop);
    return static_cast<double>(kTop) + height * (1 - share(value, y0_, y1_));
  }
  static double share(double value, double low, double high) {
    return std::clamp((value - low) / (high - low), 0.0, 1.0);
  }
  io::Picture& picture_;
  int64_t left_, width_;
  double x0_, x1_, y0_, y1_;
};

void draw_correlation(io::Picture& picture, const Estimate& e, std::optional<double> usual_ms) {
  const double low = e.lags_ms.front(), high = e.lags_ms.back();
  Panel panel(picture, 8, 300, low, high, 0, 1);
  for (double lag = std::ceil(low / 100) * 100; lag <= high; lag += 100) panel.upright(lag, grid);
  for (int tenth = 0; tenth <= 10; tenth += 2) panel.level(tenth / 10.0, grid);
  panel.upright(0, axis);
  panel.level(0, axis);
  if (usual_ms) panel.upright(*usual_ms, usual);
  panel.upright(e.lag_ms, found);
  for (size_t i = 1; i < e.lags_ms.size(); ++i) {
    panel.line(e.lags_ms[i - 1], e.correlation[i - 1], e.lags_ms[i], e.correlation[i], ink);
  }
}

void draw_windows(io::Picture& picture, const Estimate& e, std::optional<double> usual_ms) {
  const double begin = e.lag_ms_at(0), end = e.lag_ms_at(e.seconds);
  const double low = std::min(begin, end) - 150, high = std::max(begin, end) + 150;
  Panel panel(picture, 324, 308, 0, e.seconds, low, high);
  const double step = high - low > 1000 ? 200 : 50;
  for (double lag = std::ceil(low / step) * step; lag <= high; lag += step) {
    panel.level(lag, std::abs(lag) < step / 2 ? axis : grid);
  }
  panel.upright(0, axis);
  if (usual_ms && *usual_ms > low && *usual_ms < high) panel.level(*usual_ms, usual);
  panel.line(0, begin, e.seconds, end, found);
  for (const auto& window : e.windows) {
    panel.dot(window.middle_s, window.lag_ms, window.strength < kWeak ? faint : ink);
  }
}

}  // namespace

std::string picture(const Estimate& estimate, std::optional<double> usual_ms) {
  io::Picture out(640, 240,
                  {{255, 255, 255},
                   {228, 228, 228},
                   {140, 140, 140},
                   {20, 40, 120},
                   {190, 190, 190},
                   {200, 40, 40},
                   {40, 150, 60}});
  draw_correlation(out, estimate, usual_ms);
  draw_windows(out, estimate, usual_ms);
  return io::png(out);
}

}  // namespace kuchi::sync
