#pragma once

#include <cairo.h>

#include "report/mouth_shape.h"

namespace kuchi::report {

/// Where a mouth is drawn: its place and size in the context's units. The page's mouths are as 34
/// to 31; others show more skin on two sides.
struct MouthBox {
  double x = 0, y = 0, width = 340, height = 310;
};

/// Draws what page/mouth_draw.js draws on the page's canvas, in two layers. What does not move: the
/// skin, the cheeks that turn away from the light, the nose. It fills the box.
void draw_face(cairo_t* context, const MouthBox& box);
/// And what the mouth moves, over it. Nothing is drawn outside the box.
void draw_mouth(cairo_t* context, const MouthBox& box, const MouthShape& shape);

}  // namespace kuchi::report
