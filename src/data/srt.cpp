#include "data/srt.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "data/utf8.h"
#include "io/atomic_file.h"

namespace kuchi::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestFile = size_t{64} << 20;
constexpr std::string_view kArrow = "-->";

long long in_ms(double time_s) { return std::llround(time_s * 1000); }

std::string time_text(long long ms) {
  char text[48];
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld,%03lld", ms / 3600000, ms / 60000 % 60,
                ms / 1000 % 60, ms % 1000);
  return text;
}

std::string one_line(const std::string& label) {
  std::string out;
  for (const char c : trim(kuchi::printable(label))) {
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  }
  return out;
}

/// A row of digits at the beginning of `text`, which is taken off it.
std::optional<long long> take_number(std::string_view& text, size_t most) {
  long long value = 0;
  size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n) {
    if (n == most) return std::nullopt;
    value = 10 * value + (text[n] - '0');
  }
  text.remove_prefix(n);
  return n > 0 ? std::optional(value) : std::nullopt;
}

bool take(std::string_view& text, std::string_view part) {
  if (!text.starts_with(part)) return false;
  text.remove_prefix(part.size());
  return true;
}

/// "HH:MM:SS,mmm" in ms; hours of any number, fractions of one to three digits after , or a point.
std::optional<long long> take_time(std::string_view& text) {
  const auto hours = take_number(text, 5);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59 || !take(text, ":")) return std::nullopt;
  const auto seconds = take_number(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  long long fraction = 0;
  if (take(text, ",") || take(text, ".")) {
    const auto before = text.size();
    const auto digits = take_number(text, 3);
    if (!digits) return std::nullopt;
    fraction = *digits;
    for (auto n = before - text.size(); n < 3; ++n) fraction *= 10;
  }
  return ((*hours * 60 + *minutes) * 60 + *seconds) * 1000 + fraction;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
}

struct Times {
  long long begin = 0, end = 0;  // ms
};

/// A line of times; what stands after them, positions on a screen, is for players.
std::optional<Times> times_of(std::string_view line) {
  skip_blanks(line);
  const auto begin = take_time(line);
  skip_blanks(line);
  if (!begin || !take(line, kArrow)) return std::nullopt;
  skip_blanks(line);
  const auto end = take_time(line);
  if (!end || (!line.empty() && line[0] != ' ' && line[0] != '\t')) return std::nullopt;
  return Times{*begin, *end};
}

bool is_number(const std::string& line) {
  return !line.empty() &&
         std::all_of(line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n' || text[i] == '\r') {
      lines.push_back(trim(line));
      line.clear();
    } else {
      line += text[i];
    }
  }
  lines.push_back(trim(line));
  return lines;
}

/// The file's blocks and on which line the times of each stand.
struct Blocks {
  Tier tier;
  std::vector<int> lines;
};

class SrtReader {
 public:
  SrtReader(std::string_view text, const fs::path& file) : lines_(lines_of(text)), file_(file) {}

  Blocks read() {
    Blocks out;
    out.tier.name = "phones";
    for (;;) {
      while (at_ < lines_.size() && lines_[at_].empty()) ++at_;
      if (at_ == lines_.size()) break;
      block(out);
    }
    if (out.lines.empty()) {
      fail_data(file_,
                "holds no subtitle; a block has a number, a line such as 00:00:01,250 --> "
                "00:00:01,330, and a label");
    }
    return out;
  }

 private:
  void block(Blocks& out) {
    // Its number says nothing: programs that cut files leave them as they were.
    if (is_number(lines_[at_]) && at_ + 1 < lines_.size()) ++at_;
    const auto times = times_of(lines_[at_]);
    if (!times) {
      fail_data(at(at_), cat("a subtitle's times should stand here, such as 00:00:01,250 --> "
                             "00:00:01,330, but it is \"",
                             kuchi::printable(lines_[at_].substr(0, 60)), "\""));
    }
    check(*times, out);
    out.lines.push_back(static_cast<int>(at_) + 1);
    Interval now{"", static_cast<double>(times->begin) / 1000,
                 static_cast<double>(times->end) / 1000};
    for (++at_; at_ < lines_.size() && !lines_[at_].empty(); ++at_) {
      if (times_of(lines_[at_])) {
        fail_data(at(at_),
                  "times inside the text of the subtitle above; put an empty line before "
                  "its number");
      }
      now.label += (now.label.empty() ? "" : " ") + lines_[at_];
    }
    out.tier.intervals.push_back(std::move(now));
  }

  void check(const Times& now, const Blocks& out) const {
    if (now.end < now.begin) {
      fail_data(at(at_), cat("ends at ", time_text(now.end), ", before it begins (",
                             time_text(now.begin), ")"));
    }
    if (out.lines.empty()) return;
    const auto before = in_ms(out.tier.intervals.back().end_s);
    if (now.begin >= before) return;
    fail_data(at(at_), cat("begins at ", time_text(now.begin), ", but the subtitle of line ",
                           out.lines.back(), " goes on until ", time_text(before),
                           "; phones follow one another"));
  }

  Location at(size_t line) const { return {file_.string(), static_cast<int>(line) + 1}; }

  std::vector<std::string> lines_;
  const fs::path& file_;
  size_t at_ = 0;
};

Blocks read_blocks(const fs::path& file) {
  const auto text = to_utf8(io::read_text(file, kLongestFile), file);
  return SrtReader(text, file).read();
}

}  // namespace

std::string to_srt(const Tier& tier) {
  std::string out;
  int number = 0;
  long long until = 0;  // ms; tiers may overlap by less than the rounding can hide
  for (const auto& interval : tier.intervals) {
    const auto label = one_line(interval.label);
    if (tier.points || label.empty()) continue;
    const auto begin = std::max(until, in_ms(interval.begin_s));
    until = std::max(begin, in_ms(interval.end_s));
    out += cat(++number, "\n", time_text(begin), " --> ", time_text(until), "\n", label, "\n\n");
  }
  return out;
}

Tier parse_srt(std::string_view text, const fs::path& file) {
  return SrtReader(text, file).read().tier;
}

Tier read_srt(const fs::path& file) { return read_blocks(file).tier; }

Tier read_srt_phones(const fs::path& file, double end_s) {
  const auto blocks = read_blocks(file);
  for (size_t i = 0; i < blocks.lines.size(); ++i) {
    const auto& label = blocks.tier.intervals[i].label;
    if (label.find_first_of(" \t") == std::string::npos) continue;
    fail_data({file.string(), blocks.lines[i]},
              cat("\"", kuchi::printable(label.substr(0, 60)),
                  "\" is no phone; give a phone a subtitle, or take subtitles of words out of the "
                  "folder"));
  }
  return with_pauses(blocks.tier, end_s);
}

bool is_srt(const std::filesystem::path& file) {
  return lower(file.extension().string()) == ".srt";
}

std::vector<Interval> read_phones(const std::filesystem::path& file, const std::string& tier,
                                  const std::filesystem::path& audio, double heard_s) {
  auto phones = is_srt(file) ? read_srt_phones(file, heard_s).intervals
                             : interval_tier(read_text_grid(file), tier, file).intervals;
  const double end_s = phones.empty() ? 0 : phones.back().end_s;
  if (end_s > heard_s + std::max(0.5, 0.02 * heard_s)) {
    fail_data(file, cat("its labels end at ", number(end_s, 6), " s, but ", audio.string(),
                        " after ", number(heard_s, 6), " s; they do not belong together"));
  }
  return phones;
}

}  // namespace kuchi::data
