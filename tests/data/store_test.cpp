#include "data/store.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "catch.h"
#include "data/fixture.h"
#include "data/hdf5.h"
#include "data/version.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::caught;

namespace {

StoreInfo head() {
  StoreInfo info;
  info.provenance = {"set", "CC0", "signed", "", kSyntheticMark};
  info.rig = curves::parse_rig(
      "name: two\ncurves:\n  - {name: open, range: [0, 1]}\n  - {name: side, range: [-1, 1]}\n"
      "aperture: \"open\"\n",
      "test");
  info.fps = 30;
  info.features.stack = 1;
  info.split.by = SplitBy::clip;
  return info;
}

StoreClip named(const std::string& id) {
  StoreClip clip;
  clip.id = id;
  return clip;
}

void add_clips(StoreWriter& writer) {
  for (int i = 0; i < 4; ++i) {
    StoreClip clip;
    clip.id = cat("clip", i);
    clip.labels["speaker"] = cat("s", i % 2);
    if (i == 1) clip.labels["style"] = "calm";
    if (i == 2) clip.lag_ms = 12.5;
    const auto seed = static_cast<uint64_t>(i);
    writer.add(clip, test::waves(100 + 70 * i, 80, seed), test::waves(100 + 70 * i, 2, seed + 9),
               test::tone(53333 + 40000 * i, seed));
  }
}

StoreInfo make(const fs::path& file) { return write_store(file, head(), add_clips); }

}  // namespace

TEST_CASE("store: what was written is what is read, bit for bit", "[data]") {
  const test::TempDir dir;
  const StoreInfo written = make(dir / "s.h5");
  const Store store = Store::open(dir / "s.h5");
  const StoreInfo& info = store.info();
  CHECK(info.hash == written.hash);
  CHECK(info.hash.size() == 32);
  CHECK(info.version == kVersion);
  CHECK(info.provenance == Provenance{"set", "CC0", "signed", "", kSyntheticMark});
  CHECK(info.fps == 30);
  CHECK(info.dim == 80);
  CHECK(info.features.stack == 1);
  CHECK(info.feature_signature == features::signature(info.features));
  CHECK(info.rig.names() == std::vector<std::string>{"open", "side"});
  CHECK(info.rig.curves[1].low == -1);
  CHECK(split_to_yaml(info.split) == split_to_yaml(head().split));
  REQUIRE(info.clips.size() == 4);
  CHECK(info.frames == 100 + 170 + 240 + 310);
  CHECK(info.clips[2].lag_ms == 12.5);
  CHECK_FALSE(info.clips[1].lag_ms.has_value());
  CHECK(info.clips[1].labels == Labels{{"speaker", "s1"}, {"style", "calm"}});
  CHECK(info.clips[0].labels == Labels{{"speaker", "s0"}});
  CHECK(info.clip_index("clip3") == 3);
  CHECK(info.clip_index("clip") == -1);
  for (int64_t i = 0; i < 4; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    CHECK(store.read_features(i).data == test::waves(100 + 70 * i, 80, seed).data);
    CHECK(store.read_curves(i).data == test::waves(100 + 70 * i, 2, seed + 9).data);
    CHECK(store.read_audio(i) == test::tone(53333 + 40000 * i, seed));
  }
  const Matrix whole = store.read_features(3), part = store.read_features(3, 120, 260);
  REQUIRE(part.rows == 140);
  CHECK(std::equal(part.data.begin(), part.data.end(), whole.row(120).begin()));
  CHECK(store.read_curves(0, 50, 50).rows == 0);
  CHECK_NOTHROW(store.verify());
}

TEST_CASE("store: the same contents have the same hash, any change another", "[data]") {
  const test::TempDir dir;
  const std::string hash = make(dir / "a.h5").hash;
  CHECK(make(dir / "b.h5").hash == hash);
  StoreInfo other = head();
  other.rig.curves[0].high = 2;
  CHECK(write_store(dir / "c.h5", other, add_clips).hash != hash);
  other = head();
  other.fps = 60;
  CHECK(write_store(dir / "c.h5", other, add_clips).hash != hash);
  other = head();
  other.split.seed = 1;
  CHECK(write_store(dir / "c.h5", other, add_clips).hash != hash);
  CHECK(write_store(dir / "c.h5", head(), [](StoreWriter& writer) {
          add_clips(writer);
          writer.add(named("more"), Matrix(1, 80), Matrix(1, 2), std::vector<float>(600));
        }).hash != hash);
}

TEST_CASE("store: permitted use and mark are read back and guarded by the hash", "[data]") {
  const test::TempDir dir;
  const std::string silent = make(dir / "s.h5").hash;
  std::set<std::string> hashes = {silent};
  for (const Provenance& from :
       std::vector<Provenance>{{"set", "CC0", "signed", "research", kSyntheticMark},
                               {"set", "CC0", "signed", "", "made by a machine"},
                               {"set", "CC0", "signed", "", ""},  // a mark taken away is said too
                               {"set", "CC0", "signed", "zum Üben\n自由", "mark"}}) {
    StoreInfo with = head();
    with.provenance = from;
    hashes.insert(write_store(dir / "t.h5", with, add_clips).hash);
    const Store store = Store::open(dir / "t.h5");
    CHECK(store.info().provenance == from);
    CHECK_NOTHROW(store.verify());
  }
  CHECK(hashes.size() == 5);
  {
    const h5::Handle file(H5Fopen((dir / "t.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "");
    H5Adelete(file, "permitted_use");
    h5::put_text(file, "permitted_use", "anything");
  }
  const auto e = caught([&] { Store::open(dir / "t.h5").verify(); });
  CHECK(e.code == 3);
  CHECK(e.has("the hash differs"));
}

TEST_CASE("store: one older than permitted use and mark opens, verifies, and has its hash",
          "[data]") {
  const test::TempDir dir;
  // What the program of commit 35a33c3 gave for these contents, before it knew the two fields.
  CHECK(make(dir / "s.h5").hash == "3d759187f85606d61919ef61465ffae2");
  StoreInfo none = head();
  none.provenance.consent = "";
  CHECK(write_store(dir / "n.h5", none, add_clips).hash == "27347cf1aff777bafb0012bd15170d6f");
  {
    const h5::Handle file(H5Fopen((dir / "s.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "");
    REQUIRE(H5Adelete(file, "permitted_use") >= 0);
    REQUIRE(H5Adelete(file, "synthetic_mark") >= 0);
  }
  const Store old = Store::open(dir / "s.h5");
  CHECK(old.info().provenance == Provenance{"set", "CC0", "signed", "", kSyntheticMark});
  CHECK_NOTHROW(old.verify());
}

TEST_CASE("store: ranges outside a clip are our own mistakes", "[data]") {
  const test::TempDir dir;
  make(dir / "s.h5");
  const Store store = Store::open(dir / "s.h5");
  CHECK_THROWS_AS(store.read_features(4), std::logic_error);
  CHECK_THROWS_AS(store.read_features(-1), std::logic_error);
  CHECK_THROWS_AS(store.read_curves(0, 0, 101), std::logic_error);
  CHECK_THROWS_AS(store.read_curves(0, 5, 4), std::logic_error);
  const auto bad = [&](StoreWriter& writer) {
    writer.add(named("x"), Matrix(3, 80), Matrix(4, 2), std::vector<float>(5));
  };
  CHECK_THROWS_AS(write_store(dir / "t.h5", head(), bad), std::logic_error);
  CHECK_FALSE(fs::exists(dir / "t.h5"));
}

TEST_CASE("store: a writer that fails leaves nothing, and an old store stays", "[data]") {
  const test::TempDir dir;
  const std::string hash = make(dir / "s.h5").hash;
  const auto fails = [](StoreWriter& writer) {
    add_clips(writer);
    fail_data("x", "broken");
  };
  CHECK(caught([&] { write_store(dir / "s.h5", head(), fails); }).text == "x: broken");
  CHECK(caught([&] { write_store(dir / "new.h5", head(), fails); }).code == 3);
  CHECK(Store::open(dir / "s.h5").info().hash == hash);
  CHECK(std::distance(fs::directory_iterator(dir.path), fs::directory_iterator()) == 1);
}

TEST_CASE("store: a full disk is an error of the environment, not a crash", "[data]") {
  const test::TempDir dir;
  const pid_t child = fork();
  if (child == 0) {  // a limit on the file's size stands in for the disk
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto e = caught([&] {
      write_store(dir / "s.h5", head(), [](StoreWriter& writer) {
        for (int i = 0; i < 20; ++i) {
          writer.add(named(std::to_string(i)), Matrix(3000, 80), Matrix(3000, 2),
                     std::vector<float>(1600000));
        }
      });
    });
    std::exit(e.has("is the disk full") ? e.code : 99);  // exit handlers run, HDF5's too
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 5);
  CHECK(fs::is_empty(dir.path));
}

TEST_CASE("store: cut short anywhere gives one clear sentence", "[data]") {
  const test::TempDir dir;
  make(dir / "s.h5");
  const std::string bytes = io::read_text(dir / "s.h5");
  const std::vector<size_t> lengths = {
      0, 1, 8, 100, 600, 2048, 10000, 65536, bytes.size() / 2, bytes.size() - 1};
  for (const size_t length : lengths) {
    test::write(dir / "cut.h5", bytes.substr(0, length));
    const auto e = caught([&] { Store::open(dir / "cut.h5").verify(); });
    INFO("length " << length << ": " << e.text);
    CHECK(e.code == 3);
    CHECK(e.has("cut.h5: "));
    CHECK(e.has("kuchi prepare"));
    CHECK(e.text.find('\n') == std::string::npos);
  }
}

TEST_CASE("store: other files are told apart", "[data]") {
  const test::TempDir dir;
  const auto open = [&](const fs::path& file) { return caught([&] { Store::open(file); }); };
  CHECK(open(dir / "none.h5").has("no such file"));
  CHECK(open(dir.path).has("is a directory"));
  test::write(dir / "text.h5", "hello, this is no store");
  CHECK(open(dir / "text.h5").has("not an HDF5 file"));
  CHECK_FALSE(looks_like_hdf5(dir / "text.h5"));
  {
    const h5::Handle file(
        H5Fcreate((dir / "other.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose,
        "");
  }
  CHECK(looks_like_hdf5(dir / "other.h5"));
  CHECK(open(dir / "other.h5").has("no store of Kuchi"));
  make(dir / "new.h5");
  {
    const h5::Handle file(H5Fopen((dir / "new.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose,
                          "");
    H5Adelete(file, "format_version");
    h5::put_integer(file, "format_version", 99);
  }
  const auto e = open(dir / "new.h5");
  CHECK(e.code == 3);
  CHECK(e.has("format version 99"));
}

TEST_CASE("store: damaged tables and texts are refused, not followed", "[data]") {
  const test::TempDir dir;
  const auto damaged = [&](const std::function<void(hid_t)>& damage) {
    make(dir / "s.h5");
    {
      const h5::Handle file(H5Fopen((dir / "s.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose,
                            "");
      damage(file);
    }
    const auto e = caught([&] { Store::open(dir / "s.h5").verify(); });
    INFO(e.text);
    return e.code == 3 && e.has("this store is damaged");
  };
  const auto replace = [](hid_t file, const char* name, const std::vector<int64_t>& values) {
    const h5::Handle group(H5Gopen2(file, "clips", H5P_DEFAULT), H5Gclose, "");
    H5Ldelete(group, name, H5P_DEFAULT);
    h5::write_integers(group, name, values);
  };
  CHECK(damaged([&](hid_t f) { replace(f, "frame_offsets", {0, 100, 270, 510, 999999999}); }));
  CHECK(damaged([&](hid_t f) { replace(f, "frame_offsets", {0, 100, 50, 510, 820}); }));
  CHECK(damaged([&](hid_t f) { replace(f, "frame_offsets", {0, 820}); }));
  CHECK(damaged([&](hid_t f) { replace(f, "frame_offsets", {}); }));
  CHECK(damaged([&](hid_t f) { replace(f, "sample_offsets", {-5, 1, 2, 3, 4}); }));
  CHECK(damaged([&](hid_t f) { H5Ldelete(f, "curves", H5P_DEFAULT); }));
  CHECK(damaged([&](hid_t f) { H5Ldelete(f, "clips", H5P_DEFAULT); }));
  CHECK(damaged([&](hid_t f) { H5Adelete(f, "rig"); }));
  CHECK(damaged([&](hid_t f) {
    H5Adelete(f, "rig");
    h5::put_text(f, "rig", "curves: [");
  }));
  CHECK(damaged([&](hid_t f) {
    H5Adelete(f, "fps");
    h5::put_number(f, "fps", std::nan(""));
  }));
  CHECK(damaged([&](hid_t f) {  // claims more rows than any file of this size can hold
    const h5::Handle audio(H5Dopen2(f, "audio", H5P_DEFAULT), H5Dclose, "");
    const hsize_t rows = hsize_t{1} << 60;
    H5Dset_extent(audio, &rows);
  }));
  CHECK(damaged([&](hid_t f) {  // one value changed: only the hash can tell
    const h5::Handle features(H5Dopen2(f, "features", H5P_DEFAULT), H5Dclose, "");
    const std::vector<float> row(80, 0.5F);
    const hsize_t start[] = {5, 0}, count[] = {1, 80};
    const h5::Handle memory(H5Screate_simple(2, count, nullptr), H5Sclose, "");
    const h5::Handle space(H5Dget_space(features), H5Sclose, "");
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
    H5Dwrite(features, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, row.data());
  }));
}

TEST_CASE("store: its split can be changed without writing it anew", "[data]") {
  const test::TempDir dir;
  const StoreInfo info = make(dir / "s.h5");
  CHECK(pieces_of(split_store(info), Split::test).size() == 1);
  SplitOptions options;
  options.by = "list";
  options.test = {"clip1", "clip2"};
  CHECK(pieces_of(split_store(info, options), Split::test).size() == 2);
  options.by = "speaker";
  options.test = {"0.5"};
  options.valid = {"0"};
  for (const auto& piece : split_store(info, options)) {
    CHECK(piece.split == split_store(info, options)[static_cast<size_t>(piece.clip % 2)].split);
  }
}

TEST_CASE("store: h5py finds names, shapes and values", "[data][slow]") {
  const char* set = std::getenv("KUCHI_TEST_PYTHON");
  const std::string python = set != nullptr ? set : KUCHI_SOURCE_DIR "/build/venv-tests/bin/python";
  if (!fs::exists(python) || std::system((python + " -c 'import h5py' 2>/dev/null").c_str()) != 0) {
    WARN("skipped: no Python with h5py (" << python << "); scripts/setup.sh --test-tools");
    return;
  }
  const test::TempDir dir;
  const StoreInfo info = make(dir / "s.h5");
  const Matrix features = test::waves(240, 80, 2);
  test::write(dir / "row.txt", number(features(239, 79)));
  const std::string command =
      cat(python, " ", KUCHI_SOURCE_DIR, "/tests/data/read_store.py ", (dir / "s.h5").string(), " ",
          info.hash, " ", (dir / "row.txt").string());
  CHECK(std::system(command.c_str()) == 0);
}
