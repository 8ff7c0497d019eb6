#include "train/epoch_table.h"

#include <cmath>
#include <cstdio>

#include "core/text.h"

namespace kuchi::train {
namespace {

std::string right(const std::string& text, size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

/// "" where there is none.
std::string number_at(const nlohmann::json& json, const char* key, int digits) {
  const auto it = json.find(key);
  return it == json.end() || !it->is_number() ? "" : number(it->get<double>(), digits);
}

/// "7" of 0.07; "<1" where it is something all the same.
std::string percent(const nlohmann::json& shares, const char* phase) {
  const double share = 100 * shares.value(phase, 0.0);
  if (share == 0) return "";
  return share < 1 ? "<1" : cat(std::lround(share));
}

constexpr int64_t kHeadingsEvery = 30;

}  // namespace

std::string EpochTable::lines(const nlohmann::json& event) {
  const auto object = [](const nlohmann::json& in, const char* key) {
    return in.contains(key) ? in[key] : nlohmann::json::object();
  };
  const auto valid = object(event, "valid"), timing = object(event, "timing");
  const auto shares = object(timing, "share");
  std::string out;
  if (written_++ % kHeadingsEvery == 0) {
    out =
        cat(right("epoch", 6), right("step", 8), right("loss", 10), right("valid " + monitor_, 14),
            right("lr", 10), right("frames/s", 10), "   data fwd bwd step valid  pad %\n");
  }
  out += right(cat(event.value("epoch", int64_t{0})), 6);
  out += right(cat(event.value("step", int64_t{0})), 8);
  out += right(number_at(event, "loss", 4), 10);
  out +=
      right(number_at(valid, monitor_.c_str(), 4) + (event.value("best", false) ? "*" : " "), 14);
  out += right(number_at(event, "lr", 3), 10);
  out += right(number_at(timing, "frames_per_s", 4), 10);
  out += right(percent(shares, "data"), 7) + right(percent(shares, "forward"), 4);
  out += right(percent(shares, "backward"), 4) + right(percent(shares, "step"), 5);
  out += right(percent(shares, "validation"), 6) + right(percent(timing, "padding"), 5);
  if (const auto skipped = event.value("skipped", int64_t{0}); skipped > 0) {
    out += cat("  (", skipped, skipped == 1 ? " update" : " updates", " left out)");
  }
  return out;
}

}  // namespace kuchi::train
