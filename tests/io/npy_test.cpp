#include "io/npy.h"

#include <cstring>

#include "audio/test_files.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;

std::string npy_text(const std::string& dictionary, const std::string& data, char version = 1) {
  std::string text = std::string("\x93NUMPY") + version + '\0';
  text += static_cast<char>(dictionary.size() & 255);
  text += static_cast<char>(dictionary.size() >> 8);
  if (version > 1) text += std::string(2, '\0');
  return text + dictionary + data;
}

std::string refusal(const fs::path& file) {
  return error_of(Exit::data, [&] { io::read_npy_matrix(file); });
}

void check_grid(const Matrix& m, double first, double step) {
  REQUIRE(m.rows == 4);
  REQUIRE(m.cols == 3);
  for (int i = 0; i < 12; ++i) CHECK(m.data[static_cast<size_t>(i)] == first + step * i);
}
}  // namespace

TEST_CASE("npy: floats of every width, order and version read as NumPy wrote them", "[io]") {
  for (const char* name :
       {"f2", "f4", "f8", "f4_big", "f8_big", "fortran", "version2", "version3"}) {
    INFO(name);
    check_grid(io::read_npy_matrix(golden(std::string("npy/") + name + ".npy")), -2, 0.5);
  }
}

TEST_CASE("npy: integers of every width read as NumPy wrote them", "[io]") {
  for (const char* name : {"i1", "u1", "i2_big", "u2", "i4", "u4", "i8", "u8_big"}) {
    INFO(name);
    check_grid(io::read_npy_matrix(golden(std::string("npy/") + name + ".npy")), 0, 1);
  }
  const auto flags = io::read_npy_matrix(golden("npy/bool.npy"));
  CHECK(flags.data == std::vector<float>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
}

TEST_CASE("npy: shapes of none, one and three dimensions", "[io]") {
  const auto line = io::read_npy_matrix(golden("npy/one_dimension.npy"));
  CHECK(line.rows == 5);
  CHECK(line.cols == 1);
  const auto cube = io::read_npy<double>(golden("npy/fortran_cube.npy"));
  CHECK(cube.shape == std::vector<int64_t>{2, 3, 4});
  for (int i = 0; i < 24; ++i) CHECK(cube.values[static_cast<size_t>(i)] == i);
  CHECK(io::read_npy<float>(golden("npy/scalar.npy")).values == std::vector<float>{2.5f});
  CHECK(io::read_npy_matrix(golden("npy/no_rows.npy")).rows == 0);
  CHECK(contains(refusal(golden("npy/fortran_cube.npy")), "has shape (2, 3, 4)"));
}

TEST_CASE("npy: half floats keep subnormals and infinities", "[io]") {
  Folder folder;
  const std::string halves("\x01\x00\x00\x7c\x00\xfc\xff\x03", 8);
  const auto file =
      write(folder / "h.npy",
            npy_text("{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }\n", halves));
  const auto read = io::read_npy<double>(file).values;
  CHECK(read[0] == std::ldexp(1.0, -24));
  CHECK(read[1] == INFINITY);
  CHECK(read[2] == -INFINITY);
  CHECK(read[3] == std::ldexp(1023.0, -24));
}

TEST_CASE("npy: a real file with a Python 2 header reads as NumPy reads it", "[io]") {
  const auto file = shared("facegood/curves/bs_value_1114_2_01.npy");
  if (file.empty()) return;
  const auto array = io::read_npy<double>(file);
  REQUIRE(array.shape == std::vector<int64_t>{3295, 116});
  const std::string bytes = slurp(golden("npy_facegood_2_01.f64"));
  std::vector<double> expected(4 * 116);
  REQUIRE(bytes.size() == expected.size() * sizeof(double));
  std::memcpy(expected.data(), bytes.data(), bytes.size());
  for (size_t c = 0; c < 116; ++c) {
    double mean = 0;
    for (size_t r = 0; r < 3295; ++r) mean += array.values[r * 116 + c] / 3295;
    CHECK(std::abs(mean - expected[c]) < 1e-12);
    CHECK(array.values[c] == expected[116 + c]);
    CHECK(array.values[1000 * 116 + c] == expected[2 * 116 + c]);
    CHECK(array.values[3294 * 116 + c] == expected[3 * 116 + c]);
  }
}

TEST_CASE("npy: what holds no plain numbers is refused", "[io]") {
  CHECK(contains(refusal(golden("npy/objects.npy")), "pickled Python objects"));
  CHECK(contains(refusal(golden("npy/records.npy")), "a record"));
  CHECK(contains(refusal(golden("npy/complex.npy")), "'<c8'"));
  CHECK(contains(refusal(golden("npy/text.npy")), "'<U1'"));
  Folder folder;
  CHECK(contains(refusal(write(folder / "a.npz", "PK\x03\x04 and more than that")), "NPZ"));
  CHECK(contains(refusal(write(folder / "a.npy", "hello, this is text")), "is no NPY file"));
  CHECK(contains(refusal(write(folder / "b.npy", "")), "empty file"));
  CHECK(contains(refusal(folder / "none.npy"), "no such file"));
  CHECK(contains(refusal(folder.path()), "is a directory"));
}

TEST_CASE("npy: a header that promises more than the file holds costs nothing", "[io]") {
  Folder folder;
  const auto with_shape = [&](const std::string& shape) {
    return refusal(
        write(folder / "a.npy",
              npy_text("{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }\n",
                       std::string(24, '\0'))));
  };
  CHECK(contains(with_shape("(4,)"), "promises 4 values of 8 bytes, 3 are there"));
  CHECK(contains(with_shape("(1000000000000, 1000)"), "is cut short"));
  CHECK(contains(with_shape("(9000000000000000000, 9000000000000000000)"), "is cut short"));
  CHECK(contains(with_shape("(99999999999999999999,)"), "no whole number"));
  CHECK(contains(with_shape("(-1,)"), "no whole number"));
}

TEST_CASE("npy: a malformed header is refused, wherever it breaks off", "[io]") {
  Folder folder;
  const std::string good =
      npy_text("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", "12345678");
  REQUIRE(io::read_npy_matrix(write(folder / "a.npy", good)).rows == 2);
  for (size_t length = 0; length < good.size(); ++length) {
    INFO(length);
    const auto text = refusal(write(folder / "a.npy", good.substr(0, length)));
    CHECK(contains(text, "a.npy: "));
  }
  for (const char* bad : {"{'descr': '<f4', 'shape': (1,), }", "{'descr': '<f4', 'descr': '<f4'}",
                          "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
                          "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)} x",
                          "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), 'x': 1}", "("}) {
    INFO(bad);
    const auto text = refusal(write(folder / "b.npy", npy_text(bad, "1234")));
    CHECK(contains(text, "malformed NPY header"));
  }
  CHECK(contains(refusal(write(folder / "c.npy", npy_text("", "", 9))), "NPY version 9"));
}

TEST_CASE("npy: what is written is read back, header aligned as NumPy's", "[io]") {
  Folder folder;
  Matrix m(3, 2);
  for (size_t i = 0; i < 6; ++i) m.data[i] = 0.1f * static_cast<float>(i);
  io::write_npy(folder / "m.npy", m);
  CHECK(io::read_npy_matrix(folder / "m.npy").data == m.data);
  CHECK(io::read_npy_header(folder / "m.npy").data_at % 64 == 0);

  const int64_t shape[] = {1, 2, 3};
  io::write_npy(folder / "cube.npy", shape, m.data);
  CHECK(io::read_npy<float>(folder / "cube.npy").shape == std::vector<int64_t>{1, 2, 3});
  CHECK(contains(slurp(folder / "cube.npy"),
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }"));
  const int64_t line[] = {6};
  io::write_npy(folder / "line.npy", line, m.data);
  CHECK(contains(slurp(folder / "line.npy"), "'shape': (6,), }"));
}
