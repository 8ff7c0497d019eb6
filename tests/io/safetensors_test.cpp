#include "io/safetensors.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "core/error.h"
#include "core/text.h"

using namespace kuchi;
using namespace kuchi::io;

namespace {

namespace fs = std::filesystem;

struct TempFile {
  fs::path path = fs::temp_directory_path() / cat("kuchi-safetensors-", getpid());
  ~TempFile() {
    std::error_code ec;
    fs::remove(path, ec);
  }
};

std::string le64(uint64_t n) {
  std::string out(8, '\0');
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(n >> (8 * i) & 255);
  return out;
}

/// A file as anybody may write it: length, header, data.
void write_raw(const fs::path& file, const std::string& header, const std::string& data) {
  std::ofstream(file, std::ios::binary) << le64(header.size()) << header << data;
}

/// What read_safetensors says of this file; "" if it reads.
std::string mistake(const fs::path& file) {
  try {
    read_safetensors(file);
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::data);
    CHECK(std::string(e.what()).find(file.string()) == 0);
    return e.what();
  }
  return "";
}

std::string mistake(const std::string& header, const std::string& data) {
  const TempFile file;
  write_raw(file.path, header, data);
  return mistake(file.path);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::span<const std::byte> bytes(const std::vector<float>& v) {
  return std::as_bytes(std::span(v));
}

std::string read_all(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("safetensors: what is written is read back, with its order and metadata", "[io]") {
  const TempFile file;
  const std::vector<float> a = {1, 2, 3, 4, 5, 6}, scalar = {7};
  write_safetensors(file.path,
                    {{"z", "F32", {2, 3}, bytes(a)},
                     {"empty", "F32", {0, 4}, {}},
                     {"a", "F32", {}, bytes(scalar)}},
                    {{"who", "me \"quoted\" 口"}});
  const auto back = read_safetensors(file.path);
  REQUIRE(back.tensors.size() == 3);
  CHECK(back.metadata == std::map<std::string, std::string>{{"who", "me \"quoted\" 口"}});
  REQUIRE(back.find("z") != nullptr);
  CHECK(back.find("z")->shape == std::vector<int64_t>{2, 3});
  CHECK(back.find("z")->dtype == "F32");
  CHECK(std::memcmp(back.find("z")->bytes.data(), a.data(), 24) == 0);
  REQUIRE(back.find("a") != nullptr);
  CHECK(back.find("a")->shape.empty());
  CHECK(back.find("a")->bytes.size() == 4);
  REQUIRE(back.find("empty") != nullptr);
  CHECK(back.find("empty")->bytes.empty());
  CHECK(back.find("b") == nullptr);
  CHECK(back.tensors[0].name == "z");
}

TEST_CASE("safetensors: the same tensors give the same bytes, data at a multiple of 8", "[io]") {
  const TempFile file;
  const std::vector<float> a = {1, 2};
  std::string first;
  for (int i = 0; i < 2; ++i) {
    write_safetensors(file.path, {{"a", "F32", {2}, bytes(a)}}, {{"b", "1"}, {"a", "2"}});
    if (i == 0) first = read_all(file.path);
  }
  CHECK(read_all(file.path) == first);
  uint64_t header = 0;
  std::memcpy(&header, first.data(), 8);
  CHECK(header % 8 == 0);
  CHECK(first.size() == 8 + header + 8);
}

TEST_CASE("safetensors: no tensors at all is a file too", "[io]") {
  const TempFile file;
  write_safetensors(file.path, {}, {});
  CHECK(read_safetensors(file.path).tensors.empty());
  CHECK(mistake("{}", "").empty());
}

TEST_CASE("safetensors: files by other hands are read", "[io]") {
  // Data in another order than the header, spaces before the data.
  const TempFile file;
  write_raw(file.path,
            R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},)"
            R"("a":{"dtype":"I16","shape":[2,1],"data_offsets":[0,4]}}   )",
            "aaaabb");
  const auto back = read_safetensors(file.path);
  REQUIRE(back.tensors.size() == 2);
  CHECK(back.tensors[0].name == "a");
  CHECK(static_cast<char>(back.find("b")->bytes[1]) == 'b');
}

TEST_CASE("safetensors: whatever is cut off is told, and never read as whole", "[io]") {
  const TempFile file;
  const std::vector<float> a(40, 1);
  write_safetensors(file.path,
                    {{"first", "F32", {10}, bytes({a.begin(), a.begin() + 10})},
                     {"last.weight", "F32", {40}, bytes(a)}},
                    {});
  const std::string whole = read_all(file.path);
  for (size_t size = 0; size < whole.size(); size += size < 16 ? 1 : 7) {
    std::ofstream(file.path, std::ios::binary) << whole.substr(0, size);
    INFO("cut to " << size << " of " << whole.size());
    CHECK_FALSE(mistake(file.path).empty());
  }
  std::ofstream(file.path, std::ios::binary) << whole.substr(0, whole.size() - 1);
  CHECK(has(mistake(file.path), "\"last.weight\""));
  std::ofstream(file.path, std::ios::binary) << whole << "x";
  CHECK(has(mistake(file.path), "left over"));
}

TEST_CASE("safetensors: a header that lies is refused, and the tensor named", "[io]") {
  const auto one = [](const std::string& shape, const std::string& offsets,
                      const std::string& type = "F32") {
    return "{\"w\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + offsets + "}}";
  };
  const std::string data(8, 'x');
  CHECK(mistake(one("[2]", "[0,8]"), data).empty());
  for (const auto& header : {
           one("[3]", "[0,8]"),                                  // shape and bytes disagree
           one("[2]", "[0,16]"),                                 // beyond the end
           one("[2]", "[8,0]"),                                  // backwards
           one("[2]", "[0]"),                                    // half a place
           one("[2]", "[-8,0]"), one("[-2]", "[0,8]"),           // negative
           one("[9223372036854775807]", "[0,8]"),                // huge
           one("[4294967296,4294967296]", "[0,8]"),              // wraps to 0
           one("[2305843009213693954]", "[0,8]"),                // wraps to 8
           one("[2]", "[0,18446744073709551615]"),               // huge offset
           one("[2]", "[18446744073709551608,0]"),               // wraps
           one("[2]", "[0,8]", "F33"), one("[2]", "[0,8]", ""),  // unknown type
           one("[1]", "[4,8]"), one("[1]", "[0,4]"),             // gap before, bytes after
       }) {
    INFO(header);
    const auto text = mistake(header, data);
    CHECK_FALSE(text.empty());
    CHECK((has(text, "\"w\"") || has(text, "left over")));
  }
}

TEST_CASE("safetensors: sizes are whole numbers, or the file is refused", "[io]") {
  const std::string data(8, 'x');
  for (const auto* header : {
           R"({"w":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})",
           R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0.5,8]}})",
           R"({"w":{"dtype":"F32","shape":[1e300],"data_offsets":[0,8]}})",
           R"({"w":{"dtype":"F32","shape":[true,2],"data_offsets":[0,8]}})",
           R"({"w":{"dtype":"F32","shape":"2","data_offsets":[0,8]}})",
           R"({"w":{"dtype":"F32","shape":{"a":2},"data_offsets":[0,8]}})",
       }) {
    INFO(header);
    CHECK_FALSE(mistake(header, data).empty());
  }
}

TEST_CASE("safetensors: an empty tensor may not hide an impossible shape", "[io]") {
  CHECK(mistake(R"({"w":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}})", "").empty());
  for (const auto* shape : {"[0,4611686018427387904,4611686018427387904]",
                            "[4611686018427387904,4611686018427387904,0]"}) {
    INFO(shape);
    CHECK(has(
        mistake(cat(R"({"w":{"dtype":"F32","shape":)", shape, R"(,"data_offsets":[0,0]}})"), ""),
        "\"w\""));
  }
}

TEST_CASE("safetensors: overlaps and gaps are refused", "[io]") {
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
  };
  CHECK(mistake(two("[0,4]", "[4,8]"), std::string(8, 'x')).empty());
  CHECK(has(mistake(two("[0,4]", "[2,6]"), std::string(8, 'x')), "\"b\""));
  CHECK(has(mistake(two("[0,4]", "[0,4]"), std::string(4, 'x')), "overlaps"));
  CHECK(has(mistake(two("[0,4]", "[6,10]"), std::string(10, 'x')), "gap"));
}

TEST_CASE("safetensors: what is no header is refused", "[io]") {
  for (const auto* header :
       {"", "{", "null", "5", "\"text\"", "[]", "[1,2]", "{\"w\":5}", "{\"w\":{}}", "{\"w\":null}",
        "{\"__metadata__\":5}", "{\"__metadata__\":{\"a\":5}}", "\xff\xfe{}"}) {
    INFO(header);
    CHECK_FALSE(mistake(header, "").empty());
  }
  CHECK_FALSE(mistake(std::string(200000, '['), "").empty());
  const TempFile file;
  for (const uint64_t size : {uint64_t{9}, uint64_t{1} << 40, ~uint64_t{0}, ~uint64_t{0} - 7}) {
    std::ofstream(file.path, std::ios::binary) << le64(size) << "{}";
    INFO("header length " << size);
    CHECK(has(mistake(file.path), "longer than the file"));
  }
  CHECK_FALSE(mistake(fs::path("/no/such/file.safetensors")).empty());
  CHECK_FALSE(mistake(fs::temp_directory_path()).empty());
}

TEST_CASE("safetensors: one name twice is refused", "[io]") {
  CHECK_FALSE(mistake(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("w":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}})",
                      "xxxx")
                  .empty());
}
