#pragma once

#include <ostream>
#include <string>

#include "quality/inspect_set.h"

namespace kuchi::report {

/// A set's quality control on a terminal: a table of its clips (of a large set those with findings
/// and the first ones), then each finding as a sentence.
void print_quality(std::ostream& out, const quality::Inspection& inspection);

/// The same as one HTML file with a small picture a clip: the sound's level above, the mouth's
/// opening below, stretches of findings shaded. No program and no requests; light and dark; of a
/// set of more than 400 clips pictures of those with findings come first. No text of the data is
/// read as HTML.
std::string quality_html(const quality::Inspection& inspection);

}  // namespace kuchi::report
