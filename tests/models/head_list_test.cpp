#include "models/head_list.h"

#include "../caught.h"
#include "catch.h"
#include "models/mean.h"
#include "models/plugins.h"

using namespace kuchi;
using namespace kuchi::models;
using namespace kuchi::test;

namespace {

template <int which>
struct OddlyNamed : MeanKind {
  std::string name() const override {
    return std::vector<std::string>{"tcn", "head", "Own", "1st", "a.b", ""}[which];
  }
};

}  // namespace

TEST_CASE("head list: names that are taken or no keys are refused, and nothing is added",
          "[models]") {
  const auto kinds = all_heads().size();
  const auto refused = [](auto add) {
    HeadList list;
    add(list);
    return caught([&] { register_heads(list, "own.so"); });
  };
  const auto taken = refused([](HeadList& list) { list.add<OddlyNamed<0>>(); });
  CHECK(taken.code == 2);
  CHECK(taken.has("own.so: its head is named \"tcn\", and another is already"));
  CHECK(refused([](HeadList& list) { list.add<OddlyNamed<1>>(); }).code == 2);
  for (const auto& caught : {refused([](HeadList& list) { list.add<OddlyNamed<2>>(); }),
                             refused([](HeadList& list) { list.add<OddlyNamed<3>>(); }),
                             refused([](HeadList& list) { list.add<OddlyNamed<4>>(); }),
                             refused([](HeadList& list) { list.add<OddlyNamed<5>>(); })}) {
    CHECK(caught.code == 2);
    CHECK(caught.has("small letters"));
  }
  CHECK(all_heads().size() == kinds);
  CHECK(registered_heads().empty());
}

TEST_CASE("plug-ins: a file that is none is refused before it is loaded", "[models]") {
  CHECK(caught([] { load_plugin("/no/such/file.so"); }).code == 3);
  const auto none = caught([] { load_plugin(KUCHI_SOURCE_DIR "/LICENSE"); });
  CHECK(none.code == 5);
  CHECK(none.has("is no plug-in of Kuchi's"));
}
