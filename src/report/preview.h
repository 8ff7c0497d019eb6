#pragma once

#include <filesystem>
#include <string>

#include "report/page.h"

namespace kuchi::report {

struct PreviewOptions {
  std::filesystem::path audio, curves;
  std::filesystem::path target;  // a second curve file to set beside the first; empty: none
  std::string rig;               // name or file; "": the largest shipped rig that the curves fit
  std::filesystem::path names;   // names for files without, else FILE.names.txt beside the file
  std::filesystem::path phones;  // a TextGrid or SRT of the sound; empty: none
  std::string tier = "phones";   // of it
  double in_fps = 0;             // rate of files without times; 0: none given
};

/// A page with one clip: any sound beside any curves. The page's rate is that of the curves.
/// UserError (data): what read and on_rig refuse, names that fit no rig, and a sound that ends more
/// than half a second before the curves; what read_phones refuses. UserError (config): no such
/// rig.
Page preview_page(const PreviewOptions& options);

}  // namespace kuchi::report
