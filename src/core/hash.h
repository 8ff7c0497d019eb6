// src/core/hash.h
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace kuchi {

/// XXH3-128 over everything added: names contents, guards against accidents, not attackers.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher& add(const void* data, size_t bytes);
  Hasher& add(std::string_view text);  // with its length, so that "ab","c" differs from "a","bc"
  /// 32 hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kuchi
