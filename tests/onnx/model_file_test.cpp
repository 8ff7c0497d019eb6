#include "onnx/model_file.h"

#include <fstream>

#include "../data/fixture.h"
#include "catch.h"
#include "io/protobuf.h"
#include "onnx/ops.h"

using namespace kuchi;
using namespace kuchi::onnx;
using kuchi::test::caught;
using kuchi::test::TempDir;

namespace {

/// y = relu(x · w) of [batch, 3].
Graph small_graph() {
  Graph g;
  const auto x = g.input({"x", Type::float32, {"batch", int64_t{3}}, "what goes in"});
  const Graph::Part part(g, "layer");
  const std::vector<float> w = {1, 2, 3, 4, 5, 6};
  const auto y = relu(g, matmul(g, x, g.constant("w", std::span<const float>(w), {3, 2})));
  g.output(y, {"y", Type::float32, {"batch", int64_t{2}}, ""});
  return g;
}

ModelInfo info() {
  return {17, "kuchi", "1.2.3", "small", "a test", {{"fps", "30"}, {"licence", "none"}}};
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("onnx: what is written is what is read", "[onnx]") {
  const TempDir dir;
  write_model(dir / "a.onnx", small_graph(), info());

  const auto seen = read_summary(dir / "a.onnx");

  CHECK(seen.ir_version == 8);
  CHECK(seen.info.opset == 17);
  CHECK(seen.info.producer == "kuchi");
  CHECK(seen.info.producer_version == "1.2.3");
  CHECK(seen.info.name == "small");
  CHECK(seen.info.metadata == info().metadata);
  REQUIRE(seen.inputs.size() == 1);
  CHECK(seen.inputs[0].name == "x");
  CHECK(to_text(seen.inputs[0]) == "float32 [batch, 3]");
  CHECK(seen.inputs[0].doc == "what goes in");
  REQUIRE(seen.outputs.size() == 1);
  CHECK(to_text(seen.outputs[0]) == "float32 [batch, 2]");
  CHECK(seen.operators.at("MatMul") == 1);
  CHECK(seen.operators.at("Relu") == 1);
  CHECK(seen.values == 6);
}

TEST_CASE("onnx: names are unique and tell the part; constants are kept once", "[onnx]") {
  Graph g;
  const auto x = g.input({"x", Type::float32, {int64_t{4}}, ""});
  const auto one = g.number(1, Type::float32), again = g.number(1, Type::float32);
  const auto twice = g.number(1, Type::float64);
  std::string first, second;
  {
    const Graph::Part part(g, "a");
    first = add(g, x, one).name;
    second = add(g, x, one).name;
  }

  CHECK(one.name == again.name);
  CHECK(one.name != twice.name);
  CHECK(first.rfind("a/", 0) == 0);
  CHECK(first != second);
  CHECK(add(g, x, one).name.find("a/") == std::string::npos);  // the part has ended
  CHECK(g.constants().size() == 2);
}

TEST_CASE("onnx: a port's name must be free", "[onnx]") {
  Graph g;
  const auto x = g.input({"x", Type::float32, {int64_t{4}}, ""});
  CHECK_THROWS_AS(g.input({"x", Type::float32, {int64_t{4}}, ""}), std::logic_error);
  CHECK_THROWS_AS(g.output(x, {"x", Type::float32, {int64_t{4}}, ""}), std::logic_error);
  CHECK_THROWS_AS(g.number(1, Type::int64), std::logic_error);
}

TEST_CASE("onnx: a constant that has not as many values as its shape is our own mistake",
          "[onnx]") {
  Graph g;
  const std::vector<float> five(5);
  CHECK_THROWS_AS(g.constant("w", std::span<const float>(five), {2, 3}), std::logic_error);
}

TEST_CASE("onnx: a file cut off anywhere is refused or read without harm", "[onnx]") {
  const TempDir dir;
  write_model(dir / "a.onnx", small_graph(), info());
  const auto whole = content(dir / "a.onnx");
  size_t refused = 0;
  for (size_t n = 0; n < whole.size(); ++n) {
    test::write(dir / "cut.onnx", whole.substr(0, n));
    const auto error = caught([&] { read_summary(dir / "cut.onnx"); });
    if (error.code == 3) ++refused;
    CHECK((error.code == 0 || error.code == 3));
  }
  CHECK(refused >
        whole.size() * 9 / 10);  // a cut between whole fields after the graph is no damage
}

TEST_CASE("onnx: bytes turned over never crash the reader", "[onnx]") {
  const TempDir dir;
  write_model(dir / "a.onnx", small_graph(), info());
  const auto whole = content(dir / "a.onnx");
  Stream random(1, "turn");
  for (int i = 0; i < 400; ++i) {
    auto bytes = whole;
    for (int k = 0; k < 3; ++k) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    test::write(dir / "turned.onnx", bytes);
    const auto error = caught([&] { read_summary(dir / "turned.onnx"); });
    CHECK((error.code == 0 || error.code == 3));
  }
}

TEST_CASE("onnx: sizes that multiply beyond any count are damage", "[onnx]") {
  const TempDir dir;
  const auto with_constant = [&](std::initializer_list<int64_t> sizes) {
    io::ProtoMessage tensor, graph, model;
    for (const int64_t size : sizes) tensor.integer(1, size);  // TensorProto.dims
    graph.message(5, std::move(tensor));                       // GraphProto.initializer
    model.integer(1, 8);                                       // ModelProto.ir_version
    model.message(7, std::move(graph));                        // ModelProto.graph
    test::write(dir / "a.onnx", model.to_string());
    return caught([&] { read_summary(dir / "a.onnx"); }).code;
  };
  CHECK(with_constant({3, 2}) == 0);
  CHECK(with_constant({int64_t{1} << 32, int64_t{1} << 32}) == 3);
  CHECK(with_constant({-1}) == 3);
}
