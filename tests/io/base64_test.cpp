#include "io/base64.h"

#include <string>

#include "catch.h"

using kuchi::io::base64;

TEST_CASE("base64: the examples of RFC 4648", "[io]") {
  const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) CHECK(base64(bytes.data(), bytes.size()) == text);
}

TEST_CASE("base64: bytes above 127 are no negative numbers", "[io]") {
  const unsigned char bytes[] = {0xff, 0xef, 0xbe, 0x00, 0xfb};
  CHECK(base64(bytes, sizeof bytes) == "/+++APs=");  // coreutils' base64
}
