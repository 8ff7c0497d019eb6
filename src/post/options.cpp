#include "post/options.h"

#include "core/error.h"
#include "core/text.h"

namespace kuchi::post {

void describe(config::Section s, Options& o) {
  s.about(
      "What is done to predicted curves, in this order: smoothing, snap, ease to rest, clamping. "
      "For "
      "`predict`, `live`, `eval` and the C library; exported ONNX models are without it.");
  s.add_choice("smooth", o.smooth,
               {{"none", Smooth::none}, {"one_euro", Smooth::one_euro}, {"savgol", Smooth::savgol}})
      .help(
          "one_euro: a low pass that opens with speed (Casiez et al. 2012); savgol: a polynomial "
          "fitted to the frames around (Savitzky and Golay 1964), not for live use");
  s.add("min_cutoff_hz", o.min_cutoff_hz)
      .above(0)
      .at_most(1000)
      .unit("Hz")
      .help("one_euro: cut-off of a curve that stands still; lower is smoother");
  s.add("beta", o.beta)
      .at_least(0)
      .at_most(1e6)
      .help(
          "one_euro: by how much the cut-off rises with speed, Hz for a curve unit a second; "
          "higher "
          "is less late");
  s.add("derivative_cutoff_hz", o.derivative_cutoff_hz)
      .above(0)
      .at_most(1000)
      .unit("Hz")
      .help("one_euro: cut-off of the speed itself");
  s.add("savgol_frames", o.savgol_frames)
      .at_least(3)
      .at_most(101)
      .odd()
      .unit("frames")
      .help("savgol: fitted at once");
  s.add("savgol_order", o.savgol_order)
      .at_least(0)
      .at_most(6)
      .help("savgol: of the polynomial; under savgol_frames");
  s.add("snap_below", o.snap_below)
      .at_least(0)
      .at_most(10)
      .help("aperture under which the lips are shut all the way; 0: never");
  s.add("snap_above", o.snap_above)
      .at_least(0)
      .at_most(10)
      .help("shut lips open again above this aperture; 0: a quarter above snap_below");
  s.add("rest_after_s", o.rest_after_s)
      .at_least(0)
      .at_most(60)
      .unit("s")
      .help("after so much silence the mouth goes to rest; 0: never");
  s.add("rest_ease_s", o.rest_ease_s)
      .above(0)
      .at_most(10)
      .unit("s")
      .help("how long it takes to get there");
  s.add("clamp", o.clamp).help("curves are kept within the rig's ranges");
}

void check(const Options& o, const std::function<Location(const std::string&)>& origin) {
  if (o.smooth == Smooth::savgol && o.savgol_order >= o.savgol_frames) {
    fail_config(origin("post.savgol_order"),
                cat("a polynomial of order ", o.savgol_order, " needs more than ", o.savgol_frames,
                    " frames; raise post.savgol_frames"));
  }
  if (o.snap_above > 0 && o.snap_above < o.snap_below) {
    fail_config(origin("post.snap_above"),
                "post.snap_above is under post.snap_below; lips would open as they shut");
  }
}

}  // namespace kuchi::post
