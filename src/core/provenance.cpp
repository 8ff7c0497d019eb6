#include "core/provenance.h"

namespace kuchi {

std::vector<std::pair<std::string, std::string>> fields(const Provenance& p) {
  return {{"data", p.data},
          {"licence", p.licence},
          {"consent", p.consent},
          {"permitted_use", p.permitted_use},
          {"synthetic_mark", p.synthetic_mark}};
}

}  // namespace kuchi
