#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/cairo_handles.h"
#include "report/mouth_picture.h"
#include "report/page.h"

namespace kuchi::report {

struct VideoOptions {
  double fps = 0;             // 0: the curves' own where that is 24 to 60, else 30
  int width = 0, height = 0;  // even; 0: 540 high, and as wide as the mouths ask for
};

/// The pictures of a video of a page's first clip: a mouth a track side by side, its name on it,
/// the waveform with a cursor, and the time. Frame j shows time j / fps, the mouths in straight
/// lines between the curves' frames, as the page does. The rig must draw a mouth.
class VideoFrames {
 public:
  VideoFrames(const Page& page, const VideoOptions& options);

  int width() const { return width_; }
  int height() const { return height_; }
  double fps() const { return fps_; }
  /// As many as the sound is long, the last one begun.
  int64_t frames() const { return frames_; }
  /// [height, width] of 0x__RRGGBB; until the next call.
  std::span<const uint32_t> draw(int64_t j);

 private:
  struct Mouth {
    std::string name;
    uint32_t colour = 0;          // of its dot
    std::vector<uint8_t> values;  // [curve frames, kMouthChannels]
    MouthBox box;
  };
  MouthPose pose(const Mouth& mouth, double time_s) const;
  void lay_out();
  void draw_still();
  CairoSurface bars(std::span<const float> audio, uint32_t colour) const;
  void draw_caption(cairo_t* context, const Mouth& mouth) const;
  void draw_wave(cairo_t* context, double time_s) const;
  void draw_times(cairo_t* context, double time_s) const;

  int width_ = 0, height_ = 0;
  double unit_ = 1;  // a pixel of a picture of the usual size
  double fps_ = 0, curve_fps_ = 0, seconds_ = 0;
  int64_t frames_ = 0;
  std::string sound_;
  std::vector<Mouth> mouths_;
  MouthBox wave_;
  CairoSurface still_, ahead_, past_;  // what stays: paper and faces; the waveform in two colours
  std::vector<uint32_t> pixels_;
  CairoSurface picture_;  // over pixels_
};

}  // namespace kuchi::report
