// glTF: what is written is a whole document, reads back bit for bit, and broken files are refused.
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/track.h"
#include "io/base64.h"
#include "io/glb.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;
using Json = nlohmann::json;

const Rig& three() {
  static const Rig rig =
      parse_rig("name: r\ncurves: [jawOpen, {name: side, range: [-1, 1]}, c]\n", "r");
  return rig;
}

Matrix values_of(int64_t frames) {
  Matrix m(frames, 3);
  for (size_t i = 0; i < m.data.size(); ++i) m.data[i] = std::sin(0.37f * static_cast<float>(i));
  return m;
}

/// A document that a mistake is put into.
struct Broken {
  Folder folder;
  Json json;
  Broken() {
    write_track(folder / "a.gltf", "gltf", three(), values_of(4), {30, "", false});
    json = Json::parse(slurp(folder / "a.gltf"));
  }
  std::string told() {
    return error_of(Exit::data, [&] { read_track(write(folder / "b.gltf", json.dump())); });
  }
};

std::string told_of(const fs::path& file) {
  return error_of(Exit::data, [&] { read_track(file); });
}
}  // namespace

TEST_CASE("gltf: the rig's own curves come back bit for bit, at their times", "[curves]") {
  Folder folder;
  for (const char* name : {"a.gltf", "a.glb"}) {
    for (const double fps : {30.0, 29.97, 60.0}) {
      INFO(name << " " << fps);
      const auto values = values_of(20000);
      write_track(folder / name, "gltf", three(), values, {fps, "x.wav", true});
      const Track track = read_track(folder / name);
      CHECK(track.format == "gltf");
      CHECK(track.names == three().names());
      REQUIRE(track.values.data == values.data);
      for (size_t t = 0; t < 20000; ++t) {
        REQUIRE(track.times_s[t] == static_cast<double>(t) / fps);
      }
    }
  }
}

TEST_CASE("gltf: the document is what the specification asks for", "[curves]") {
  Folder folder;
  write_track(folder / "a.glb", "gltf", three(), values_of(5), {30, "x.wav", false});
  const auto bytes = slurp(folder / "a.glb");
  CHECK(bytes.size() % 4 == 0);
  const auto glb = io::parse_glb(bytes, "a.glb");
  const auto json = Json::parse(glb.json);
  CHECK(json.at("asset").at("version") == "2.0");
  CHECK(json.at("buffers")[0].at("byteLength") == glb.bytes.size());
  CHECK_FALSE(json.at("buffers")[0].contains("uri"));
  const auto& mesh = json.at("meshes")[0];
  CHECK(mesh.at("extras").at("targetNames") == Json(three().names()));
  CHECK(mesh.at("weights").size() == 3);
  CHECK(mesh.at("primitives")[0].at("targets").size() == 3);
  size_t end = 0;
  for (const auto& view : json.at("bufferViews")) {
    CHECK(view.at("byteOffset").get<size_t>() == end);
    CHECK(end % 4 == 0);
    end += view.at("byteLength").get<size_t>();
  }
  CHECK(end == glb.bytes.size());
  const auto& sampler = json.at("animations")[0].at("samplers")[0];
  const auto& input = json.at("accessors")[sampler.at("input").get<size_t>()];
  CHECK(input.at("min") == Json::array({0.0f}));
  CHECK(input.at("max")[0].get<double>() == Approx(4.0 / 30));
  CHECK(json.at("accessors")[sampler.at("output").get<size_t>()].at("count") == 15);
  for (const auto& accessor : json.at("accessors")) {
    if (accessor.at("type") == "VEC3") CHECK(accessor.at("min").size() == 3);
  }
}

TEST_CASE("gltf: another's file is read by target name, with normalised bytes too", "[curves]") {
  Broken made;
  // Two keys of two targets as bytes, cubic: tangent, value, tangent.
  const std::vector<float> times = {0.5f, 1.5f};
  const std::string weights = {0, 0, char(51), char(102), 0, 0, 0, 0, char(255), 0, 0, 0};
  std::string bytes(reinterpret_cast<const char*>(times.data()), 8);
  bytes += weights;
  made.json["buffers"] = {
      {{"byteLength", bytes.size()},
       {"uri", "data:application/gltf-buffer;base64," + io::base64(bytes.data(), bytes.size())}}};
  made.json["bufferViews"] = {{{"buffer", 0}, {"byteLength", 8}},
                              {{"buffer", 0}, {"byteOffset", 8}, {"byteLength", 12}}};
  made.json["accessors"] = {
      {{"bufferView", 0}, {"componentType", 5126}, {"count", 2}, {"type", "SCALAR"}},
      {{"bufferView", 1},
       {"componentType", 5121},
       {"normalized", true},
       {"count", 12},
       {"type", "SCALAR"}}};
  made.json["meshes"][0]["extras"]["targetNames"] = {"B", "A"};
  made.json["animations"][0]["samplers"] = {
      {{"input", 0}, {"output", 1}, {"interpolation", "CUBICSPLINE"}}};
  const Track track = read_track(write(made.folder / "b.gltf", made.json.dump()));
  CHECK(track.times_s == std::vector<double>{0, 1});
  CHECK(track.names == std::vector<std::string>{"B", "A"});
  CHECK(track.values(0, 0) == Approx(0.2));
  CHECK(track.values(0, 1) == Approx(0.4));
  CHECK(track.values(1, 0) == 1);
}

TEST_CASE("gltf: a buffer may lie beside the file, and nowhere else", "[curves]") {
  Broken made;
  const std::string uri = made.json["buffers"][0]["uri"];
  std::string bytes;
  REQUIRE(io::from_base64(uri.substr(uri.find(',') + 1), bytes));
  write(made.folder / "a.bin", bytes);
  made.json["buffers"][0]["uri"] = "a.bin";
  CHECK(read_track(write(made.folder / "b.gltf", made.json.dump())).values.data ==
        values_of(4).data);
  for (const char* elsewhere : {"../a.bin", "/etc/passwd", "http://x/a.bin", "a%2e", "..", ""}) {
    made.json["buffers"][0]["uri"] = elsewhere;
    CHECK(contains(made.told(), "buffers[0].uri: is not the name of a file beside"));
  }
  made.json["buffers"][0]["uri"] = "none.bin";
  CHECK(contains(made.told(), "none.bin"));
}

TEST_CASE("gltf: counts and indices that lead nowhere are refused", "[curves]") {
  const auto with = [](const char* pointer, const Json& value) {
    Broken made;
    made.json[Json::json_pointer(pointer)] = value;
    return made.told();
  };
  CHECK(contains(with("/accessors/3/count", 1000000000000), "accessors[3]: wants"));
  CHECK(contains(with("/accessors/3/count", 11), "has 11 numbers for 4 times of 3 targets"));
  CHECK(contains(with("/accessors/3/count", 0), "accessors[3]: wants 0"));
  CHECK(contains(with("/accessors/3/count", -1), "accessors[3].count: -1 is not"));
  CHECK(contains(with("/accessors/3/count", 1.5), "is no whole number"));
  CHECK(contains(with("/accessors/3/bufferView", 9),
                 "accessors[3].bufferView: 9 is not from 0 to 3"));
  CHECK(contains(with("/accessors/3/componentType", 5125), "neither floats nor normalised"));
  CHECK(contains(with("/accessors/3/type", "VEC3"), "is no SCALAR"));
  CHECK(contains(with("/accessors/3/byteOffset", 1000), "accessors[3]: wants"));
  CHECK(contains(with("/accessors/3/sparse", Json::object()), "is sparse"));
  CHECK(contains(with("/bufferViews/3/byteLength", 1000000), "bufferViews[3]: leaves its buffer"));
  CHECK(contains(with("/bufferViews/3/byteOffset", 1000000), "bufferViews[3]: leaves its buffer"));
  CHECK(contains(with("/bufferViews/3/buffer", 1), "1 is not from 0 to 0"));
  CHECK(contains(with("/buffers/0/byteLength", 100000), "buffers[0]: has"));
  CHECK(contains(with("/buffers/0/uri", "data:x;base64,$$$"), "is no data in base64"));
  CHECK(contains(with("/animations/0/channels/0/sampler", 1), "sampler: 1 is not"));
  CHECK(contains(with("/animations/0/channels/0/target/node", 7), "node: 7 is not"));
  CHECK(contains(with("/animations/0/channels/0/target/path", "rotation"), "animates no morph"));
  CHECK(contains(with("/animations/0/samplers/0/interpolation", "STEP"), "\"STEP\" is not read"));
  CHECK(contains(with("/meshes/0/extras", Json::object()), "names no morph targets"));
  CHECK(contains(with("/meshes/0/extras/targetNames", Json::array({"a", "a", "b"})),
                 "targetNames[1]: \"a\" is there twice"));
  CHECK(contains(with("/asset/version", "1.0"), "is glTF 1.0"));
  CHECK(contains(with("/animations", Json::array()), "animates no morph targets"));
}

TEST_CASE("gltf: NaN and times that run back are refused", "[curves]") {
  Folder folder;
  write_track(folder / "a.glb", "gltf", three(), values_of(4), {30, "", false});
  const auto bytes = slurp(folder / "a.glb");
  const auto put = [&](size_t from_end, float value) {
    auto changed = bytes;
    std::memcpy(changed.data() + changed.size() - from_end, &value, 4);
    return told_of(write(folder / "b.glb", changed));
  };
  CHECK(contains(put(4, std::nanf("")), "row 4, curve \"c\" is NaN"));
  CHECK(contains(put(12 * 4 + 4, -1), "time of row 4 is not after"));
  CHECK(contains(put(12 * 4 + 4, INFINITY), "time of row 4"));
}

TEST_CASE("gltf: a GLB that is cut or lies about its length is refused at every byte", "[curves]") {
  Folder folder;
  write_track(folder / "a.glb", "gltf", three(), values_of(2), {30, "", false});
  const auto bytes = slurp(folder / "a.glb");
  for (size_t kept = 4; kept < bytes.size(); kept += 7) {
    INFO(kept);
    const auto told = told_of(write(folder / "cut.glb", bytes.substr(0, kept)));
    CHECK(contains(told, "cut.glb: "));
    CHECK(!contains(told, "NO ERROR"));
  }
  const auto changed = [&](size_t at, uint32_t word) {
    auto other = bytes;
    std::memcpy(other.data() + at, &word, 4);
    return told_of(write(folder / "b.glb", other));
  };
  CHECK(contains(changed(4, 1), "is GLB version 1"));
  CHECK(contains(changed(8, 12), "says it has 12 bytes"));
  CHECK(contains(changed(12, 0xFFFFFFFC), "chunk 0 does not fit"));
  CHECK(contains(changed(12, 3), "chunk 0 does not fit"));
  CHECK(contains(changed(16, 0x004E4942), "chunk 0 is in the wrong place"));
}
