#include "curves/csv_track.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "curves/csv.h"
#include "curves/drop_frame.h"
#include "curves/formats.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

using Time = CsvHeader::Time;

struct TimeWord {
  std::string_view plain;
  Time kind;
};
// From the most telling to the least: of several columns the first here gives the time.
constexpr std::array<TimeWord, 14> kTimeWords = {{{"timecode", Time::timecode},
                                                  {"time", Time::seconds},
                                                  {"times", Time::seconds},
                                                  {"time(s)", Time::seconds},
                                                  {"timestamp", Time::seconds},
                                                  {"seconds", Time::seconds},
                                                  {"t", Time::seconds},
                                                  {"timems", Time::milliseconds},
                                                  {"time(ms)", Time::milliseconds},
                                                  {"milliseconds", Time::milliseconds},
                                                  {"frame", Time::frame},
                                                  {"frameindex", Time::frame},
                                                  {"framenumber", Time::frame},
                                                  {"index", Time::frame}}};

/// Place in kTimeWords, or its size.
size_t time_word(const std::string& plain) {
  size_t i = 0;
  while (i < kTimeWords.size() && kTimeWords[i].plain != plain) ++i;
  return i;
}

/// One row's time as written, and where.
struct RowTime {
  Timecode code;
  double number = 0;
  Location at;
};

/// "0,5" as spreadsheets of half the world save it, beside semicolons or tabs.
bool decimal_comma(std::string_view cell) {
  std::string pointed(cell);
  const auto at = pointed.find(',');
  if (at == std::string::npos) return false;
  pointed[at] = '.';
  double value = 0;
  return parse_number(pointed, value);
}

/// Reads the rows; keeps times apart until all timecodes are known.
class TableReader {
 public:
  TableReader(const std::string& text, const fs::path& file, const ReadOptions& options)
      : csv_(text, file.string()), file_(file), options_(options) {}

  Track read() {
    if (!csv_.next()) fail_data(file_, "is an empty table; export it again");
    header_ = csv_header(csv_.cells());
    check_header();
    while (csv_.next()) add_row();
    if (times_.empty()) fail_data(file_, "has a header but no rows; export it again");
    Track track;
    track.names = header_.names;
    const auto seconds = row_seconds();
    keep_rising(seconds, track);
    if (coded_) {
      track.start_s = seconds.front();
      track.clock = clock_;
    }
    return track;
  }

 private:
  void check_header() {
    std::set<std::string> seen;
    for (size_t i = 0; i < header_.names.size(); ++i) {
      if (!seen.insert(header_.names[i]).second) {
        fail_data(csv_.at(header_.curves[i]),
                  cat("column \"", header_.names[i], "\" is there twice; keep one"));
      }
    }
    if (header_.curves.empty()) fail_data(csv_.at(0), "the header names no curve; add one");
    const bool frames_only = header_.time == Time::none || header_.time == Time::frame;
    if (frames_only && !(options_.fps > 0)) {
      fail_data(csv_.at(0), cat("has no column of times or timecodes; ", kGiveRate));
    }
  }

  double finite_cell(size_t column) {
    const std::string_view cell = csv_.cells()[column];
    double value = 0;
    if (!parse_number(cell, value)) {
      if (decimal_comma(cell)) {
        fail_data(csv_.at(column), cat("\"", cell.substr(0, 40),
                                       "\" has a decimal comma, which could part thousands too; "
                                       "save the file with decimal points"));
      }
      fail_data(csv_.at(column), cat("\"", cell.substr(0, 40), "\" is no number; mend the cell"));
    }
    if (!std::isfinite(value) || std::abs(value) > 1e30) {
      fail_data(csv_.at(column),
                cat("\"", cell.substr(0, 40), "\" is no usable number; mend or cut the row"));
    }
    return value;
  }

  void add_row() {
    if (csv_.cells().size() != header_.columns) {
      fail_data(csv_.at(0), cat("this row has ", csv_.cells().size(), " cells, the header has ",
                                header_.columns, "; mend or cut the row"));
    }
    RowTime time;
    time.at = csv_.at(header_.time == Time::none ? 0 : header_.time_column);
    time.at.file.clear();  // the same for all rows
    read_time(time);
    times_.push_back(time);
    for (const size_t column : header_.curves) {
      values_.push_back(static_cast<float>(finite_cell(column)));
    }
  }

  void read_time(RowTime& time) {
    if (header_.time == Time::none) {
      time.number = static_cast<double>(times_.size());
      return;
    }
    const std::string_view cell = csv_.cells()[header_.time_column];
    const bool coded = header_.time == Time::timecode && cell.find(':') != cell.npos;
    if (times_.empty()) coded_ = coded;
    if (coded != coded_ || (coded && !parse_timecode(cell, time.code))) {
      fail_data(csv_.at(header_.time_column), cat("\"", cell.substr(0, 40),
                                                  "\" is no timecode; "
                                                  "write HH:MM:SS:FF or HH:MM:SS:FF.sub"));
    }
    if (!coded) time.number = finite_cell(header_.time_column);
  }

  std::vector<double> row_seconds() {
    std::vector<double> seconds;
    seconds.reserve(times_.size());
    if (coded_) {
      std::vector<Timecode> codes;
      codes.reserve(times_.size());
      for (const RowTime& time : times_) codes.push_back(time.code);
      clock_ = timecode_clock(codes, options_.fps);
      for (const Timecode& code : codes) seconds.push_back(clock_.seconds(code));
      return seconds;
    }
    double unit = 1;
    if (header_.time == Time::milliseconds) unit = 1000;
    if (header_.time == Time::none || header_.time == Time::frame) unit = options_.fps;
    for (const RowTime& time : times_) seconds.push_back(time.number / unit);
    return seconds;
  }

  void keep_rising(const std::vector<double>& seconds, Track& track) {
    const size_t columns = header_.curves.size();
    double midnights = 0;
    for (size_t i = 0; i < seconds.size(); ++i) {
      double time = seconds[i] + midnights;
      if (!track.times_s.empty()) {
        const double before = track.times_s.back();
        if (coded_ && before - time > clock_.day_s() / 2) {
          midnights += clock_.day_s();
          time += clock_.day_s();
        }
        if (time == before) {
          ++track.repeated;
          continue;
        }
        if (time < before) fail_runs_back(i, before - time);
      }
      track.times_s.push_back(time);
      const float* row = values_.data() + i * columns;
      track.values.data.insert(track.values.data.end(), row, row + columns);
    }
    track.values.rows = static_cast<int64_t>(track.times_s.size());
    track.values.cols = static_cast<int64_t>(columns);
  }

  [[noreturn]] void fail_runs_back(size_t row, double by_s) const {
    const Location at{file_.string(), times_[row].at.line, times_[row].at.col};
    const std::string by =
        coded_ ? cat(number(by_s * clock_.base, 6), " frames") : cat(number(by_s, 6), " s");
    fail_data(at, cat(coded_ ? "timecode" : "time", " runs back by ", by,
                      "; cut the clip there or drop it"));
  }

  CsvReader csv_;
  const fs::path& file_;
  const ReadOptions& options_;
  CsvHeader header_;
  bool coded_ = false;  // times are timecodes
  TimecodeClock clock_;
  std::vector<RowTime> times_;
  std::vector<float> values_;
};

}  // namespace

CsvHeader csv_header(const std::vector<std::string_view>& cells) {
  CsvHeader header;
  header.columns = cells.size();
  size_t best = kTimeWords.size();
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string plain = plain_name(cells[i]);
    const size_t word = time_word(plain);
    if (word < best) {
      best = word;
      header.time = kTimeWords[word].kind;
      header.time_column = i;
    }
    const bool nameless = plain.empty();  // the index column that some tools write
    if (word < kTimeWords.size() || nameless || plain == "blendshapecount") continue;
    double ignored = 0;
    if (parse_number(cells[i], ignored)) return {};  // a row of data: no header
    header.curves.push_back(i);
    header.names.emplace_back(cells[i]);
  }
  return header;
}

CsvHeader csv_header_of(std::string_view head) {
  const auto line = head.substr(0, head.find('\n'));
  if (line.find('\0') != line.npos || line.find_first_of(",;\t") == line.npos) return {};
  try {
    CsvReader csv(line, "");
    if (csv.next()) return csv_header(csv.cells());
  } catch (const UserError&) {
    // An open quote in the first line: no header that we know.
  }
  return {};
}

Track read_csv_track(const fs::path& file, const ReadOptions& options) {
  const std::string text = io::read_text(file);
  return TableReader(text, file, options).read();
}

}  // namespace kuchi::curves
