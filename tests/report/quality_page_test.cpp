// The page of a set's quality control, as text. More of it is in tests/quality.
#include "report/quality_page.h"

#include <regex>
#include <set>

#include "catch.h"
#include "core/text.h"

namespace kuchi::report {
namespace {

std::set<std::string> all_of(const std::string& page, const std::string& pattern) {
  const std::regex regex(pattern);
  std::set<std::string> out;
  for (std::sregex_iterator it(page.begin(), page.end(), regex), end; it != end; ++it) {
    out.insert((*it)[1]);
  }
  return out;
}

}  // namespace

TEST_CASE("quality's page: findings lead to the cards that are drawn", "[report]") {
  quality::Inspection in;
  in.name = "many";
  in.rig = curves::load_rig("arkit-mouth");
  for (int i = 0; i < 450; ++i) {
    quality::Facts facts;
    facts.id = cat("clip", i);
    facts.seconds = 1;
    facts.curves.resize(static_cast<size_t>(in.rig.size()));
    in.clips.push_back(facts);
    // The first ten are in order, and come last.
    if (i >= 10) in.findings.push_back({"jitter", quality::Weight::note, facts.id, "trembles"});
  }
  in.findings.push_back({"skipped", quality::Weight::error, "unreadable", "cannot be read"});

  const auto page = quality_html(in);
  const auto cards = all_of(page, "<article class=\"card\" id=\"([^\"]*)\"");
  CHECK(cards.size() == 400);
  CHECK(all_of(page, "<a href=\"#([^\"]*)\"") == cards);
  CHECK(page.find("<b>clip449</b>: trembles") != std::string::npos);
  CHECK(page.find("<b>unreadable</b>: cannot be read") != std::string::npos);
  CHECK(page.find(">clip10</a>: trembles") != std::string::npos);
}

}  // namespace kuchi::report
