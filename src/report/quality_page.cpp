#include "report/quality_page.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/hash.h"
#include "core/text.h"
#include "report/page_template.h"
#include "report/table.h"

namespace kuchi::report {
namespace {

using quality::Facts;
using quality::Finding;
using quality::Inspection;

constexpr size_t kMostRows = 60;       // of the table on a terminal
constexpr size_t kMostFindings = 100;  // likewise; --json has all
constexpr size_t kMostCards = 400;
constexpr double kHeight = 84, kMiddle = 40;  // of a picture, and where the sound's part ends

/// Bytes that are no UTF-8 were replaced where names are read.
std::string html(std::string_view text) { return escape_html(printable(text)); }

std::string percent(double share) {
  return share == 0 ? "0" : share < 0.0005 ? "<0.1 %" : fixed(100 * share, 1) + " %";
}

std::string or_dash(const std::optional<double>& value, int decimals) {
  return value ? fixed(value, decimals) : "–";
}

std::string splits_of(const Facts& f) { return f.splits.empty() ? "–" : join(f.splits, "+"); }

/// Clips with findings first, each kind in its order.
std::vector<const Facts*> by_findings(const Inspection& in) {
  std::set<std::string> told;
  for (const auto& f : in.findings) told.insert(f.clip);
  std::vector<const Facts*> out;
  for (const bool first : {true, false}) {
    for (const auto& f : in.clips) {
      if ((told.count(f.id) > 0) == first) out.push_back(&f);
    }
  }
  return out;
}

std::string lead(const Inspection& in) {
  return cat(in.clips.size(), in.clips.size() == 1 ? " clip, " : " clips, ",
             clock_text(in.seconds()), ", ", number(in.fps, 5), " frames a second, rig ",
             in.rig.name, " (", in.rig.size(), " curves): ", quality::count_text(in));
}

// ---- pictures

std::string coordinate(double value) { return number(std::round(value * 10) / 10, 5); }

/// A band between least and most, as one closed path; y from `bottom` up by `height`.
std::string band(const std::vector<std::pair<float, float>>& line, double bottom, double height,
                 const char* kind) {
  if (line.empty()) return "";
  const double step = 100.0 / static_cast<double>(line.size());
  std::string up = "M", down;
  for (size_t i = 0; i < line.size(); ++i) {
    const double x = step * (static_cast<double>(i) + 0.5);
    up += cat(i > 0 ? "L" : "", coordinate(x), " ",
              coordinate(bottom - height * static_cast<double>(line[i].second) - 0.4));
    const size_t back = line.size() - 1 - i;
    down += cat("L", coordinate(step * (static_cast<double>(back) + 0.5)), " ",
                coordinate(bottom - height * static_cast<double>(line[back].first) + 0.4));
  }
  return cat("<path class=\"", kind, "\" d=\"", up, down, "Z\"/>");
}

std::string picture(const Facts& f, const std::vector<const Finding*>& findings) {
  std::string out =
      cat("<svg viewBox=\"0 0 100 ", kHeight,
          "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Level of the sound "
          "and opening of the mouth over ",
          clock_text(f.seconds), "\">");
  for (const auto* finding : findings) {
    if (!finding->begin_s || !finding->end_s || !(f.seconds > 0)) continue;
    const double from = 100 * *finding->begin_s / f.seconds;
    const double to = std::max(from + 0.6, 100 * *finding->end_s / f.seconds);
    out += cat("<rect class=\"shade\" x=\"", coordinate(from), "\" y=\"0\" width=\"",
               coordinate(to - from), "\" height=\"", kHeight, "\"/>");
  }
  // The sound's level stands on its base; the mouth's line fills what is under it.
  auto sound = f.sound_line;
  for (auto& point : sound) point.first = 0;
  out += band(sound, kMiddle - 2, kMiddle - 6, "sound");
  out +=
      cat("<path class=\"base\" vector-effect=\"non-scaling-stroke\" d=\"M0 ", kMiddle, "H100\"/>");
  out += band(f.mouth_line, kHeight - 3, kHeight - kMiddle - 8, "mouth");
  return out + "</svg>";
}

/// The clips that have a card, in order.
std::vector<const Facts*> drawn(const Inspection& in) {
  auto out = by_findings(in);
  out.resize(std::min(out.size(), kMostCards));
  return out;
}

/// Where the cards of these clips are, by the clip's id.
std::map<std::string, std::string> anchors_of(const Inspection& in,
                                              const std::vector<const Facts*>& clips) {
  std::map<std::string, std::string> out;
  for (const auto* f : clips) out.emplace(f->id, cat("clip-", f - in.clips.data()));
  return out;
}

std::string fact(const char* what, const std::string& value) {
  return cat("<span>", what, " <b>", html(value), "</b></span>");
}

std::string card(const Inspection& in, const Facts& f, const std::string& anchor,
                 const std::vector<const Finding*>& findings) {
  std::string out = cat("<article class=\"card\" id=\"", anchor, "\"><h3>", html(f.id), "</h3>",
                        picture(f, findings), "<p class=\"facts\">");
  out += fact("in", splits_of(f)) + fact("lasts", clock_text(f.seconds));
  if (in.own_times)
    out += fact("rate", fixed(f.fps, 2)) + fact("missing", std::to_string(f.missing));
  out += fact("on bounds", percent(f.clipped)) + fact("jitter", percent(f.jitter));
  out += fact("silence", percent(f.silence)) + fact("closures/min", or_dash(f.closures_per_min, 0));
  out += "</p>";
  if (!findings.empty()) {
    out += "<ul>";
    for (const auto* finding : findings) out += cat("<li>", html(finding->text), "</li>");
    out += "</ul>";
  }
  return out + "</article>\n";
}

std::string cards(const Inspection& in, const std::vector<const Facts*>& clips,
                  const std::map<std::string, std::string>& anchors) {
  std::map<std::string, std::vector<const Finding*>> of_clip;
  for (const auto& f : in.findings) of_clip[f.clip].push_back(&f);
  std::string out = "<div class=\"cards\">\n";
  for (const auto* f : clips) out += card(in, *f, anchors.at(f->id), of_clip[f->id]);
  out += "</div>\n";
  if (in.clips.size() > kMostCards) {
    out += cat("<p class=\"note\">and ", in.clips.size() - kMostCards,
               " more without findings or "
               "after the first ",
               kMostCards, "; --json has all</p>\n");
  }
  return out;
}

std::string findings_html(const Inspection& in, const std::map<std::string, std::string>& anchors) {
  if (in.findings.empty()) return "<p class=\"prose\">Nothing was found.</p>";
  std::string out = "<ul class=\"findings\">\n";
  for (const auto& f : in.findings) {
    const auto weight = quality::to_string(f.weight);
    out += cat("<li class=\"", weight, "\"><span class=\"kind\">", weight, ", ", html(f.kind),
               "</span>");
    if (!f.clip.empty()) {
      const auto place = anchors.find(f.clip);
      out += place == anchors.end()
                 ? cat("<b>", html(f.clip), "</b>: ")
                 : cat("<a href=\"#", place->second, "\">", html(f.clip), "</a>: ");
    }
    out += html(f.text) + "</li>\n";
  }
  return out + "</ul>\n";
}

std::string tally(const Inspection& in) {
  std::map<quality::Weight, size_t> count;
  for (const auto& f : in.findings) ++count[f.weight];
  double missing = 0;
  for (const auto& f : in.clips) missing += static_cast<double>(f.missing);
  std::string out = "<ul class=\"tally\">";
  const auto add = [&](const std::string& value, const char* what) {
    out += cat("<li><b>", value, "</b>", what, "</li>");
  };
  add(std::to_string(count[quality::Weight::error]), "errors");
  add(std::to_string(count[quality::Weight::warning]), "warnings");
  add(std::to_string(count[quality::Weight::note]), "notes");
  add(std::to_string(in.clips.size()), "clips");
  add(clock_text(in.seconds()), "of capture");
  if (in.own_times) add(number(missing, 6), "frames missing");
  return out + "</ul>";
}

}  // namespace

void print_quality(std::ostream& out, const Inspection& in) {
  out << in.name << ": " << lead(in) << "\n";
  Table table;
  table.add_column("clip", Align::left);
  table.add_column("split", Align::left);
  for (const char* name : {"seconds", "fps", "missing", "gap s", "frozen s", "clipped", "jitter",
                           "silence", "closures/min", "asymmetry", "odd"}) {
    table.add_column(name);
  }
  size_t shown = 0;
  for (const auto* f : by_findings(in)) {
    if (shown++ == kMostRows) break;
    const std::string missing = in.own_times ? std::to_string(f->missing) : "–";
    table.add_row({printable(f->id), splits_of(*f), fixed(f->seconds, 1), fixed(f->fps, 2), missing,
                   in.own_times ? fixed(f->longest_gap_s, 2) : "–", fixed(f->frozen_s, 1),
                   percent(f->clipped), percent(f->jitter), percent(f->silence),
                   or_dash(f->closures_per_min, 0), or_dash(f->asymmetry, 2),
                   f->odd == 0 ? "–" : fixed(f->odd, 1)});
  }
  table.print(out);
  if (in.clips.size() > kMostRows) out << "… and " << in.clips.size() - kMostRows << " more\n";
  size_t told = 0;
  for (const auto& f : in.findings) {
    if (told++ == kMostFindings) break;
    out << quality::to_string(f.weight) << ": " << (f.clip.empty() ? "" : printable(f.clip) + ": ")
        << printable(f.text) << "\n";
  }
  if (in.findings.size() > kMostFindings) {
    out << "… and " << in.findings.size() - kMostFindings << " more findings; --json has all\n";
  }
}

std::string quality_html(const Inspection& in) {
  const auto clips = drawn(in);
  const auto anchors = anchors_of(in, clips);
  const std::string body = cards(in, clips, anchors);
  const std::pair<std::string_view, std::string> parts[] = {
      {"{{nonce}}", Hasher().add(body).hex()},
      {"{{title}}", html("Captures of " + in.name)},
      {"{{style}}", std::string(page_file("base.css"))},
      {"{{lead}}", html(lead(in))},
      {"{{tally}}", tally(in)},
      {"{{findings}}", findings_html(in, anchors)},
      {"{{cards}}", body},
  };
  return fill_page("quality.html", parts);
}

}  // namespace kuchi::report
