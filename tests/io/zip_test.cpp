#include "io/zip.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "core/error.h"
#include "core/text.h"
#include "torch_writer.h"

using namespace kuchi;
using namespace kuchi::io;
using namespace kuchi::test;

namespace {

namespace fs = std::filesystem;

struct TempFile {
  fs::path path = fs::temp_directory_path() / cat("kuchi-zip-", getpid());
  explicit TempFile(const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  ~TempFile() {
    std::error_code ec;
    fs::remove(path, ec);
  }
};

std::string mistake(const std::string& content) {
  const TempFile file(content);
  try {
    read_zip(InputFile(file.path));
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::data);
    return e.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// `whole` with the bytes at `at` replaced.
std::string with(std::string whole, size_t at, const std::string& bytes) {
  return whole.replace(at, bytes.size(), bytes);
}

const ZipContents kTwo = {{"m/a", "alpha"}, {"m/b", "beta beta"}};

}  // namespace

TEST_CASE("zip: entries are found where their bytes lie, in 32 and in 64 bits", "[io]") {
  for (const bool zip64 : {false, true}) {
    const TempFile temp(stored_zip(kTwo, zip64));
    const InputFile file(temp.path);
    const auto entries = read_zip(file);
    REQUIRE(entries.size() == 2);
    for (size_t i = 0; i < 2; ++i) {
      CHECK(entries[i].name == kTwo[i].first);
      CHECK(file.text(entries[i].offset, entries[i].bytes) == kTwo[i].second);
    }
  }
}

TEST_CASE("zip: an empty one, and one with a comment, are zips", "[io]") {
  CHECK(mistake(stored_zip({})).empty());
  auto commented = stored_zip(kTwo) + "said PK\x05\x06";
  commented = with(commented, commented.size() - 11, little(9, 2));
  CHECK(mistake(commented).empty());
}

TEST_CASE("zip: cut anywhere it is refused", "[io]") {
  for (const bool zip64 : {false, true}) {
    const auto whole = stored_zip(kTwo, zip64);
    for (size_t size = 0; size < whole.size(); ++size) {
      INFO("cut to " << size << " of " << whole.size());
      CHECK_FALSE(mistake(whole.substr(0, size)).empty());
    }
  }
}

TEST_CASE("zip: any one byte changed is read or refused, never worse", "[io]") {
  for (const bool zip64 : {false, true}) {
    const auto whole = stored_zip(kTwo, zip64);
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const char c : {'\0', '\x01', '\x7f', '\xff'}) {
        const TempFile temp(with(whole, at, std::string(1, c)));
        const InputFile file(temp.path);
        try {
          for (const auto& entry : read_zip(file)) {
            CHECK(entry.offset + entry.bytes <= file.size());
          }
        } catch (const UserError& e) {
          CHECK(e.code() == Exit::data);
        }
      }
    }
  }
}

TEST_CASE("zip: what lies is refused, and said how", "[io]") {
  const auto whole = stored_zip(kTwo);
  const auto list = whole.find("PK\x01\x02");
  const auto second = whole.find("PK\x01\x02", list + 1);
  CHECK(has(mistake(with(whole, list + 10, little(8, 2))), "\"m/a\" is compressed"));
  CHECK(has(mistake(with(whole, list + 8, little(1, 2))), "encrypted"));
  CHECK(has(mistake(with(whole, list + 24, little(4, 4))), "two sizes"));
  const auto huge = little(0x7fffffff, 4) + little(0x7fffffff, 4);
  CHECK(has(mistake(with(whole, list + 20, huge)), "outside the file"));
  CHECK(has(mistake(with(whole, second + 42, little(0, 4))), "two names"));
  CHECK(has(mistake(with(whole, second + 42, little(1, 4))), "no header"));
  CHECK(has(mistake(with(whole, second + 42, little(0x7fffffff, 4))), "outside the file"));
  CHECK(has(mistake(stored_zip({{"x", "1"}, {"x", "2"}})), "twice"));
  CHECK(has(mistake("not a zip at all, but long enough to be one"), "no end record"));
  // The first entry made so long that it holds the second.
  CHECK(has(mistake(with(whole, list + 20, little(20, 4) + little(20, 4))), "overlap"));
  // More entries than the list can hold, or a list longer than the file.
  const auto end = whole.size() - 22;
  CHECK(has(mistake(with(whole, end + 10, little(60000, 2))), "impossible length"));
  CHECK(has(mistake(with(whole, end + 12, little(0x7fffffff, 4))), "outside the file"));
  CHECK(has(mistake(with(whole, end + 12, little(kTwo.size() * 40, 4))), "impossible length"));
}

TEST_CASE("zip: 64-bit sizes may not wrap around", "[io]") {
  const auto whole = stored_zip(kTwo, true);
  const auto extra = whole.find("m/a", whole.find("PK\x01\x02")) + 3 + 4;
  for (const uint64_t n : {~uint64_t{0}, ~uint64_t{0} - 40, uint64_t{1} << 40, uint64_t{1} << 63}) {
    INFO(n);
    CHECK(has(mistake(with(whole, extra, little(n, 8) + little(n, 8))), "outside the file"));
    CHECK(has(mistake(with(whole, extra + 16, little(n, 8))), "outside the file"));
    const auto end64 = whole.find("PK\x06\x06");
    CHECK_FALSE(mistake(with(whole, end64 + 32, little(n, 8))).empty());
    CHECK_FALSE(mistake(with(whole, end64 + 40, little(n, 8))).empty());
    CHECK_FALSE(mistake(with(whole, end64 + 48, little(n, 8))).empty());
    CHECK_FALSE(mistake(with(whole, whole.find("PK\x06\x07") + 8, little(n, 8))).empty());
  }
}

TEST_CASE("input file: reads stay inside, and only regular files are read", "[io]") {
  const TempFile temp("0123456789");
  const InputFile file(temp.path);
  CHECK(file.size() == 10);
  CHECK(file.text(3, 4) == "3456");
  CHECK(file.text(10, 0).empty());
  CHECK_THROWS_AS(file.text(3, 8), UserError);
  CHECK_THROWS_AS(file.text(11, 0), UserError);
  CHECK_THROWS_AS(file.text(0, uint64_t{1} << 50), UserError);
  CHECK_THROWS_AS(file.text(~uint64_t{0}, 2), UserError);
  CHECK_THROWS_AS(InputFile(fs::temp_directory_path()), UserError);
  CHECK_THROWS_AS(InputFile("/dev/null"), UserError);
  CHECK_THROWS_AS(InputFile("/no/such/file"), UserError);
}
