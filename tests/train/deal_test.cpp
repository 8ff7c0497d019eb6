#include "train/deal.h"

#include "catch.h"

using namespace kuchi::train;

namespace {

Batches plan_of(int64_t count) {
  Batches out;
  for (int64_t i = 0; i < count; ++i) out.push_back({{i, 0, 1}});
  return out;
}

/// The numbers of a share's batches, -1 for an empty one.
std::vector<int64_t> numbers(const Batches& share) {
  std::vector<int64_t> out;
  for (const auto& batch : share) out.push_back(batch.empty() ? -1 : batch[0].clip);
  return out;
}

}  // namespace

TEST_CASE("deal: each update takes the same batches, whatever the number of processes", "[train]") {
  using Numbers = std::vector<int64_t>;
  const auto plan = plan_of(7);
  CHECK(numbers(deal(plan, 0, 4, 0, 1)) == Numbers{0, 1, 2, 3, 4, 5, 6});
  CHECK(numbers(deal(plan, 0, 2, 0, 2)) == Numbers{0, 2, 4, 6});
  CHECK(numbers(deal(plan, 0, 2, 1, 2)) == Numbers{1, 3, 5, -1});
  // In the middle of the epoch, as a resume begins.
  CHECK(numbers(deal(plan, 4, 1, 0, 4)) == Numbers{4});
  CHECK(numbers(deal(plan, 4, 1, 3, 4)) == Numbers{-1});
}

TEST_CASE("deal: another number of processes keeps an update's batches, or cannot", "[train]") {
  CHECK(accumulation_for(4, 1) == 4);
  CHECK(accumulation_for(4, 2) == 2);
  CHECK(accumulation_for(4, 3) == 0);
  CHECK(accumulation_for(2, 4) == 0);
}
