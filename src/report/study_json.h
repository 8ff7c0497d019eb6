#pragma once

#include "report/study_summary.h"

namespace kuchi::report {

/// A study as the page's program reads it (src/report/page/study.js): of the summary what is drawn,
/// main effects beside it, and no folder but trials/NAME. Of a trial's metrics the values alone, in
/// the order of "metrics", so that 2000 trials stay small.
StudyJson study_page_json(const StudySummary& study);

}  // namespace kuchi::report
