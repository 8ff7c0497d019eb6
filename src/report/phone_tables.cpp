#include "report/phone_tables.h"

#include <algorithm>

#include "core/text.h"
#include "report/table.h"

namespace kuchi::report {
namespace {

/// What a class asks of the lips.
std::string question(eval::PhoneClass kind) {
  switch (kind) {
    case eval::PhoneClass::bilabial:
      return "lips closed?";
    case eval::PhoneClass::labiodental:
      return "lip to teeth?";
    case eval::PhoneClass::rounded:
      return "rounded?";
    case eval::PhoneClass::spread:
      return "spread?";
    case eval::PhoneClass::open:
      return "open?";
    default:
      return "";
  }
}

std::string percent(const std::optional<double>& share) {
  return share ? fixed(100 * *share, 1) + " %" : cell({});
}

std::optional<double> answered(const eval::PhoneScore& s) {
  if (s.shown == 0) return std::nullopt;
  return static_cast<double>(s.answered) / static_cast<double>(s.shown);
}

std::string count(const std::optional<int64_t>& n) { return n ? std::to_string(*n) : cell({}); }

}  // namespace

void print_phones(std::ostream& out, const eval::PhoneReport& report, size_t most) {
  Table classes;
  classes.add_column("class", Align::left);
  classes.add_column("asked", Align::left);
  for (const char* name : {"times", "target does", "prediction too", "mse", "low", "high",
                           "of the error", "lips off by"}) {
    classes.add_column(name);
  }
  for (const auto& s : report.classes) {
    classes.add_row({s.name, question(s.kind), std::to_string(s.occurrences),
                     std::to_string(s.shown), percent(answered(s)), cell(s.mse.value),
                     cell(s.mse.low), cell(s.mse.high), percent(s.error_share), cell(s.lips)});
  }
  classes.print(out);
  const bool known = !report.phones.empty() && report.phones[0].saving.has_value();
  out << "\n"
      << (known
              ? "phones that more recordings would help most"
              : "phones with the largest share of the error (how often each was trained on is not "
                "known)")
      << "\n";
  Table phones;
  phones.add_column("phone", Align::left);
  phones.add_column("class", Align::left);
  for (const char* name : {"times", "trained on", "mse", "low", "high", "of the error"}) {
    phones.add_column(name);
  }
  if (known) phones.add_column(cat("saved by ", eval::PhoneReport::kMore, " more"));
  for (size_t i = 0; i < std::min(most, report.phones.size()); ++i) {
    const auto& s = report.phones[i];
    std::vector<std::string> row = {
        s.name,           eval::to_string(s.kind), std::to_string(s.occurrences),
        count(s.trained), cell(s.mse.value),       cell(s.mse.low),
        cell(s.mse.high), percent(s.error_share)};
    if (known) row.push_back(percent(s.saving));
    phones.add_row(std::move(row));
  }
  phones.print(out);
  if (known) {
    out << "saved: of all squared error, if a phone's falls with the square root of its examples; "
           "an "
           "order of priority\n";
  }
  if (report.unlabelled_clips > 0) out << report.unlabelled_clips << " clips have no labels\n";
  if (!report.evidence.empty()) out << report.evidence << '\n';
}

}  // namespace kuchi::report
