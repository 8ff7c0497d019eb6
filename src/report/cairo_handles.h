#pragma once

#include <cairo.h>

#include <memory>

namespace kuchi::report {

/// cairo's objects, each let go of by its owner.
struct CairoFree {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_pattern_t* pattern) const { cairo_pattern_destroy(pattern); }
};
using CairoContext = std::unique_ptr<cairo_t, CairoFree>;
using CairoSurface = std::unique_ptr<cairo_surface_t, CairoFree>;
using CairoPattern = std::unique_ptr<cairo_pattern_t, CairoFree>;

/// What is drawn on the context in its life is undone at its end: transform, clip, line.
class CairoSaved {
 public:
  explicit CairoSaved(cairo_t* context) : context_(context) { cairo_save(context); }
  ~CairoSaved() { cairo_restore(context_); }
  CairoSaved(const CairoSaved&) = delete;
  CairoSaved& operator=(const CairoSaved&) = delete;

 private:
  cairo_t* context_;
};

}  // namespace kuchi::report
