#include "synth/text_grid.h"

#include "core/text.h"

namespace kuchi::synth {

std::string text_grid(std::span<const Phone> phones) {
  const std::string end = number(phones.empty() ? 0.0 : phones.back().end_s);
  std::string out = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n";
  out += cat("xmin = 0\nxmax = ", end, "\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n",
             "        class = \"IntervalTier\"\n        name = \"phones\"\n        xmin = 0\n",
             "        xmax = ", end, "\n        intervals: size = ", phones.size(), "\n");
  for (size_t i = 0; i < phones.size(); ++i) {
    const Phone& p = phones[i];
    const bool silent = p.label == "sil" || p.label == "pau";
    out += cat("        intervals [", i + 1, "]:\n            xmin = ", number(p.begin_s),
               "\n            xmax = ", number(p.end_s), "\n            text = \"",
               silent ? "" : p.label, "\"\n");
  }
  return out;
}

}  // namespace kuchi::synth
