#include "models/head_list.h"

#include <algorithm>

#include "core/text.h"

namespace kuchi::models {
namespace {

struct Registered {
  HeadList::Maker make;
  RegisteredHead what;
};

std::vector<Registered>& registry() {
  static std::vector<Registered> list;
  return list;
}

/// A name is a key of the configuration, and a value of model.head.
void check_name(const std::string& name, const std::vector<std::string>& taken,
                const std::string& origin) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool spelled =
      !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
      std::all_of(name.begin(), name.end(), [&](char c) { return c == '_' || good(c); });
  if (!spelled) {
    throw UserError(Exit::config, cat(origin, ": its head is named \"", printable(name),
                                      "\"; a name has small letters, digits and _, and begins "
                                      "with a letter"));
  }
  if (std::find(taken.begin(), taken.end(), name) != taken.end()) {
    throw UserError(Exit::config, cat(origin, ": its head is named \"", name,
                                      "\", and another is already; give it a name of its own"));
  }
}

}  // namespace

void register_heads(const HeadList& heads, const std::string& origin) {
  std::vector<std::string> taken = {"head", "condition",
                                    "light"};  // keys of the section; of wav2vec2
  for (const auto& kind : all_heads()) taken.push_back(kind->name());
  std::vector<Registered> more;
  for (const auto& make : heads.makers()) {
    const auto name = make()->name();
    check_name(name, taken, origin);
    taken.push_back(name);
    more.push_back({make, {name, origin}});
  }
  registry().insert(registry().end(), more.begin(), more.end());
}

std::vector<RegisteredHead> registered_heads() {
  std::vector<RegisteredHead> out;
  for (const auto& one : registry()) out.push_back(one.what);
  return out;
}

std::vector<std::unique_ptr<HeadKind>> registered_kinds() {
  std::vector<std::unique_ptr<HeadKind>> out;
  for (const auto& one : registry()) out.push_back(one.make());
  return out;
}

}  // namespace kuchi::models
