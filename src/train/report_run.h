#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/page.h"
#include "train/evaluate_run.h"
#include "train/phone_labels.h"

namespace kuchi::train {

struct ReportOptions {
  EvaluateOptions evaluate;
  int64_t clips = 6;                  // how many to show
  std::vector<std::string> clip_ids;  // not empty: these instead
  double seconds = 60;                // at most, of each clip
  std::optional<bool> probe;          // nothing: where the run learnt from the embedded set
  int64_t probe_pairs = 40;
  std::optional<bool> phones;  // the same; whether clips are shown, and the run judged, by phone
  PhoneLabels labels;
  std::vector<std::filesystem::path> others;  // runs whose trainings are drawn beside
  std::filesystem::path beside;               // a run whose curves are drawn beside; may be empty
};

/// Judges a run and gathers all that its page shows. Of clips longer than `seconds` the page has
/// the part around their worst second. UserError as open_judging() has them; (config) for an id
/// that is none of the judged clips', with the nearest.
report::Page report_run(const std::filesystem::path& run, const ReportOptions& options);

/// Of that page the clips alone, with their worst seconds, whom they were learnt from and the rig.
report::Page report_clips(const std::filesystem::path& run, const ReportOptions& options);

}  // namespace kuchi::train
