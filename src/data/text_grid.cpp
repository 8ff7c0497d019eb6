#include "data/text_grid.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "data/utf8.h"
#include "io/atomic_file.h"

namespace kuchi::data {
namespace {

namespace fs = std::filesystem;

/// A slip of rounding in times that other programs computed.
constexpr double kTolerance_s = 1e-6;
constexpr size_t kLongest = size_t{256} << 20;

struct Token {
  enum Kind { number, text, flag, end } kind = end;
  double value = 0;
  std::string words;  // a text's content, a flag's name
  int line = 1;
};

/// Praat's reading of a text file, a token at a time.
class Scanner {
 public:
  Scanner(std::string_view text, const fs::path& file) : text_(text), file_(file) {}

  Token next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '!') {
        skip_line();
      } else if (c == '"') {
        return quoted();
      } else if (c == '<') {
        return flag();
      } else if (is_gap(c)) {
        step();
      } else if (Token token; number(token)) {
        return token;
      }
    }
    return {Token::end, 0, "", line_};
  }

  double number_for(const std::string& what) {
    const Token t = next();
    if (t.kind != Token::number) fail(t, what, "a number");
    return t.value;
  }
  std::string text_for(const std::string& what) {
    const Token t = next();
    if (t.kind != Token::text) fail(t, what, "a text in quotes");
    return t.words;
  }
  /// Of tiers or intervals; nothing is allocated for what a file merely promises.
  int64_t count_for(const std::string& what) {
    const Token t = next();
    if (t.kind != Token::number) fail(t, what, "a number");
    if (!(t.value >= 0 && t.value <= 1e9) || t.value != std::floor(t.value)) {
      fail_data(at(t.line), cat(what, " is ", kuchi::number(t.value), ", which counts nothing"));
    }
    return static_cast<int64_t>(t.value);
  }
  void exists() {
    const Token t = next();
    if (t.kind != Token::flag || t.words != "exists")
      fail(t, "whether there are tiers", "<exists>");
  }
  [[noreturn]] void fail(const Token& found, const std::string& what, const std::string& wanted) {
    if (found.kind == Token::end) {
      fail_data(at(found.line), cat("the file ends where ", what, " should stand"));
    }
    const std::string had = found.kind == Token::number ? kuchi::number(found.value)
                            : found.kind == Token::text
                                ? "\"" + kuchi::printable(found.words) + "\""
                                : "<" + kuchi::printable(found.words) + ">";
    fail_data(at(found.line), cat(what, " should stand here, ", wanted, ", but it is ", had));
  }
  Location at(int line) const { return {file_.string(), line}; }
  int line() const { return line_; }

 private:
  static bool is_gap(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '='; }
  void step() {
    if (text_[at_++] == '\n') ++line_;
  }
  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') step();
  }

  Token quoted() {
    Token t{Token::text, 0, "", line_};
    for (step(); at_ < text_.size(); step()) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') {
          step();
          return t;
        }
        step();  // two stand for one
      }
      t.words += text_[at_];
    }
    fail_data(at(t.line), "the text that begins here has no closing quote; the file is cut off");
  }
  Token flag() {
    Token t{Token::flag, 0, "", line_};
    for (step(); at_ < text_.size() && text_[at_] != '>' && text_[at_] != '\n'; step()) {
      t.words += text_[at_];
    }
    if (at_ < text_.size()) step();
    return t;
  }
  /// Reads a word; true if it is a number, all others are for people.
  bool number(Token& t) {
    const size_t begin = at_;
    t.line = line_;
    while (at_ < text_.size() && !is_gap(text_[at_]) && text_[at_] != '"') step();
    const auto word = text_.substr(begin, at_ - begin);
    const bool numeric = word.find_first_of("0123456789") == 0 ||
                         (word.size() > 1 && word.find_first_of("+-.") == 0);
    t.kind = Token::number;
    return numeric && parse_number(word, t.value) && std::isfinite(t.value);
  }

  std::string_view text_;
  const fs::path& file_;
  size_t at_ = 0;
  int line_ = 1;
};

void check(const Tier& tier, const Interval& now, const Location& at) {
  if (now.end_s < now.begin_s) {
    fail_data(at, cat("an interval of tier \"", printable(tier.name), "\" ends at ",
                      number(now.end_s), " s, before it begins (", number(now.begin_s), " s)"));
  }
  if (tier.intervals.empty() || now.begin_s >= tier.intervals.back().end_s - kTolerance_s) return;
  fail_data(at, cat("tier \"", printable(tier.name), "\" runs backwards: ", number(now.begin_s),
                    " s follows ", number(tier.intervals.back().end_s), " s"));
}

Tier read_one_tier(Scanner& in, const std::string& which) {
  Tier tier;
  const std::string kind = in.text_for("the class of " + which);
  if (kind != "IntervalTier" && kind != "TextTier") {
    fail_data(in.at(in.line()), cat(which, " is of class \"", printable(kind),
                                    "\"; only IntervalTier and TextTier are known"));
  }
  tier.points = kind == "TextTier";
  tier.name = in.text_for("the name of " + which);
  in.number_for("the begin of " + which);
  in.number_for("the end of " + which);
  const std::string one = tier.points ? "point " : "interval ";
  const int64_t count = in.count_for("the number of " + one + "s of " + which);
  for (int64_t i = 1; i <= count; ++i) {
    const std::string place = cat(one, i, " of ", count, " of tier \"", printable(tier.name), "\"");
    Interval now;
    now.begin_s = in.number_for("the begin of " + place);
    const int line = in.line();
    now.end_s = tier.points ? now.begin_s : in.number_for("the end of " + place);
    now.label = in.text_for("the label of " + place);
    check(tier, now, in.at(line));
    tier.intervals.push_back(std::move(now));
  }
  return tier;
}

}  // namespace

TextGrid parse_text_grid(std::string_view text, const fs::path& file) {
  Scanner in(text, file);
  const Token type = in.next();
  const Token object = in.next();
  if (type.kind != Token::text || type.words.rfind("ooTextFile", 0) != 0 ||
      object.kind != Token::text || object.words != "TextGrid") {
    fail_data(file,
              "is no TextGrid of Praat: it should begin with \"ooTextFile\" and \"TextGrid\"");
  }
  TextGrid grid;
  grid.begin_s = in.number_for("the begin of the file");
  grid.end_s = in.number_for("the end of the file");
  in.exists();
  const int64_t tiers = in.count_for("the number of tiers");
  for (int64_t i = 1; i <= tiers; ++i) {
    grid.tiers.push_back(read_one_tier(in, cat("tier ", i, " of ", tiers)));
  }
  return grid;
}

TextGrid read_text_grid(const fs::path& file) {
  const auto bytes = io::read_text(file, kLongest);
  if (bytes.starts_with("ooBinaryFile")) {
    fail_data(file, "is in Praat's binary form, which is not read; save it as a text file");
  }
  return parse_text_grid(to_utf8(bytes, file), file);
}

Tier with_pauses(const Tier& tier, double end_s) {
  Tier out{tier.name, tier.points, {}};
  double until_s = 0;
  for (auto interval : tier.intervals) {
    // A slip of rounding is no pause and no overlap; what has no length is no interval to Praat.
    if (std::abs(interval.begin_s - until_s) <= kTolerance_s) interval.begin_s = until_s;
    if (interval.end_s <= interval.begin_s) continue;
    if (interval.begin_s > until_s) out.intervals.push_back({"", until_s, interval.begin_s});
    until_s = interval.end_s;
    out.intervals.push_back(std::move(interval));
  }
  if (end_s > until_s) out.intervals.push_back({"", until_s, end_s});
  return out;
}

std::string to_text_grid(const Tier& tier) {
  const auto whole = with_pauses(tier, 0);
  const auto end = number(whole.intervals.empty() ? 0.0 : whole.intervals.back().end_s);
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
  };
  std::string out = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n";
  out += cat("xmin = 0\nxmax = ", end, "\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n",
             "        class = \"IntervalTier\"\n        name = ", quoted(tier.name),
             "\n        xmin = 0\n        xmax = ", end,
             "\n        intervals: size = ", whole.intervals.size(), "\n");
  for (size_t i = 0; i < whole.intervals.size(); ++i) {
    const auto& now = whole.intervals[i];
    out += cat("        intervals [", i + 1, "]:\n            xmin = ", number(now.begin_s),
               "\n            xmax = ", number(now.end_s),
               "\n            text = ", quoted(now.label), "\n");
  }
  return out;
}

const Tier& interval_tier(const TextGrid& grid, const std::string& name, const fs::path& file) {
  std::vector<std::string> names;
  for (const auto& tier : grid.tiers) {
    if (tier.name == name && !tier.points) return tier;
    names.push_back(cat("\"", printable(tier.name), "\"", tier.points ? " (of points)" : ""));
  }
  fail_data(file, cat("has no interval tier \"", name, "\"; ",
                      names.empty() ? "it has none at all" : "it has " + join(names, ", ")));
}

}  // namespace kuchi::data
