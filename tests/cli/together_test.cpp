// Several trainings that begin at once and want the same things of the cache.
#include <set>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("together: trainings that begin at once make the embedded set and its store once",
          "[cli][slow]") {
  const TempDir dir;
  std::vector<std::unique_ptr<Started>> trainings;
  for (const char* run : {"a", "b", "c"}) {
    auto arguments = little_training(dir / run);
    // Of a seed that no other test has made, and long enough in the making.
    for (const char* more : {"data.synth.seed=90210", "data.synth.clips=24"}) {
      arguments.emplace_back(more);
    }
    trainings.push_back(std::make_unique<Started>(arguments, fs::path{}));
  }
  std::set<std::string> hashes;
  int makers = 0;
  size_t i = 0;
  for (const char* run : {"a", "b", "c"}) {
    const auto ran = trainings[i++]->end();
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    makers += ran.err.find("making the embedded data set") != std::string::npos ? 1 : 0;
    hashes.insert(Json::parse(content(dir / run / "data.json"))["hash"].get<std::string>());
  }
  CHECK(makers == 1);
  CHECK(hashes.size() == 1);

  // What is there is read without a lock: another's cache may be read-only.
  const auto locks = [] {
    std::vector<fs::path> out;
    for (const auto& e : fs::recursive_directory_iterator(Workshop::get().cache())) {
      if (e.path().extension() == ".lock") out.push_back(e.path());
    }
    return out;
  };
  for (const auto& lock : locks()) fs::remove(lock);
  auto again = little_training(dir / "d");
  for (const char* more : {"data.synth.seed=90210", "data.synth.clips=24"}) {
    again.emplace_back(more);
  }
  must(again);
  CHECK(locks().empty());
}
