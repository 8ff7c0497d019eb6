// Which curve files carry a provenance, and that they carry it whole.
#include <nlohmann/json.hpp>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/formats.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

const Provenance kFull{"set", "CC0", "\"signed\"\nby all", "研究", "marked"};

Rig arkit() { return load_rig(KUCHI_SOURCE_DIR "/configs/rigs/arkit.yaml"); }

Track written(const fs::path& file, const std::string& format, const Provenance& provenance) {
  WriteOptions options;
  options.fps = 60;  // what every format can
  options.provenance = provenance;
  write_track(file, format, arkit(), Matrix(5, 52), options);
  return read_track(file, {"auto", {}, format == "npy" ? 30.0 : 0.0});
}
}  // namespace

TEST_CASE("curves: the formats that say so hold a provenance, the others' files do not change",
          "[curves]") {
  Folder folder;
  for (const auto& format : writable_formats()) {
    INFO(format);
    const Track with = written(folder / cat("with.", format), format, kFull);
    written(folder / cat("without.", format), format, {});
    const bool same =
        slurp(folder / cat("with.", format)) == slurp(folder / cat("without.", format));
    CHECK(same != holds_provenance(format));
    CHECK(with.provenance == (holds_provenance(format) ? kFull : Provenance{}));
    CHECK(on_rig(with, arkit(), "x").provenance == with.provenance);
  }
  CHECK(holds_provenance("a2f"));
  CHECK_FALSE(holds_provenance("livelink"));
  CHECK_FALSE(holds_provenance("nothing"));
}

TEST_CASE("curves: Audio2Face JSON gains one object beside the exporter's keys", "[curves]") {
  Folder folder;
  written(folder / "a.json", "a2f", kFull);
  auto with = nlohmann::json::parse(slurp(folder / "a.json"));
  written(folder / "b.json", "a2f", {});
  const auto without = nlohmann::json::parse(slurp(folder / "b.json"));
  CHECK(with.at("provenance").size() == 5);
  CHECK(with.at("provenance").at("consent") == kFull.consent);
  with.erase("provenance");
  CHECK(with == without);
}

TEST_CASE("curves: another exporter's key of that name does not stop a reader", "[curves]") {
  Folder folder;
  const std::string rest =
      "\"exportFps\": 30, \"facsNames\": [\"jawOpen\"], \"weightMat\": [[0.5]]}";
  write(folder / "a.json", "{\"provenance\": \"studio 3\", " + rest);
  CHECK(read_track(folder / "a.json").provenance == Provenance{});
  write(folder / "b.json", "{\"provenance\": {\"consent\": 3, \"data\": \"x\"}, " + rest);
  CHECK(read_track(folder / "b.json").provenance == Provenance{"x", "", "", "", ""});
}
