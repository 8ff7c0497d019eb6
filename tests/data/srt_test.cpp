#include "data/srt.h"

#include "catch.h"

using namespace kuchi::data;

TEST_CASE("srt: a tier of phones, pauses left out", "[data]") {
  Tier tier;
  tier.name = "phones";
  tier.intervals = {
      {"", 0, 0.5}, {"HH", 0.5, 0.58}, {"AH0\n", 0.58, 1}, {"a\nb", 3599.9996, 3661.25}};
  CHECK(to_srt(tier) ==
        "1\n00:00:00,500 --> 00:00:00,580\nHH\n\n"
        "2\n00:00:00,580 --> 00:00:01,000\nAH0\n\n"
        "3\n01:00:00,000 --> 01:01:01,250\na b\n\n");
  tier.points = true;
  CHECK(to_srt(tier).empty());
}
