#include "core/hash.h"

#include <vector>

#include "catch.h"

using kuchi::Hasher;

// Expected values: Python's xxhash 4.1.0 (xxHash 0.8.4), xxh3_128().hexdigest(); a text is its
// length as a little-endian uint64, then its bytes.
TEST_CASE("hash: XXH3-128, the same as elsewhere", "[core]") {
  std::vector<unsigned char> bytes(5000);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i % 251);

  CHECK(Hasher().hex() == "99aa06d3014798d86001c324468d497f");
  CHECK(Hasher().add("abc", size_t{3}).hex() == "06b05ab6733a618578af5f94892f3950");
  CHECK(Hasher().add("ab").add("c").hex() == "f2eda2708bcfd51cc05c0ee4c9f60440");
  CHECK(Hasher().add(bytes.data(), bytes.size()).hex() == "b92ec02c39d33ce7b418500fc42320ee");
}

TEST_CASE("hash: bytes may come in pieces, texts keep their borders", "[core]") {
  std::vector<unsigned char> bytes(5000, 7);
  Hasher pieces;
  for (size_t at = 0; at < bytes.size(); at += 125) pieces.add(bytes.data() + at, 125);
  CHECK(pieces.hex() == Hasher().add(bytes.data(), bytes.size()).hex());
  CHECK(Hasher().add("ab").add("c").hex() != Hasher().add("a").add("bc").hex());
  CHECK(Hasher().add("").hex() != Hasher().hex());
}

TEST_CASE("hash: asking for the digits does not end it", "[core]") {
  Hasher h;
  h.add("a");
  const auto first = h.hex();
  CHECK(h.hex() == first);
  h.add("b");
  CHECK(h.hex() == Hasher().add("a").add("b").hex());
}
