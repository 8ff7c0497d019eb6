#pragma once

#include <string>

#include "config/schema.h"

namespace kuchi::sync {

/// What `prepare` does about clips whose sound and curves are not together. A recipe's `sync:`, and
/// `data.sync.*` over it.
struct Options {
  std::string correct = "none";  // or "deviation": a clip's from its set's median
  bool drift = false;            // take a drift out
  double confidence = 0.9;       // of a clip that is changed
  double over_ms = 20;           // smaller deviations are left: as much is noise
};
void describe(config::Section& section, Options& options);

/// The same, each of which may be left unset.
struct Override {
  std::string correct = "auto";
  std::string drift = "auto";
  double confidence = -1;
  double over_ms = -1;
};
void describe(config::Section& section, Override& override);

Options with(Options base, const Override& override);
/// Whether clips may be changed.
bool corrects(const Options& options);
/// Names all that changes the result.
std::string signature(const Options& options);

}  // namespace kuchi::sync
