#include "io/protobuf.h"

#include "catch.h"

using namespace kuchi::io;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int v : values) out += static_cast<char>(v);
  return out;
}

}  // namespace

// The bytes are those of the encoding guide at protobuf.dev: Test1 {a = 150} is 08 96 01, Test2
// {b = "testing"} is 12 07 74…, Test3 {c = {a = 150}} is 1a 03 08 96 01, -2 takes ten bytes.
TEST_CASE("protobuf: fields are written as the encoding guide shows them", "[io]") {
  ProtoMessage number, text, outer, negative;
  number.integer(1, 150);
  text.text(2, "testing");
  negative.integer(1, -2);
  CHECK(number.to_string() == bytes({0x08, 0x96, 0x01}));
  CHECK(text.to_string() == bytes({0x12, 0x07}) + "testing");
  CHECK(negative.to_string() ==
        bytes({0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));

  outer.message(3, std::move(number));

  CHECK(outer.to_string() == bytes({0x1a, 0x03, 0x08, 0x96, 0x01}));
  CHECK(outer.size() == 5);
}

TEST_CASE("protobuf: what is borrowed stands where it was put, at any depth", "[io]") {
  const std::vector<std::byte> large(300, std::byte{7});
  ProtoMessage inner, outer;
  inner.integer(1, 1);
  inner.borrow(9, large);
  inner.float32(2, 1.5F);
  outer.text(1, "before");
  outer.message(16, std::move(inner));
  outer.integer(2, 3);

  const auto written = outer.to_string();
  REQUIRE(written.size() == outer.size());

  ProtoReader reader(written);
  CHECK(reader.next()->bytes == "before");
  const auto message = reader.next();
  REQUIRE(message);
  CHECK(message->number == 16);
  ProtoReader inside(message->bytes);
  CHECK(inside.next()->value == 1);
  const auto raw = inside.next();
  CHECK(raw->number == 9);
  CHECK(raw->bytes == std::string(300, '\7'));
  CHECK(inside.next()->value == 0x3fc00000);  // 1.5
  CHECK(!inside.next());
  CHECK(!inside.broken());
  CHECK(reader.next()->value == 3);
  CHECK(!reader.next());
  CHECK(!reader.broken());
}

TEST_CASE("protobuf: a damaged message ends with broken()", "[io]") {
  for (const auto& damaged :
       {bytes({0x08}),                  // a key without a value
        bytes({0x08, 0x96}),            // a number cut off
        bytes({0x12, 0x07, 't', 'e'}),  // a text shorter than its length
        bytes({0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}),  // 2^64 - 1
        bytes({0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
        bytes({0x15, 0x00, 0x00}),        // four bytes wanted
        bytes({0x11, 0x00, 0x00, 0x00}),  // eight
        bytes({0x0b}), bytes({0x0f}),     // a group, and no wire type at all
        bytes({0x00, 0x00})}) {           // field 0
    ProtoReader reader(damaged);
    while (reader.next()) {
    }
    CHECK(reader.broken());
  }
}

TEST_CASE("protobuf: packed numbers", "[io]") {
  const auto packed = bytes({0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05});  // 3, 270, 86942: the guide's
  ProtoReader reader(packed);
  CHECK(reader.rest_as_numbers() == std::vector<uint64_t>{3, 270, 86942});
  CHECK(!reader.broken());
  ProtoReader cut(std::string_view(packed).substr(0, 5));
  cut.rest_as_numbers();
  CHECK(cut.broken());
}
