#include "report/video_frames.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <stdexcept>

#include "audio/audio.h"
#include "core/text.h"
#include "data/utf8.h"
#include "report/mouth.h"

namespace kuchi::report {
namespace {

// The page's light colours (page/base.css).
constexpr uint32_t kPaper = 0xf5f3f0, kSoft = 0x5d5752, kCursor = 0x1d1b19;
constexpr uint32_t kWave = 0xc3bbb2, kWavePast = 0x6f675f;
constexpr uint32_t kPill = 0xfffdfb, kPillText = 0x241d19;
constexpr std::array<uint32_t, 3> kTrackColours = {0x1f6f9f, 0xc8541c, 0x8b847d};
// In units: a picture of two mouths is 960 x 540 of them.
constexpr double kEdge = 14, kWaveHeight = 44, kTextHeight = 22, kShape = 34.0 / 31;

void set_colour(cairo_t* context, uint32_t rgb, double alpha = 1) {
  cairo_set_source_rgba(context, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                        (rgb & 255) / 255.0, alpha);
}

/// Not for what a font lacks: cairo has one of its own where the machine has none.
void set_font(cairo_t* context, double size, bool bold) {
  cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context, size);
}

double text_width(cairo_t* context, const std::string& text) {
  cairo_text_extents_t extents;
  cairo_text_extents(context, text.c_str(), &extents);
  return extents.x_advance;
}

/// The text, or its begin and … where it is wider than that.
std::string fitted(cairo_t* context, std::string text, double width) {
  if (text_width(context, text) <= width) return text;
  while (!text.empty() && text_width(context, text + "…") > width) {
    while (!text.empty() && (text.back() & 0xC0) == 0x80) text.pop_back();
    if (!text.empty()) text.pop_back();
  }
  return text + "…";
}

void rounded(cairo_t* context, const MouthBox& box, double r) {
  constexpr double kQuarter = std::numbers::pi / 2;
  const double right = box.x + box.width, bottom = box.y + box.height;
  cairo_new_sub_path(context);
  cairo_arc(context, right - r, box.y + r, r, -kQuarter, 0);
  cairo_arc(context, right - r, bottom - r, r, 0, kQuarter);
  cairo_arc(context, box.x + r, bottom - r, r, kQuarter, 2 * kQuarter);
  cairo_arc(context, box.x + r, box.y + r, r, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(context);
}

/// 83.2 → "1:23.20", as the page has it.
std::string time_text(double seconds) {
  const auto hundredths = static_cast<long long>(std::floor(seconds * 100 + 1e-6));
  char text[48];
  std::snprintf(text, sizeof text, "%lld:%02lld.%02lld", hundredths / 6000, hundredths / 100 % 60,
                hundredths % 100);
  return text;
}

double usual_fps(double curves) {
  const double whole = std::round(curves);
  const double rate = std::abs(curves - whole) < 0.005 ? whole : curves;  // 29.9998: a measured 30
  return rate > 23.9 && rate <= 60 ? rate : 30;
}

MouthBox whole_pixels(double x, double y, double width, double height) {
  return {std::round(x), std::round(y), std::round(width), std::round(height)};
}

}  // namespace

VideoFrames::VideoFrames(const Page& page, const VideoOptions& options) {
  const auto& clip = page.clips.at(0);
  const size_t count = clip.tracks.size();
  width_ = options.width > 0 ? options.width : (count == 1 ? 540 : 480 * static_cast<int>(count));
  height_ = options.height > 0 ? options.height : 540;
  fps_ = options.fps > 0 ? options.fps : usual_fps(clip.fps);
  curve_fps_ = clip.fps;
  seconds_ = static_cast<double>(clip.audio.size()) / audio::kRate;
  frames_ = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(seconds_ * fps_ - 1e-6)));
  sound_ = data::printable(kuchi::printable(clip.id));
  for (size_t i = 0; i < count; ++i) {
    const size_t colour = count == 1 ? 1 : std::min<size_t>(i, 2);
    mouths_.push_back({data::printable(kuchi::printable(page.tracks.at(i))), kTrackColours[colour],
                       mouth_bytes(page.rig, clip.tracks[i]), MouthBox{}});
  }
  lay_out();
  pixels_.resize(static_cast<size_t>(width_) * static_cast<size_t>(height_));
  picture_.reset(
      cairo_image_surface_create_for_data(reinterpret_cast<unsigned char*>(pixels_.data()),
                                          CAIRO_FORMAT_RGB24, width_, height_, 4 * width_));
  draw_still();
  ahead_ = bars(clip.audio, kWave);
  past_ = bars(clip.audio, kWavePast);
}

void VideoFrames::lay_out() {
  const auto count = static_cast<double>(mouths_.size());
  unit_ = std::min(height_ / 540.0, width_ / (count == 1 ? 540 : 480 * count));
  const double edge = kEdge * unit_;
  const double below = (kWaveHeight + kTextHeight) * unit_ + 2 * edge;
  const double room_width = (width_ - (count + 1) * edge) / count;
  const double room_height = height_ - edge - below;
  const double width = std::min(room_width, room_height * kShape), height = width / kShape;
  double x = (width_ - count * width - (count - 1) * edge) / 2;
  for (auto& mouth : mouths_) {
    mouth.box = whole_pixels(x, edge + (room_height - height) / 2, width, height);
    x += width + edge;
  }
  wave_ = whole_pixels(edge, height_ - below + edge, width_ - 2 * edge, kWaveHeight * unit_);
}

void VideoFrames::draw_still() {
  still_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_, height_));
  const CairoContext context(cairo_create(still_.get()));
  set_colour(context.get(), kPaper);
  cairo_paint(context.get());
  for (const auto& mouth : mouths_) draw_face(context.get(), mouth.box);
}

/// The loudest of each place, against the loudest of all: page/wave.js.
CairoSurface VideoFrames::bars(std::span<const float> audio, uint32_t colour) const {
  const int width = static_cast<int>(wave_.width), height = static_cast<int>(wave_.height);
  CairoSurface out(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
  const CairoContext context(cairo_create(out.get()));
  const auto columns = std::clamp<size_t>(static_cast<size_t>(wave_.width / (2 * unit_)), 1,
                                          std::max<size_t>(1, audio.size()));
  std::vector<float> peaks(columns, 0);
  for (size_t i = 0; i < audio.size(); ++i) {
    auto& peak = peaks[i * columns / audio.size()];
    peak = std::max(peak, std::abs(audio[i]));
  }
  const float loudest = std::max(8.0F / 127, *std::max_element(peaks.begin(), peaks.end()));
  set_colour(context.get(), colour);
  for (size_t i = 0; i < columns; ++i) {
    const double h = std::max(unit_, static_cast<double>(peaks[i] / loudest) * height);
    const double x = (static_cast<double>(i) + 0.5) / static_cast<double>(columns) * width;
    cairo_rectangle(context.get(), x - 0.6 * unit_, (height - h) / 2, 1.3 * unit_, h);
  }
  cairo_fill(context.get());
  return out;
}

MouthPose VideoFrames::pose(const Mouth& mouth, double time_s) const {
  constexpr size_t kChannels = kMouthChannels.size();
  const size_t rows = mouth.values.size() / kChannels;
  const double place = std::clamp(time_s * curve_fps_, 0.0, static_cast<double>(rows - 1));
  const auto t = static_cast<size_t>(place);
  const size_t next = std::min(t + 1, rows - 1);
  MouthPose out;
  for (size_t c = 0; c < kChannels; ++c) {
    const double a = mouth.values[t * kChannels + c], b = mouth.values[next * kChannels + c];
    out[c] = (a + (place - static_cast<double>(t)) * (b - a)) / 255;
  }
  return out;
}

void VideoFrames::draw_caption(cairo_t* context, const Mouth& mouth) const {
  // The mouth's corners become round: paper where the rounded box is not.
  cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_rectangle(context, mouth.box.x, mouth.box.y, mouth.box.width, mouth.box.height);
  rounded(context, mouth.box, 12 * unit_);
  set_colour(context, kPaper);
  cairo_fill(context);

  set_font(context, 12.5 * unit_, true);
  const auto name = fitted(context, mouth.name, mouth.box.width - 50 * unit_);
  const double height = 23 * unit_, x = mouth.box.x + 10 * unit_, y = mouth.box.y + 9 * unit_;
  rounded(context, {x, y, text_width(context, name) + 31 * unit_, height}, height / 2);
  set_colour(context, kPill, 0.85);
  cairo_fill(context);
  cairo_arc(context, x + 12 * unit_, y + height / 2, 4.5 * unit_, 0, 2 * std::numbers::pi);
  set_colour(context, mouth.colour);
  cairo_fill(context);
  set_colour(context, kPillText);
  cairo_move_to(context, x + 22 * unit_, y + height / 2 + 4.5 * unit_);
  cairo_show_text(context, name.c_str());
}

void VideoFrames::draw_wave(cairo_t* context, double time_s) const {
  const double x = wave_.width * std::min(1.0, seconds_ > 0 ? time_s / seconds_ : 0);
  const auto part = [&](const CairoSurface& bars, double from, double to) {
    cairo_set_source_surface(context, bars.get(), wave_.x, wave_.y);
    cairo_rectangle(context, wave_.x + from, wave_.y, to - from, wave_.height);
    cairo_fill(context);
  };
  part(past_, 0, x);
  part(ahead_, x, wave_.width);
  set_colour(context, kCursor);
  const double cursor = 2 * unit_;
  cairo_rectangle(context, wave_.x + x - cursor / 2, wave_.y, cursor, wave_.height);
  cairo_fill(context);
}

void VideoFrames::draw_times(cairo_t* context, double time_s) const {
  const double base = height_ - kEdge * unit_ - 1 * unit_;
  set_font(context, 13 * unit_, false);
  set_colour(context, kSoft);
  const auto time = cat(time_text(time_s), " / ", time_text(seconds_));
  cairo_move_to(context, wave_.x, base);
  cairo_show_text(context, time.c_str());
  const double taken = text_width(context, time) + 2 * kEdge * unit_;
  const auto name = fitted(context, sound_, wave_.width - taken);
  cairo_move_to(context, wave_.x + wave_.width - text_width(context, name), base);
  cairo_show_text(context, name.c_str());
}

std::span<const uint32_t> VideoFrames::draw(int64_t j) {
  const double time_s = static_cast<double>(j) / fps_;
  {
    const CairoContext context(cairo_create(picture_.get()));
    cairo_set_source_surface(context.get(), still_.get(), 0, 0);
    cairo_paint(context.get());
    for (const auto& mouth : mouths_) {
      draw_mouth(context.get(), mouth.box, mouth_shape(pose(mouth, time_s)));
      draw_caption(context.get(), mouth);
    }
    draw_wave(context.get(), time_s);
    draw_times(context.get(), time_s);
    if (const auto status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS) {
      throw std::logic_error(cat("cairo: ", cairo_status_to_string(status)));
    }
  }
  cairo_surface_flush(picture_.get());
  return pixels_;
}

}  // namespace kuchi::report
