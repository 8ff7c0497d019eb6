#include "augment/changes.h"

namespace kuchi::augment {

const std::vector<Change>& changes() {
  static const std::vector<Change> all = {
      speed(), pitch(),      mirror(),     silence(), muted(),
      room(),  background(), microphone(), level(),   shift(),
  };
  return all;
}

}  // namespace kuchi::augment
