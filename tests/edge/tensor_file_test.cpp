#include "edge/tensor_file.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "../caught.h"
#include "catch.h"
#include "core/text.h"
#include "io/safetensors.h"

using namespace kuchi;
using namespace kuchi::edge;
using test::has;

namespace {

namespace fs = std::filesystem;

struct TempFile {
  fs::path path = fs::temp_directory_path() / cat("kuchi-tensors-", getpid(), ".safetensors");
  ~TempFile() {
    std::error_code ec;
    fs::remove(path, ec);
  }
};

std::string mistake(const std::function<void()>& act) {
  try {
    act();
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::data);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("tensor file: every type comes back as it was, bit for bit", "[edge]") {
  const TempFile file;
  const auto x = at::randn({3, 4}, at::kDouble) * 100;
  NamedTensors list;
  for (const auto type : {at::kFloat, at::kDouble, at::kLong, at::kInt, at::kByte, at::kBool,
                          at::kHalf, at::kBFloat16}) {
    list.emplace_back(at::toString(type), x.abs().to(type));
  }
  list.emplace_back("scalar", at::tensor(2.5));
  list.emplace_back("empty", at::empty({0, 3}));
  list.emplace_back("turned", x.t());           // not contiguous
  list.emplace_back("part", x.slice(1, 1, 3));  // a view
  list.emplace_back("learnt", at::ones({2}).requires_grad_());
  save_tensors(file.path, list, {{"k", "v"}});

  const auto back = load_tensors(file.path);
  CHECK(back.metadata.at("k") == "v");
  REQUIRE(back.tensors.size() == list.size());
  for (const auto& [name, tensor] : list) {
    INFO(name);
    CHECK(back.tensors.at(name).scalar_type() == tensor.scalar_type());
    CHECK(at::equal(back.tensors.at(name), tensor.detach()));
  }
  CHECK_FALSE(back.tensors.at("learnt").requires_grad());
}

TEST_CASE("tensor file: NaN, infinities and negative zero keep their bits", "[edge]") {
  const TempFile file;
  const auto x = at::tensor({std::nan(""), INFINITY, -INFINITY, -0.0}, at::kFloat);
  save_tensors(file.path, {{"x", x}});
  const auto y = load_tensors(file.path).tensors.at("x");
  CHECK(at::equal(x.view(at::kInt), y.view(at::kInt)));
}

TEST_CASE("tensor file: a truncated file is the user's mistake, and names the tensor", "[edge]") {
  const TempFile file;
  save_tensors(file.path, {{"head.lstm.weight", at::ones({50})}});
  fs::resize_file(file.path, fs::file_size(file.path) - 10);
  CHECK(has(mistake([&] { load_tensors(file.path); }), "\"head.lstm.weight\""));
}

TEST_CASE("tensor file: a type that is no tensor here is named", "[edge]") {
  const TempFile file;
  const std::vector<std::byte> raw(4);
  io::write_safetensors(file.path, {{"odd", "F8_E4M3", {4}, raw}}, {});
  const auto text = mistake([&] { load_tensors(file.path); });
  CHECK(has(text, "\"odd\""));
  CHECK(has(text, "F8_E4M3"));
}

TEST_CASE("tensor file: a shape that no memory holds is the user's mistake", "[edge]") {
  const TempFile file;
  for (const std::string shape : {"[0,4611686018427387904,4611686018427387904]",
                                  "[4611686018427387904,0,4611686018427387904]"}) {
    const std::string header =
        R"({"w":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,0]}})";
    const auto size = static_cast<char>(header.size());
    std::ofstream(file.path, std::ios::binary) << size << std::string(7, '\0') << header;
    CHECK(has(mistake([&] { load_tensors(file.path); }), "\"w\""));
  }
}

TEST_CASE("copy into: by name, whatever the order", "[edge]") {
  auto a = at::zeros({2}), b = at::zeros({1, 2});
  copy_into({{"a", a}, {"b", b}}, {{"b", at::full({1, 2}, 3)}, {"a", at::full({2}, 4)}}, "f");
  CHECK(a[1].item<float>() == 4);
  CHECK(b[0][1].item<float>() == 3);
}

TEST_CASE("copy into: each missing, misshapen and left-over tensor is named at once", "[edge]") {
  const NamedTensors to = {{"gone", at::zeros({2})}, {"wide", at::zeros({2, 3})}};
  const auto text = mistake([&] {
    copy_into(to, {{"wide", at::zeros({3, 2})}, {"extra", at::zeros({1})}}, "m.safetensors");
  });
  CHECK(text.rfind("m.safetensors: ", 0) == 0);
  CHECK(has(text, "\"gone\" [2] is missing"));
  CHECK(has(text, "\"wide\" is [3, 2]"));
  CHECK(has(text, "needs [2, 3]"));
  CHECK(has(text, "\"extra\""));
}

TEST_CASE("copy into: the same number of values in another shape does not pass", "[edge]") {
  CHECK_FALSE(mistake([] {
                copy_into({{"a", at::zeros({1})}}, {{"a", at::zeros({})}}, "f");
              }).empty());
}
