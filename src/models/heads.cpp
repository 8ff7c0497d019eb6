#include <stdexcept>

#include "models/bilstm.h"
#include "models/head.h"
#include "models/head_list.h"
#include "models/hybrid.h"
#include "models/linear.h"
#include "models/lstm_head.h"
#include "models/mean.h"
#include "models/tcn.h"
#include "models/transformer.h"
#include "models/wav2vec2.h"

namespace kuchi::models {

std::vector<std::unique_ptr<HeadKind>> all_heads() {
  std::vector<std::unique_ptr<HeadKind>> list;
  list.push_back(std::make_unique<MeanKind>());
  list.push_back(std::make_unique<LinearKind>());
  list.push_back(std::make_unique<TcnKind>());
  list.push_back(std::make_unique<BilstmKind>());
  list.push_back(std::make_unique<LstmKind>());
  list.push_back(std::make_unique<TransformerKind>());
  list.push_back(std::make_unique<HybridKind>());
  for (auto& kind : registered_kinds()) list.push_back(std::move(kind));
  list.push_back(std::make_unique<Wav2vec2Kind>(list));  // last: others may stand on it
  return list;
}

const HeadKind& Options::chosen() const {
  for (const auto& kind : kinds) {
    if (kind->name() == head) return *kind;
  }
  throw std::logic_error("model.head passed its check but is in no list");
}

void describe(config::Section section, Options& options) {
  std::vector<std::string> names;
  for (const auto& kind : options.kinds) names.push_back(kind->name());
  section.add("head", options.head)
      .choices(names)
      .help("which head; its options stand below; more heads come with --plugin");
  for (const auto& kind : options.kinds) {
    auto own = section.section(kind->name());
    own.about(kind->about());
    kind->describe(own);
  }
  describe(section.section("condition"), options.condition);
}

}  // namespace kuchi::models
