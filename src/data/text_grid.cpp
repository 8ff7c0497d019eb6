#include "data/text_grid.h"

#include <algorithm>
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

void append_utf8(std::string& out, uint32_t c) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

std::string from_utf16(std::string_view bytes, bool big_endian, const fs::path& file) {
  const auto unit = [&](size_t i) -> uint32_t {
    const auto a = static_cast<unsigned char>(bytes[i]),
               b = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? static_cast<uint32_t>(a << 8 | b) : static_cast<uint32_t>(b << 8 | a);
  };
  std::string out;
  if (bytes.size() % 2 != 0) fail_data(file, "is UTF-16 with half a character at its end");
  for (size_t i = 2; i < bytes.size(); i += 2) {
    uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      const uint32_t low = i + 2 < bytes.size() ? unit(i + 2) : 0;
      if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000) {
        fail_data(file, cat("is no whole UTF-16: half a character at byte ", i));
      }
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    append_utf8(out, c);
  }
  return out;
}

std::string as_utf8(std::string text, const fs::path& file) {
  if (text.rfind("\xFE\xFF", 0) == 0) return from_utf16(text, true, file);
  if (text.rfind("\xFF\xFE", 0) == 0) return from_utf16(text, false, file);
  if (text.rfind("ooBinaryFile", 0) == 0) {
    fail_data(file, "is in Praat's binary form, which is not read; save it as a text file");
  }
  if (text.rfind("\xEF\xBB\xBF", 0) == 0) text.erase(0, 3);
  if (!is_utf8(text)) {
    fail_data(file, "is neither UTF-8 nor UTF-16 with a byte order mark; save it as UTF-8");
  }
  return text;
}

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
  return parse_text_grid(as_utf8(io::read_text(file, size_t{256} << 20), file), file);
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
