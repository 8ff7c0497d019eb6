// Two processes' parts, as two threads: c10d does not mind, and both sides can be looked at.
#include "distributed/group.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "catch.h"
#include "core/text.h"
#include "distributed/buckets.h"

using namespace kuchi;
using namespace kuchi::distributed;

namespace {

/// Runs part(group) for each of `size` ranks at once; what one throws is thrown again.
void together(int size, const std::function<void(const Group&)>& part, double timeout_s = 20) {
  static int counter = 0;
  const auto file =
      std::filesystem::temp_directory_path() / cat("kuchi-group-", getpid(), "-", counter++);
  std::vector<std::exception_ptr> failed(static_cast<size_t>(size));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        World world;
        world.rank = world.local_rank = rank;
        world.size = world.local_size = size;
        world.meeting_file = file.string();
        const Group group(world, at::kCPU, timeout_s);
        part(group);
      } catch (...) {
        failed[static_cast<size_t>(rank)] = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::filesystem::remove(file);
  for (const auto& e : failed) {
    if (e) std::rethrow_exception(e);
  }
}

}  // namespace

TEST_CASE("group: sums, broadcasts and gathers are what each rank gave", "[distributed]") {
  std::vector<double> sums[3];
  at::Tensor held[3];
  std::vector<std::string> gathered;
  std::atomic<int> before_leader{0};
  std::atomic<bool> leader_done{false};
  together(3, [&](const Group& group) {
    const auto r = static_cast<size_t>(group.rank());
    group.leader_first("work", [&] {
      if (!group.leads() && !leader_done) ++before_leader;
      if (group.leads()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      leader_done = true;
    });
    sums[r] = {1.0 + group.rank(), 0.5};
    group.sum(sums[r]);
    held[r] = at::full({2, 2}, group.rank() + 7);
    group.broadcast({held[r]});
    const auto all = group.gather(std::string(r, 'x'));  // of unequal lengths, one empty
    if (group.leads()) gathered = all;
  });
  for (const auto& s : sums) CHECK(s == std::vector<double>{6, 1.5});
  for (const auto& t : held) CHECK(at::equal(t, at::full({2, 2}, 7)));
  CHECK(gathered == std::vector<std::string>{"", "x", "xx"});
  CHECK(before_leader == 0);
}

TEST_CASE("buckets: gradients become their sum while the backward pass goes on", "[distributed]") {
  at::Tensor grads[2][3], again[2];
  size_t early[2] = {0, 0}, count[2] = {0, 0};
  together(2, [&](const Group& group) {
    const auto r = static_cast<size_t>(group.rank());
    std::vector<at::Tensor> p = {at::ones({4}).requires_grad_(), at::ones({3}).requires_grad_(),
                                 at::ones({5}).requires_grad_()};
    GradientBuckets buckets(group, p, /*bucket_bytes=*/1);
    buckets.arm();
    // The second is used by rank 1 alone, the last by none.
    auto loss = (p[0] * (group.rank() + 1.0)).sum();
    if (group.rank() == 1) loss = loss + (p[1] * 10).sum();
    loss.backward();
    buckets.finish();
    for (size_t i = 0; i < 3; ++i) {
      if (p[i].grad().defined()) grads[r][i] = p[i].grad().clone();
    }
    count[r] = buckets.count();

    buckets.arm();  // and again: all of them, from the last, before the pass ends
    for (auto& q : p) q.mutable_grad() = at::Tensor();
    (p[0].sum() + p[1].sum() + p[2].sum()).backward();
    buckets.finish();
    again[r] = p[2].grad().clone();
    early[r] = buckets.sent_early();
  });
  for (auto& of_rank : grads) {
    CHECK(at::equal(of_rank[0], at::full({4}, 3)));
    CHECK(at::equal(of_rank[1], at::full({3}, 10)));
    CHECK_FALSE(of_rank[2].defined());
  }
  for (auto& g : again) CHECK(at::equal(g, at::full({5}, 2)));
  CHECK(count[0] == 3);
  CHECK(early[0] == 3);
}

TEST_CASE("group: who lost another says so in time, and whom to look at", "[distributed]") {
  std::string text;
  try {
    together(
        2,
        [](const Group& group) {
          std::vector<double> values = {1};
          group.sum(values);
          if (group.rank() == 0) group.sum(values);  // the other has gone
        },
        /*timeout_s=*/2);
  } catch (const LostProcess& e) {
    text = e.what();
    CHECK(e.code() == Exit::environment);
  }
  CHECK(text.find("process 0 of 2 lost the others") == 0);
}
