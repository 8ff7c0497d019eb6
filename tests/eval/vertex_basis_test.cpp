#include "eval/vertex_basis.h"

#include "../data/fixture.h"
#include "catch.h"
#include "eval/vertex_model.h"

namespace kuchi::eval {
namespace {

using test::TempDir;
using test::write;

void write_basis(const TempDir& dir, const std::vector<int64_t>& shape,
                 const std::vector<float>& values) {
  io::write_npy(dir / "face.npy", shape, values);
}

}  // namespace

TEST_CASE("a vertex basis of NPY: names, lists and unit", "[eval]") {
  TempDir dir;
  write_basis(dir, {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  write(dir / "face.npy.names.txt", "jawOpen\n\nmouthClose\n");
  write(dir / "face.npy.lips.txt", "1, 0\n1\n");
  const auto basis = read_vertex_basis(dir / "face.npy", 0.01);
  CHECK(basis.curves == std::vector<std::string>{"jawOpen", "mouthClose"});
  CHECK(basis.vertices == 2);
  CHECK(basis.lips == std::vector<int64_t>{0, 1});
  CHECK(basis.upper.empty());
  CHECK(basis.move(1)[2] == Approx(0.09));
}

TEST_CASE("broken vertex bases are told in a sentence", "[eval]") {
  TempDir dir;
  const auto why = [&] { return test::caught([&] { read_vertex_basis(dir / "face.npy"); }).text; };
  CHECK(why().find("no such file") != std::string::npos);
  write_basis(dir, {2, 6}, std::vector<float>(12));
  CHECK(why().find("[2, 6]; a vertex basis is [curves, vertices, 3]") != std::string::npos);
  write_basis(dir, {2, 2, 3}, std::vector<float>(12));
  CHECK(why().find("names.txt: no such file") != std::string::npos);
  write(dir / "face.npy.names.txt", "jawOpen\n");
  CHECK(why().find("1 names for the 2 curves") != std::string::npos);
  write(dir / "face.npy.names.txt", "jawOpen\nJaw_Open\n");
  CHECK(why().find("names.txt:2:1: name \"Jaw_Open\" is there twice") != std::string::npos);
  write(dir / "face.npy.names.txt", "jawOpen\nmouthClose\n");
  write(dir / "face.npy.lips.txt", "0\n2\n");
  CHECK(why().find("lips.txt:2: \"2\" is none of the 2 vertices") != std::string::npos);
  write(dir / "face.npy.lips.txt", "\n");
  CHECK(why().find("names no vertex") != std::string::npos);
}

TEST_CASE("a vertex basis of OBJ files: morph targets less the neutral face, groups", "[eval]") {
  TempDir dir;
  write(dir / "face/neutral.obj",
        "# a face\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\ng lips\nf 1/1/1 2//2 3\ng upper skin\n"
        "f -1 2 3\n");
  write(dir / "face/jawOpen.obj", "v 0 0 0\nv 1 -2 0\nv 0 1 0\nv 0 0 1.5\n");
  write(dir / "face/notes.txt", "none\n");
  const auto basis = read_vertex_basis(dir / "face", 0.1);
  CHECK(basis.curves == std::vector<std::string>{"jawOpen"});
  CHECK(basis.vertices == 4);
  CHECK(basis.move(0)[4] == Approx(-0.2));
  CHECK(basis.move(0)[11] == Approx(0.05));
  CHECK(basis.lips == std::vector<int64_t>{0, 1, 2});
  CHECK(basis.upper == std::vector<int64_t>{1, 2, 3});
  write(dir / "face/upper.txt", "3");  // a list says it before a group
  CHECK(read_vertex_basis(dir / "face").upper == std::vector<int64_t>{3});

  const auto why = [&] { return test::caught([&] { read_vertex_basis(dir / "face"); }).text; };
  write(dir / "face/jawOpen.obj", "v 0 0 0\n");
  CHECK(why().find("1 vertices") != std::string::npos);
  write(dir / "face/jawOpen.obj", "v 0 0\n");
  CHECK(why().find("jawOpen.obj:1: a vertex needs three finite numbers") != std::string::npos);
  write(dir / "face/jawOpen.obj", "v 0 0 0\nf 1 2 3\n");
  CHECK(why().find("jawOpen.obj:2: a face names vertex 2, and there are 1 so far") !=
        std::string::npos);
  std::filesystem::remove(dir / "face/jawOpen.obj");
  CHECK(why().find("no OBJ file beside neutral.obj") != std::string::npos);
  std::filesystem::remove(dir / "face/neutral.obj");
  CHECK(why().find("no neutral.obj") != std::string::npos);
}

TEST_CASE("the shipped lips: jawOpen drops the lower lip, and rigs reach them by formula",
          "[eval]") {
  const auto lips = shipped_lips();
  CHECK(lips.vertices == 30);
  CHECK(lips.lips.size() == 30);
  const auto jaw = std::find(lips.curves.begin(), lips.curves.end(), "jawOpen");
  REQUIRE(jaw != lips.curves.end());
  const auto* moves = lips.move(static_cast<size_t>(jaw - lips.curves.begin()));
  CHECK(moves[3 * 12 + 1] < -0.02);  // middle of the lower lip's inner edge, 2 cm down and more
  CHECK(std::abs(moves[3 * 5 + 1]) < 0.004);  // the upper lip stays nearly where it is

  for (const char* name : {"arkit", "arkit-mouth", "facegood", "kuchi26"}) {
    INFO(name);
    CHECK(vertex_model("auto", "m", curves::load_rig(name)) != nullptr);
  }
  const auto foreign = curves::parse_rig("name: r\ncurves: [a, b]\naperture: a\n", "r");
  CHECK(vertex_model("auto", "m", foreign) == nullptr);
  CHECK(vertex_model("none", "m", curves::load_rig("arkit")) == nullptr);
  const auto refused = test::caught([&] { VertexModel(shipped_lips(), foreign); });
  CHECK(refused.text.find("none of its 28 curves") != std::string::npos);
}

TEST_CASE("facegood's formulas move the shipped lips", "[eval]") {
  const auto rig = curves::load_rig("facegood");
  const auto model = vertex_model("auto", "m", rig);
  ClipResult clip{"c", 30, Matrix(1, rig.size()), Matrix(1, rig.size()), {}, {}, {}, {}, 16000};
  clip.prediction(0, rig.index("mouth_stretch_c")) = 1;  // ARKit's jawOpen
  const auto errors = model->measure(clip);
  CHECK(errors.lips.at(0) > 0.02);
  CHECK(errors.lips.at(0) < 0.04);
  CHECK(errors.all.at(0) < errors.lips.at(0));
  CHECK(!errors.fdd);
}

}  // namespace kuchi::eval
