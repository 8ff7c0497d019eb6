#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/matrix.h"
#include "core/provenance.h"
#include "curves/rig.h"
#include "eval/phones.h"
#include "eval/suite.h"
#include "report/seconds.h"
#include "synth/synth.h"

namespace kuchi::report {

using Facts = std::vector<std::pair<std::string, std::string>>;

/// An epoch of a training, as a line of events.jsonl tells it.
struct Epoch {
  int64_t epoch = 0;           // from 1
  std::optional<double> loss;  // nothing for heads that are solved in closed form
  std::optional<double> lr;
  bool best = false;                                  // the best so far
  std::vector<std::pair<std::string, double>> valid;  // validation metrics by name
  std::optional<double> frames_per_s = {};
  std::vector<std::pair<std::string, double>> share = {};  // of the time, by what it went to
};

/// Another run, whose training is drawn beside the page's own.
struct OtherRun {
  std::string name;
  std::vector<Epoch> epochs;
};

/// A phone of a clip, in seconds from its begin.
struct PagePhone {
  double begin_s = 0, end_s = 0;
  std::string label;
};

/// One clip to look at and listen to: its sound, and curves for each of the page's tracks.
struct PageClip {
  std::string id;
  std::string about;           // labels, for people; may be empty
  double begin_s = 0;          // where in the recording this excerpt begins
  double fps = 30;             // of the curves; frame j is at j / fps from the excerpt's begin
  std::vector<float> audio;    // 16 kHz mono
  std::vector<Matrix> tracks;  // [frames, rig.size()] each, of one length; a column of NaN: the
                               //   track lacks the curve, which is not drawn
  std::vector<PagePhone> phones = {};  // in order of time; nobody knows them: empty
};

/// Everything that one page shows. Parts that are empty are left out of it.
struct Page {
  std::string title;
  std::string lead;                                  // one sentence under it
  std::vector<std::pair<std::string, Facts>> facts;  // by heading
  Provenance provenance;
  curves::Rig rig;
  std::vector<std::string> tracks;  // what PageClip::tracks are: {"target", "prediction"}, …
  std::vector<Epoch> epochs;
  std::vector<OtherRun> others;
  std::string monitor;  // the validation metric that chose the best epoch
  std::optional<eval::Suite> suite;
  std::optional<eval::PhoneReport> phones;
  std::vector<synth::ProbeScore> probe;
  std::vector<PageClip> clips;
  std::vector<Second> worst;     // worst first; Second::clip is an index into clips
  std::string worst_note;        // what the seconds were chosen among
  nlohmann::ordered_json study;  // a study's summary.json (study_summary.h); null: no study. Its
                                 //   tracks are then {"target", "best …", "baseline …"}
};

/// One HTML file that needs nothing else: style, program, sound (FLAC) and curves are inside, and
/// its content security policy forbids every request. Curves are held in 16 bits over each curve's
/// own span within a clip, so that they are off by at most its 131070th part; the mouth's
/// movements in 8 bits. No text of the data is ever read as HTML or as a program.
/// A rig that gives no ARKit mouth curve has no mouth drawn; the page says so. Without clips there
/// is no player. UserError (data) where `study` is no summary.
std::string to_html(const Page& page);

}  // namespace kuchi::report
