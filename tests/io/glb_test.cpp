#include "io/glb.h"

#include <string>

#include "catch.h"
#include "caught.h"
#include "io/base64.h"

using namespace kuchi;

TEST_CASE("glb: both chunks come back, padded to four bytes", "[io]") {
  for (const std::string& bytes : {std::string(), std::string("abcd"), std::string("abcde")}) {
    const auto file = io::glb_file({"{\"a\":1}", bytes});
    CHECK(file.size() % 4 == 0);
    const auto back = io::parse_glb(file, "x.glb");
    CHECK(back.json == "{\"a\":1} ");
    CHECK(back.bytes.substr(0, bytes.size()) == bytes);
    CHECK(back.bytes.size() < bytes.size() + 4);
  }
}

TEST_CASE("glb: a chunk of an unknown kind is passed over, a second BIN is not", "[io]") {
  auto file = io::glb_file({"{}", "abcd"});
  std::string more(8, '\0');
  more[4] = 'X';
  file += more;
  file[8] = static_cast<char>(file.size());
  CHECK(io::parse_glb(file, "x.glb").bytes == "abcd");
  std::string twice = io::glb_file({"{}", "abcd"});
  twice += twice.substr(24, 12);
  twice[8] = static_cast<char>(twice.size());
  CHECK(test::caught([&] { io::parse_glb(twice, "x.glb"); }).has("x.glb: chunk 2 is in the wrong"));
}

TEST_CASE("base64: back from text, and what is none is refused", "[io]") {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    std::string back;
    CHECK(io::from_base64(io::base64(text.data(), text.size()), back));
    CHECK(back == text);
  }
  std::string back;
  CHECK(io::from_base64("Zg", back));  // without padding
  CHECK(back == "f");
  for (const char* bad : {"Z", "Zh==", "Zm9v!", "=Zg=", "Zm=v"}) {
    INFO(bad);
    CHECK_FALSE(io::from_base64(bad, back));
  }
}
