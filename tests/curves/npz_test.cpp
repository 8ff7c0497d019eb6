// NPZ against what NumPy wrote (tests/golden/make_npz.py), and archives that are broken.
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "audio/test_files.h"
#include "catch.h"
#include "caught.h"
#include "curves/track.h"
#include "data/fixture.h"
#include "io/inflate.h"
#include "io/npy.h"
#include "io/zip.h"

using namespace kuchi;
using namespace kuchi::curves;
using test::caught;
using test_files::golden;

namespace {

/// [4, 3]: (k - 4) / 16.
void check_grid(const Track& track) {
  REQUIRE(track.values.rows == 4);
  REQUIRE(track.values.cols == 3);
  for (int64_t k = 0; k < 12; ++k) {
    CHECK(track.values.data[static_cast<size_t>(k)] == static_cast<float>(k - 4) / 16);
  }
}

}  // namespace

TEST_CASE("npz: stored and deflated, names and times inside", "[curves]") {
  const auto stored = read_track(golden("npz/stored.npz"));
  CHECK(stored.format == "npz");
  CHECK(stored.names == std::vector<std::string>{"jawOpen", "mouthClose", "ō_left"});
  CHECK(stored.fps == Approx(25));
  check_grid(stored);
  const auto deflated = read_track(golden("npz/deflated.npz"));
  CHECK(deflated.fps == Approx(50));
  CHECK(deflated.names == stored.names);
  check_grid(deflated);
  const auto bytes = read_track(golden("npz/bytes_names.npz"));  // Fortran order, names as bytes
  CHECK(bytes.names == stored.names);
  CHECK(bytes.fps == Approx(30));
  check_grid(bytes);
}

TEST_CASE("npz: names from a file, and of arrays without any", "[curves]") {
  const test::TempDir dir;
  ReadOptions options;
  CHECK(caught([&] { read_track(golden("npz/bare.npz"), options); }).has("no names of curves"));
  options.names_file = dir / "names.txt";
  test::write(options.names_file, "a\nb\nc\n");
  CHECK(caught([&] { read_track(golden("npz/bare.npz"), options); }).has("fps"));
  options.fps = 10;
  check_grid(read_track(golden("npz/bare.npz"), options));
  test::write(options.names_file, "\xEF\xBB\xBFx\nb\nc\n");  // as Windows' editors save UTF-8
  CHECK(read_track(golden("npz/bare.npz"), options).names.front() == "x");
  test::write(options.names_file, "a\n\nb\na\n");
  CHECK(caught([&] {
          read_track(golden("npz/bare.npz"), options);
        }).has("names.txt:4:1: name \"a\" is there twice"));
  test::write(options.names_file, "a\nb\n");
  CHECK(caught([&] {
          read_track(golden("npz/bare.npz"), options);
        }).has("no array of it has 2 columns"));

  const auto beat2 = read_track(golden("npz/beat2.npz"));
  CHECK(beat2.values.rows == 60);
  CHECK(beat2.values.cols == 268);  // poses, expressions, trans: all that have a row a frame
  CHECK(beat2.fps == Approx(30));
  const auto at = std::find(beat2.names.begin(), beat2.names.end(), "poses_066");
  REQUIRE(at != beat2.names.end());
  CHECK(beat2.values(5, at - beat2.names.begin()) == Approx(0.2).margin(1e-6));  // sin(pi)
  const auto expression = std::find(beat2.names.begin(), beat2.names.end(), "expressions_099");
  REQUIRE(expression != beat2.names.end());
}

TEST_CASE("names: an array of texts will do, as FACEGOOD's repository has them", "[curves]") {
  const test::TempDir dir;
  ReadOptions options;
  options.fps = 10;
  options.names_file = dir / "names.npy";
  const int64_t three[] = {3}, square[] = {1, 3};
  const std::vector<std::string> names = {"a", "ō_left", " b"};
  test::write(options.names_file, io::npy_bytes(three, names));
  CHECK(read_track(golden("npz/bare.npz"), options).names ==
        std::vector<std::string>{"a", "ō_left", "b"});
  test::write(options.names_file, io::npy_bytes(square, names));
  CHECK(caught([&] {
          read_track(golden("npz/bare.npz"), options);
        }).has("names.npy: is an array, but no list of texts"));
  test::write(options.names_file, io::npy_bytes(three, std::vector<float>{1, 2, 3}));
  CHECK(caught([&] { read_track(golden("npz/bare.npz"), options); }).has("no list of texts"));
  test::write(options.names_file, io::npy_bytes(three, std::vector<std::string>{"a", "b", "a"}));
  CHECK(caught([&] { read_track(golden("npz/bare.npz"), options); }).has("\"a\" is there twice"));
}

TEST_CASE("npz: what is written comes back to the bit, times and provenance too", "[curves]") {
  const test::TempDir dir;
  const auto rig = parse_rig("name: r\ncurves: [jawOpen, ō_left, 口, 👄]\n", "r");
  Stream draw(4, "test.npz");
  Matrix values(77, 4);
  for (auto& v : values.data) v = static_cast<float>(draw.uniform(-3, 3));
  values(0, 0) = 1e-42f, values(1, 0) = -0.0f, values(2, 0) = 3.4e38f;
  WriteOptions options;
  options.fps = 29.97;
  options.provenance = {"set", "CC0", "\"signed\"\nby all", "研究", "marked"};
  write_track(dir / "a.npz", "npz", rig, values, options);
  const auto track = read_track(dir / "a.npz");
  CHECK(track.format == "npz");
  CHECK(track.names == rig.names());
  CHECK(track.provenance == options.provenance);
  REQUIRE(track.values.rows == 77);
  CHECK(std::memcmp(track.values.data.data(), values.data.data(), 4 * values.data.size()) == 0);
  for (size_t t = 0; t < 77; ++t) CHECK(track.times_s[t] == static_cast<double>(t) / 29.97);
  write_track(dir / "b.npz", "npz", rig, values, options);
  CHECK(io::read_text(dir / "a.npz") == io::read_text(dir / "b.npz"));
  CHECK(caught([&] { write_track(dir / "b.npz", "npz", rig, values, options); }).has("--force"));
  options.provenance = {};
  write_track(dir / "c.npz", "npz", rig, values, options);
  CHECK(read_track(dir / "c.npz").provenance == Provenance{});
}

TEST_CASE("npz: NumPy opens what is written", "[curves]") {
  const char* set = std::getenv("KUCHI_TEST_PYTHON");
  const std::string python = set != nullptr ? set : KUCHI_SOURCE_DIR "/build/venv-tests/bin/python";
  if (!std::filesystem::exists(python)) {
    WARN("skipped: no Python of the tests; scripts/setup.sh --test-tools");
    return;
  }
  const test::TempDir dir;
  const auto rig = parse_rig("name: r\ncurves: [jawOpen, ō_left, 口]\n", "r");
  Matrix values(5, 3);
  for (size_t i = 0; i < 15; ++i) values.data[i] = static_cast<float>(i) / 7;
  WriteOptions options;
  options.fps = 59.94;
  options.provenance.consent = "研究";
  write_track(dir / "a.npz", "npz", rig, values, options);
  const std::string command =
      cat(python, " ", KUCHI_SOURCE_DIR, "/tests/curves/read_npz.py ", (dir / "a.npz").string());
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("npz: deflate in its three ways gives NumPy's bytes", "[io]") {
  const io::InputFile file(golden("npz/kinds.npz"));
  const auto entries = io::read_zip(file, io::ZipMay::deflate_too);
  REQUIRE(entries.size() == 3);
  for (const auto& entry : entries) {
    CHECK(entry.deflated);
    const auto bytes = io::zip_entry(file, entry);  // compares the check sum that zip wrote
    CHECK(bytes.size() == entry.bytes);
    CHECK(io::npy_header_of(bytes, file.path()).values > 50000);
  }
  CHECK(caught([&] { io::read_zip(file); }).has("is compressed"));
  CHECK(caught([&] { io::zip_entry(file, entries[0], 1000); }).has("promises"));
}

TEST_CASE("npz: what is cut or changed is refused in one sentence", "[curves]") {
  const test::TempDir dir;
  for (const char* name : {"deflated.npz", "stored.npz"}) {
    const std::string whole = io::read_text(golden(cat("npz/", name)));
    for (size_t i = 0; i < whole.size(); i += 3) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ 0x55);
      test::write(dir / "x.npz", changed);
      try {
        read_track(dir / "x.npz", {});
      } catch (const UserError& error) {
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
      }
      test::write(dir / "x.npz", whole.substr(0, i));
      if (i > 4) CHECK(caught([&] { read_track(dir / "x.npz"); }).code == 3);
    }
  }
  // a stream that promises more than it holds, and garbage
  CHECK_FALSE(io::inflate("\x03\x00", 1));
  CHECK(io::inflate(std::string("\x03\x00", 2), 0) == "");
  Stream draw(3, "test.inflate");
  for (int i = 0; i < 2000; ++i) {
    std::string noise;
    for (int k = 0; k < 40; ++k) noise += static_cast<char>(draw.uniform(0, 256));
    const auto out = io::inflate(noise, 100);
    if (out) CHECK(out->size() == 100);
  }
}
