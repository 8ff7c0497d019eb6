#include "io/event_file.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "core/error.h"
#include "core/text.h"
#include "io/crc.h"

using namespace kuchi;
using namespace kuchi::io;

TEST_CASE("crc: the check values of the catalogues", "[io]") {
  // "123456789": CRC-32/ISO-HDLC and CRC-32/ISCSI of the CRC catalogue; Adler-32 by hand from RFC
  // 1950.
  CHECK(crc32("123456789") == 0xcbf43926);
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);  // RFC 3720, B.4
  CHECK(adler32("Wikipedia") == 0x11e60398);
}

TEST_CASE("event file: an event is framed as a TFRecord and holds what was written", "[io]") {
  const auto dir = std::filesystem::temp_directory_path() / cat("kuchi-events-", getpid());
  EventFile file(dir, /*from_step=*/12);
  file.scalar("loss", 0.5);
  file.write(20);
  std::ifstream in(file.path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::vector<int64_t> steps;
  float value = 0;
  const auto number = [&](size_t at, int count) {
    uint64_t out = 0;
    for (int i = 0; i < count; ++i)
      out |= uint64_t{static_cast<uint8_t>(bytes.at(at + i))} << 8 * i;
    return out;
  };
  size_t at = 0;
  while (at < bytes.size()) {
    const auto length = number(at, 8);
    REQUIRE(at + 16 + length <= bytes.size());
    ProtoReader event(std::string_view(bytes).substr(at + 12, length));
    while (const auto field = event.next()) {
      if (field->number == 2) steps.push_back(static_cast<int64_t>(field->value));
      if (field->number == 5) {  // summary, its value, its simple_value
        const auto one = ProtoReader(field->bytes).next();
        ProtoReader inner(one->bytes);
        while (const auto f = inner.next()) {
          if (f->number == 2) value = std::bit_cast<float>(static_cast<uint32_t>(f->value));
        }
      }
    }
    CHECK_FALSE(event.broken());
    at += 16 + length;
  }
  CHECK(steps == std::vector<int64_t>{0, 12, 20});
  CHECK(value == 0.5F);
  std::filesystem::remove_all(dir);
}

TEST_CASE("png: a stream of runs is as small as a plot is plain", "[io]") {
  Picture plain(640, 140, {{255, 255, 255}, {0, 0, 0}});
  const auto empty = png(plain);
  CHECK(empty.size() < 1000);  // 89 600 pixels
  plain.line(0, 0, 639, 139, 1);
  plain.line(-5, 1000, 9000, -3, 1);  // outside: not drawn, not written
  CHECK(plain.pixels[0] == 1);
  CHECK(plain.pixels[139 * 640 + 639] == 1);
}
