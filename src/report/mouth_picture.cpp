#include "report/mouth_picture.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <span>
#include <vector>

#include "report/cairo_handles.h"

// Stroke by stroke what page/mouth_draw.js does, with cairo for the canvas. Light comes from above.
namespace kuchi::report {
namespace {

struct Ink {
  double red, green, blue;  // 0 … 1
};

constexpr Ink ink(unsigned hex) {
  return {(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0};
}

constexpr Ink kShade = ink(0x543426);
constexpr Ink kLight = ink(0xfff6ee);
constexpr Ink kInside = ink(0x1e0808);  // the lips' shadow on what is behind them
constexpr Ink kTongueLine = ink(0x461418);
constexpr Ink kTongue = ink(0xc9726f);
constexpr Ink kTongueDark = ink(0x96474a);
constexpr Ink kSeam = ink(0x5a2122);

double mix(double a, double b, double s) { return a + (b - a) * s; }

/// The part of the face that is shown, in the mouth's units.
struct View {
  double left, width, top, bottom;
};

/// Moves the context to the mouth's units: the face from the nose's tip to the chin.
View enter(cairo_t* context, const MouthBox& box) {
  constexpr double kTop = -122;
  cairo_rectangle(context, box.x, box.y, box.width, box.height);
  cairo_clip(context);
  const double scale = std::min(box.width / 330, box.height / 318);
  cairo_translate(context, box.x + box.width / 2, box.y - kTop * scale);
  cairo_scale(context, scale, scale);
  return {-box.width / 2 / scale, box.width / scale, kTop, box.height / scale + kTop};
}

void set_ink(cairo_t* context, const Ink& i, double alpha = 1) {
  cairo_set_source_rgba(context, i.red, i.green, i.blue, alpha);
}

struct Stop {
  double at;
  Ink ink;
  double alpha = 1;
};

void set_gradient(cairo_t* context, CairoPattern pattern, std::span<const Stop> stops) {
  for (const auto& s : stops) {
    cairo_pattern_add_color_stop_rgba(pattern.get(), s.at, s.ink.red, s.ink.green, s.ink.blue,
                                      s.alpha);
  }
  cairo_set_source(context, pattern.get());
}

/// Colours one below another at even distances.
void set_vertical(cairo_t* context, double y0, double y1, std::initializer_list<Ink> inks) {
  std::vector<Stop> stops;
  for (const auto& i : inks) {
    stops.push_back({static_cast<double>(stops.size()) / static_cast<double>(inks.size() - 1), i});
  }
  set_gradient(context,
               CairoPattern(cairo_pattern_create_linear(0, y0, 0, std::max(y1, y0 + 0.01))), stops);
}

void fill_rect(cairo_t* context, double x, double y, double width, double height) {
  cairo_rectangle(context, x, y, width, height);
  cairo_fill(context);
}

/// A smooth line through points (Catmull-Rom as Bézier pieces), added to the path.
void through(cairo_t* context, std::span<const MouthPoint> points, bool start) {
  if (start) cairo_move_to(context, points[0].x, points[0].y);
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    const auto& before = points[i == 0 ? 0 : i - 1];
    const auto& a = points[i];
    const auto& b = points[i + 1];
    const auto& after = points[std::min(i + 2, points.size() - 1)];
    cairo_curve_to(context, a.x + (b.x - before.x) / 6, a.y + (b.y - before.y) / 6,
                   b.x - (after.x - a.x) / 6, b.y - (after.y - a.y) / 6, b.x, b.y);
  }
}

void stroke_through(cairo_t* context, std::span<const MouthPoint> points) {
  through(context, points, true);
  cairo_stroke(context);
}

void ring(cairo_t* context, const MouthOutline& one, const MouthOutline& other) {
  const MouthOutline back{other[8], other[7], other[6], other[5], other[4],
                          other[3], other[2], other[1], other[0]};
  through(context, one, true);
  through(context, back, false);
  cairo_close_path(context);
}

/// From the path's end through a control point, as a canvas has it, to b.
void quadratic_to(cairo_t* context, const MouthPoint& control, const MouthPoint& b) {
  MouthPoint a;
  cairo_get_current_point(context, &a.x, &a.y);
  cairo_curve_to(context, mix(a.x, control.x, 2.0 / 3), mix(a.y, control.y, 2.0 / 3),
                 mix(b.x, control.x, 2.0 / 3), mix(b.y, control.y, 2.0 / 3), b.x, b.y);
}

/// A soft round patch of light or shade.
void glow(cairo_t* context, double x, double y, double rx, double ry, const Ink& i, double alpha) {
  if (rx <= 0 || ry <= 0) return;  // cairo would refuse the scale, the canvas draws nothing
  const CairoSaved saved(context);
  cairo_translate(context, x, y);
  cairo_scale(context, rx, ry);
  const Stop stops[] = {{0, i, alpha}, {0.55, i, alpha * 0.4}, {1, i, 0}};
  set_gradient(context, CairoPattern(cairo_pattern_create_radial(0, 0, 0, 0, 0, 1)), stops);
  fill_rect(context, -1, -1, 2, 2);
}

/// The fold from the nose past a smiling corner.
void fold_line(cairo_t* context, const MouthPoint& end, int way, double smile) {
  constexpr double kLines[][2] = {{16, 0.045}, {9, 0.05}, {4, 0.05}};  // width, alpha
  for (const auto& [width, alpha] : kLines) {
    cairo_set_line_width(context, width);
    set_ink(context, kShade, alpha * std::min(1.0, smile * 1.4));
    cairo_move_to(context, way * 64, -84);
    quadratic_to(context, {(way * 64 + end.x) / 2 + way * 16, (end.y - 84) / 2 - 2},
                 {end.x + way * 15, end.y + 12});
    cairo_stroke(context);
  }
}

/// The groove from the nose down to the lip.
void groove(cairo_t* context, const MouthShape& s) {
  const double lip = s.upper_outer[kMouthMiddle].y;
  const double middle = (lip - 92) / 2;
  const double half = std::max(10.0, (lip + 92) / 2);
  const double x = s.middle * 0.6;
  glow(context, x, middle, 10, half, kShade, 0.22);
  for (const int way : {-1, 1}) glow(context, x + way * 14, middle, 8, half * 0.9, kLight, 0.2);
}

/// The hollow under the lower lip, the chin's boss, and the jaw's edge; they go down with the jaw.
void chin(cairo_t* context, const MouthShape& s) {
  const auto& lip = s.lower_outer[kMouthMiddle];
  const double boss = std::max(lip.y + 46, 104 + s.jaw.y * 0.86) - s.chin_up;
  glow(context, lip.x, lip.y + 12, 70, 20, kShade, 0.4);
  glow(context, s.jaw.x, boss, 74, 34, kLight, 0.32);
  glow(context, s.jaw.x - 34, boss + 36, 110, 26, kShade, 0.2);
  glow(context, s.jaw.x + 34, boss + 36, 110, 26, kShade, 0.2);
}

/// What the mouth moves of the skin around it.
void skin(cairo_t* context, const MouthShape& s) {
  groove(context, s);
  for (const int way : {1, -1}) {
    const auto& end = way == 1 ? s.right_end : s.left_end;
    const double smile = way == 1 ? s.smile_left : s.smile_right;
    glow(context, end.x + way * 2, end.y + 2, 16, 15, kShade, 0.28 + 0.12 * smile);
    if (s.puff > 0.02) glow(context, end.x + way * 56, end.y - 4, 66, 80, kLight, 0.42 * s.puff);
    if (smile > 0.02) fold_line(context, end, way, smile);
  }
  chin(context, s);
  // The rim of the upper lip catches the light.
  cairo_set_line_width(context, 4.5);
  set_ink(context, kLight, 0.15);
  std::array<MouthPoint, 5> rim;
  for (size_t i = 0; i < rim.size(); ++i) {
    rim[i] = {s.upper_outer[i + 2].x, s.upper_outer[i + 2].y - 3};
  }
  stroke_through(context, rim);
}

/// A rectangle whose two upper or two lower corners are round.
void tooth(cairo_t* context, double x, double y, double width, double height, double r,
           bool upper) {
  constexpr double kQuarter = std::numbers::pi / 2;
  r = std::min({r, width / 2, height});
  cairo_new_sub_path(context);
  if (upper) {
    cairo_move_to(context, x, y);
    cairo_line_to(context, x + width, y);
    cairo_arc(context, x + width - r, y + height - r, r, 0, kQuarter);
    cairo_arc(context, x + r, y + height - r, r, kQuarter, 2 * kQuarter);
  } else {
    cairo_arc(context, x + r, y + r, r, 2 * kQuarter, 3 * kQuarter);
    cairo_arc(context, x + width - r, y + r, r, 3 * kQuarter, 4 * kQuarter);
    cairo_line_to(context, x + width, y + height);
    cairo_line_to(context, x, y + height);
  }
  cairo_close_path(context);
  cairo_fill(context);
}

using Widths = std::array<double, 6>;

/// A row of teeth from the middle outwards. edge is the biting edge's y, root the gum's; the arch
/// turns away to the sides, where teeth are darker and, above, end higher.
void teeth(cairo_t* context, double x, double edge, double root, const Widths& widths) {
  const bool upper = root < edge;
  Widths ends;
  double at = 0;
  for (size_t i = 0; i < widths.size(); ++i) ends[i] = at += widths[i];
  const auto rise = [&](double u) {  // the arch, seen from the front
    return (upper ? -1 : 1) * 7 * (u / at) * (u / at);
  };
  constexpr Ink kDark = ink(0x6d5548), kHalf = ink(0xb9a692), kWhite = ink(0xf3ebdf);
  const Stop stops[] = {{0, kDark},     {0.2, kHalf}, {0.42, kWhite},
                        {0.58, kWhite}, {0.8, kHalf}, {1, kDark}};
  set_gradient(context, CairoPattern(cairo_pattern_create_linear(x - at, 0, x + at, 0)), stops);
  for (const int way : {-1, 1}) {
    for (size_t i = 0; i < widths.size(); ++i) {
      const double width = widths[i];
      const double inner = x + way * (ends[i] - width), outer = x + way * ends[i];
      const double y = edge + rise(ends[i] - width / 2) + (i == 1 ? (upper ? -2 : 1) : 0);
      tooth(context, std::min(inner, outer) - 0.2, std::min(root, y), width + 0.4,
            std::abs(root - y), std::min(5.0, width * 0.34), upper);
    }
  }
  set_ink(context, ink(0x54382c), 0.28);
  cairo_set_line_width(context, 0.9);
  const auto between = [&](double u, int way) {
    cairo_move_to(context, x + way * u, root);
    cairo_line_to(context, x + way * u, edge + rise(u) - (upper ? 2 : -2));
  };
  between(0, 1);
  for (size_t i = 0; i + 1 < ends.size(); ++i) {
    for (const int way : {-1, 1}) between(ends[i], way);
  }
  cairo_stroke(context);
}

/// The tongue: rests behind the lower teeth, and lies flatter the wider the mouth.
void tongue(cairo_t* context, const MouthShape& s) {
  const double floor = s.jaw.y + 12;
  const Stop stops[] = {{0, kTongue}, {1, kTongueDark}};
  set_gradient(
      context,
      CairoPattern(cairo_pattern_create_radial(s.jaw.x, floor - 12, 4, s.jaw.x, floor + 12, 74)),
      stops);
  {
    const CairoSaved saved(context);
    cairo_translate(context, s.jaw.x, floor + 16);
    cairo_scale(context, 58, 34 + 0.1 * s.jaw.y);
    cairo_arc(context, 0, 0, 1, 0, 2 * std::numbers::pi);
  }
  cairo_fill(context);
  cairo_set_line_width(context, 2.2);
  set_ink(context, kTongueLine, 0.35);
  cairo_move_to(context, s.jaw.x, floor - 14 - 0.08 * s.jaw.y);
  cairo_line_to(context, s.jaw.x, floor + 24);
  cairo_stroke(context);
}

/// A tongue that is put out: drawn inside the cavity, where the upper lip and teeth hide its root,
/// and once more over the lower lip.
void tongue_out(cairo_t* context, const MouthShape& s) {
  const double root = s.upper_inner[kMouthMiddle].y - 4;
  const double tip =
      mix(s.lower_inner[kMouthMiddle].y, s.lower_outer[kMouthMiddle].y + 36, s.tongue);
  const double x = s.jaw.x;
  set_vertical(context, root, tip, {kTongueDark, kTongue, kTongue});
  cairo_move_to(context, x - 30, root);
  cairo_curve_to(context, x - 44, mix(root, tip, 0.45), x - 44, tip, x, tip);
  cairo_curve_to(context, x + 44, tip, x + 44, mix(root, tip, 0.45), x + 30, root);
  cairo_close_path(context);
  cairo_fill(context);
  set_ink(context, kTongueLine, 0.28);
  cairo_set_line_width(context, 2.4);
  cairo_move_to(context, x, root);
  quadratic_to(context, {x + 1, mix(root, tip, 0.5)}, {x, tip - 22});
  cairo_stroke(context);
  glow(context, x, tip - 13, 26, 11, kLight, 0.3);
}

void cavity(cairo_t* context, const MouthShape& s, const View& view) {
  const CairoSaved saved(context);
  ring(context, s.upper_inner, s.lower_inner);
  cairo_clip(context);
  const double top = s.upper_inner[kMouthMiddle].y;
  const double low = s.lower_inner[kMouthMiddle].y;
  set_vertical(context, top, std::max(low, top + 30), {ink(0x1d0809), ink(0x4a1a1c)});
  fill_rect(context, view.left, view.top, view.width, view.bottom - view.top);
  tongue(context, s);
  teeth(context, s.jaw.x, s.jaw.y * 0.94 - 4, s.jaw.y + 44, {10.5, 11.5, 12, 11, 10, 9});
  if (s.tongue > 0.02) tongue_out(context, s);
  teeth(context, 0, 12, -40, {17, 13.5, 13, 11, 10, 9});
  // The lips' shadows on what is behind them; lips pushed forward leave it in the dark.
  set_ink(context, kInside, 0.5 * std::min(1.0, s.round));
  fill_rect(context, view.left, view.top, view.width, view.bottom - view.top);
  const Stop stops[] = {{0, kInside, 0.62}, {1, kInside, 0}};
  set_gradient(context, CairoPattern(cairo_pattern_create_linear(0, top - 2, 0, top + 17)), stops);
  fill_rect(context, view.left, top - 30, view.width, 47);
  for (const auto& end : {s.left_end, s.right_end}) {
    glow(context, end.x, end.y, 46, 60, ink(0x160606), 0.85);
  }
}

/// The dark line where lip meets lip or cavity, thinner towards the corners, and the lips'
/// outlines.
void seams(cairo_t* context, const MouthShape& s) {
  cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
  set_ink(context, kSeam, 0.85);
  cairo_set_line_width(context, s.opening < 4 ? 2.8 : 1.6);
  stroke_through(context, s.upper_inner);
  set_ink(context, kSeam, 0.4);
  cairo_set_line_width(context, 1.4);
  stroke_through(context, s.lower_inner);
  set_ink(context, kSeam, 0.2);
  cairo_set_line_width(context, 1.2);
  stroke_through(context, s.upper_outer);
  stroke_through(context, s.lower_outer);
}

/// Light on the fullest part of the lower lip, its shade below, and fainter light on both halves of
/// the upper one.
void shine(cairo_t* context, const MouthShape& s, double topmost) {
  const double width = s.right_end.x - s.left_end.x;
  const auto& low = s.lower_outer[kMouthMiddle];
  const double inner = s.lower_inner[kMouthMiddle].y, thick = low.y - inner;
  {
    const CairoSaved saved(context);
    ring(context, s.lower_inner, s.lower_outer);
    cairo_clip(context);
    for (const int way : {-1, 1}) {
      glow(context, low.x + way * width * 0.13, inner + thick * 0.44, width * 0.2, thick * 0.46,
           kLight, 0.42);
    }
    glow(context, low.x, low.y + 2, width * 0.36, thick * 0.36, ink(0x5a1e1e), 0.4);
  }
  const CairoSaved saved(context);
  ring(context, s.upper_outer, s.upper_inner);
  cairo_clip(context);
  const double up = s.upper_inner[kMouthMiddle].y - topmost;
  for (const int way : {-1, 1}) {
    glow(context, s.middle + way * width * 0.16, topmost + up * 0.34, width * 0.17, up * 0.3,
         kLight, 0.24);
  }
}

void lips(cairo_t* context, const MouthShape& s) {
  double topmost = s.upper_outer[0].y;
  for (const auto& p : s.upper_outer) topmost = std::min(topmost, p.y);
  ring(context, s.upper_outer, s.upper_inner);
  set_vertical(context, topmost, s.upper_inner[kMouthMiddle].y,
               {ink(0xb9716a), ink(0xa4564f), ink(0x8b423f)});
  cairo_fill(context);
  ring(context, s.lower_inner, s.lower_outer);
  set_vertical(context, s.lower_inner[kMouthMiddle].y, s.lower_outer[kMouthMiddle].y,
               {ink(0xb0615a), ink(0xc47c73), ink(0xa9605a)});
  cairo_fill(context);
  shine(context, s, topmost);
  seams(context, s);
}

void tongue_over_lip(cairo_t* context, const MouthShape& s, const View& view) {
  auto edge = s.lower_inner;
  for (auto& p : edge) p.y -= 2.5;
  const CairoSaved saved(context);
  through(context, edge, true);
  cairo_line_to(context, view.left + view.width, view.bottom);
  cairo_line_to(context, view.left, view.bottom);
  cairo_close_path(context);
  cairo_clip(context);
  tongue_out(context, s);
}

}  // namespace

void draw_face(cairo_t* context, const MouthBox& box) {
  const CairoSaved saved(context);
  const auto view = enter(context, box);
  set_vertical(context, view.top, view.bottom, {ink(0xdcc6b6), ink(0xcdb29f), ink(0xb6977f)});
  fill_rect(context, view.left, view.top, view.width, view.bottom - view.top);
  glow(context, view.left, 40, 165, 280, kShade, 0.34);
  glow(context, view.left + view.width, 40, 165, 280, kShade, 0.34);
  glow(context, 0, -112, 76, 30, kShade, 0.3);
  for (const int way : {-1, 1}) {
    glow(context, way * 23, -108, 15, 8, kShade, 0.7);
    glow(context, way * 52, -112, 16, 22, kShade, 0.22);
  }
}

void draw_mouth(cairo_t* context, const MouthBox& box, const MouthShape& shape) {
  const CairoSaved saved(context);
  const auto view = enter(context, box);
  cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(context, CAIRO_LINE_JOIN_MITER);
  skin(context, shape);
  cavity(context, shape, view);
  lips(context, shape);
  if (shape.tongue > 0.02) tongue_over_lip(context, shape, view);
}

}  // namespace kuchi::report
