// src/models/head_list.h
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/head.h"

namespace kuchi::models {

/// Kinds of heads that come from outside Kuchi, in the order in which they were added.
class HeadList {
 public:
  using Maker = std::function<std::unique_ptr<HeadKind>()>;

  /// Kind: a HeadKind that is made without arguments. Every configuration gets one of its own,
  /// with options at their defaults.
  template <typename Kind>
  void add() {
    makers_.push_back([] { return std::make_unique<Kind>(); });
  }
  const std::vector<Maker>& makers() const { return makers_; }

 private:
  std::vector<Maker> makers_;
};

/// From now on all_heads() has these too; `origin` (the plug-in's file) is where they come from,
/// for messages and for runs to remember. Before any configuration is made, in one thread.
/// UserError (config), and nothing added, for a name that is taken or cannot be written as a key.
void register_heads(const HeadList& heads, const std::string& origin);

/// What was registered: each name, and where it comes from.
struct RegisteredHead {
  std::string name, origin;
};
std::vector<RegisteredHead> registered_heads();
/// One of each, for all_heads().
std::vector<std::unique_ptr<HeadKind>> registered_kinds();

}  // namespace kuchi::models
