#include "data/place.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "audio/bwf.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

constexpr double kDay_s = 86400;          // of a Broadcast Wave: it counts samples
constexpr size_t kLargestTake = 1 << 20;  // bytes of a take.json

/// take.json's startTimecode; nothing where there is no such file, or it says none.
std::optional<double> take_start_s(const fs::path& audio, const curves::TimecodeClock& clock) {
  const fs::path file = take_file(audio);
  std::error_code ec;
  if (!fs::is_regular_file(file, ec) || fs::file_size(file, ec) > kLargestTake) return std::nullopt;
  const auto json = nlohmann::json::parse(io::read_text(file), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto found = json.find("startTimecode");
  curves::Timecode code;
  if (found == json.end() || !found->is_string() ||
      !curves::parse_timecode(found->get<std::string>(), code)) {
    return std::nullopt;
  }
  return clock.seconds(code);
}

}  // namespace

fs::path take_file(const fs::path& audio) { return audio.parent_path() / "take.json"; }

Clocks begins_after_sound(const fs::path& audio, double audio_s, const curves::Track& track) {
  if (!track.start_s) return {};
  auto sound_s = audio::bwf_start_s(audio);
  double day_s = kDay_s;
  if (!sound_s) {
    sound_s = take_start_s(audio, track.clock);
    day_s = track.clock.day_s();
  }
  if (!sound_s) return {};
  double after_s = *track.start_s - *sound_s;
  after_s -= day_s * std::round(after_s / day_s);  // midnight between both
  const double curves_s = track.times_s.back() - track.times_s.front();
  if (after_s >= audio_s || after_s <= -curves_s) {
    return {
        std::nullopt,
        cat(audio.string(), ": by its clock it has nothing in common with its curves, which begin ",
            number(after_s, 5), " s after it; the clocks are left out of account")};
  }
  return {after_s, ""};
}

}  // namespace kuchi::data
