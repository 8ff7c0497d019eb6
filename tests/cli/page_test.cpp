// kuchi report and kuchi preview: the page as a file, and in a browser where there is one.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

Json page_data(const fs::path& page) {
  const std::string html = content(page), open = "<script type=\"application/json\" id=\"data\">";
  const auto begin = html.find(open);
  REQUIRE(begin != std::string::npos);
  const auto from = begin + open.size();
  return Json::parse(html.substr(from, html.find("</script", from) - from));
}

/// Opens the page in Chromium and checks what a script of tests/cli checks.
void check_by(const std::string& script, const fs::path& page,
              const std::vector<std::string>& more) {
  std::vector<std::string> line = {source("tests/cli/" + script).string(), page.string()};
  line.insert(line.end(), more.begin(), more.end());
  const auto ran = python(line);
  if (ran.code == -1 || ran.code == 77) {
    WARN("skipped: no Chromium or no Python here; scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
}
void check_in_browser(const fs::path& page, int seconds) {
  check_by("check_page.py", page, {"--seconds", std::to_string(seconds)});
}

/// A Praat TextGrid of one tier.
void write_phones(const fs::path& file, const std::string& tier,
                  const std::vector<std::pair<double, std::string>>& until) {
  std::string out = cat("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n",
                        until.back().first, "\n<exists>\n1\n\"IntervalTier\"\n\"", tier, "\"\n0\n",
                        until.back().first, "\n", until.size(), "\n");
  double begin = 0;
  for (const auto& [end, label] : until) {
    out += cat(begin, "\n", end, "\n\"", label, "\"\n");
    begin = end;
  }
  write(file, out);
}

/// A clip of the embedded set as a sound and a curve file.
struct Take {
  TempDir dir;
  fs::path wav, npy, names;
  explicit Take(const std::string& seconds) {
    REQUIRE(call({"synth", "set", "--clips", "1", "--seconds", seconds, "-q"}, dir.path).code == 0);
    for (const auto& e : fs::recursive_directory_iterator(dir / "set")) {
      const bool probe = e.path().string().find("probe") != std::string::npos;
      if (!probe && e.path().extension() == ".wav") wav = e.path();
      if (!probe && e.path().extension() == ".npy") npy = e.path();
    }
    names = dir / "set/curve_names.txt";
  }
  std::vector<std::string> preview(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> line = {"preview",      wav.string(), npy.string(), "--names",
                                     names.string(), "--in-fps",   "30"};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }
};

}  // namespace

TEST_CASE("cli: report writes one page of a run, and overwrites nothing", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto out = (dir / "page.html").string();
  const auto ran = call({"report", shared_run().string(), "--out", out, "--no-probe", "-q"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out == out + "\n");
  CHECK(ran.err.empty());

  const auto data = page_data(out);
  CHECK(data.at("tracks") == Json({"target", "prediction"}));
  CHECK(data.at("epochs").size() == 2);
  CHECK(data.at("probe").empty());
  CHECK_FALSE(data.at("clips").empty());
  CHECK_FALSE(data.at("worst").empty());
  CHECK(data.at("suite").at("per_curve").size() == data.at("rig").at("curves").size());
  CHECK_FALSE(data.at("suite").contains("store"));  // a path of this machine
  const auto again = call({"report", shared_run().string(), "--out", out, "-q"});
  CHECK(again.code == 2);
  CHECK(again.err.find("--force") != std::string::npos);
}

TEST_CASE("cli: report's numbers are those of kuchi eval", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto out = (dir / "page.html").string();
  REQUIRE(call({"report", shared_run().string(), "--out", out, "--no-probe", "-q"}).code == 0);
  const auto judged = call({"eval", shared_run().string(), "--json", "-", "-q"}).json();
  const auto suite = page_data(out).at("suite");
  for (const char* key : {"metrics", "per_curve", "per_clip"})
    CHECK(suite.at(key) == judged.at(key));
}

TEST_CASE("cli: report shows the clips and seconds that are asked for", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto run = shared_run().string();
  const auto report = [&](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> line = {"report",     run, "--out", (dir / name).string(),
                                     "--no-probe", "-q"};
    line.insert(line.end(), more.begin(), more.end());
    return call(line);
  };
  REQUIRE(report("all.html", {"--split", "all", "--clips", "100"}).code == 0);
  const auto all = page_data(dir / "all.html").at("clips");
  CHECK(all.size() == 6);
  const std::string id = all[3].at("id");
  REQUIRE(report("one.html", {"--split", "all", "--clips", id, "--seconds", "1"}).code == 0);
  const auto one = page_data(dir / "one.html").at("clips");
  REQUIRE(one.size() == 1);
  CHECK(one[0].at("id") == id);
  CHECK(one[0].at("frames") == 30);
  CHECK(one[0].at("seconds").get<double>() == Approx(1.0));

  const auto wrong = report("none.html", {"--split", "all", "--clips", id + "x"});
  CHECK(wrong.code == 2);
  CHECK(wrong.one_sentence());
  CHECK(wrong.err.find("did you mean \"" + id + "\"") != std::string::npos);
  CHECK(report("none.html", {"--clips", "0"}).code == 2);
  CHECK_FALSE(fs::exists(dir / "none.html"));
}

TEST_CASE("cli: report refuses what is no run", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto ran = call({"report", dir.path.string()});
  CHECK(ran.code == 3);
  CHECK(ran.one_sentence());
  CHECK(ran.err.find("no run folder") != std::string::npos);
  CHECK(fs::is_empty(dir.path));

  const auto folder = call({"report", shared_run().string(), "--out", dir.path, "--force"});
  CHECK(folder.code == 2);
  CHECK(folder.one_sentence());
  CHECK(folder.err.find("is a folder") != std::string::npos);
}

TEST_CASE("cli: preview sets any sound beside any curves", "[cli]") {
  NEEDS_PROGRAM();
  const Take take("3");
  const auto ran = call(take.preview({"-q"}), take.dir.path);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const fs::path page = take.dir / (take.npy.stem().string() + ".html");
  const auto one = page_data(page);
  CHECK(one.at("tracks") == Json({"curves"}));
  CHECK(one.at("rig").at("name") == "arkit-mouth");  // the rig that the names fit
  CHECK(one.at("worst").empty());

  const auto two = take.dir / "two.html";
  REQUIRE(call(take.preview({"--target", take.npy.string(), "--out", two.string(), "-q"})).code ==
          0);
  const auto both = page_data(two);
  CHECK(both.at("tracks") == Json({"target", "curves"}));
  CHECK(both.at("worst")[0].at("error") == 0.0);  // a file beside itself
}

TEST_CASE("cli: preview shows the phones of a TextGrid", "[cli]") {
  NEEDS_PROGRAM();
  const Take take("3");
  const auto grid = take.dir / "take.TextGrid";
  write_phones(grid, "phones", {{0.25, ""}, {0.4, "p"}, {0.9, "AA1"}, {1.5, "sil"}});
  const auto out = take.dir / "p.html";
  const auto line = take.preview({"--phones", grid.string(), "--out", out.string(), "-q"});
  const auto ran = call(line);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(page_data(out).at("clips")[0].at("phones") == Json({{0.0, 0.25, "", "silence"},
                                                            {0.25, 0.4, "p", "bilabial"},
                                                            {0.4, 0.9, "AA1", "open"},
                                                            {0.9, 1.5, "sil", "silence"}}));
  auto wrong = take.preview({"--phones", grid.string(), "--tier", "words", "--out", "x.html"});
  const auto refused = call(wrong, take.dir.path);
  CHECK(refused.code == 3);
  CHECK(refused.one_sentence());
  CHECK(refused.err.find("phones") != std::string::npos);
  CHECK_FALSE(fs::exists(take.dir / "x.html"));
}

TEST_CASE("cli: report's clips have the embedded set's phones, and a table of them", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto run = shared_run().string();
  const auto with = dir / "with.html", without = dir / "without.html";
  REQUIRE(call({"report", run, "--out", with.string(), "--no-probe", "-q"}).code == 0);
  REQUIRE(
      call({"report", run, "--out", without.string(), "--no-probe", "--no-phones", "-q"}).code ==
      0);
  const auto judged = call({"eval", run, "--phones", "--json", "-", "-q"}).json();
  const auto data = page_data(with);
  CHECK(data.at("phones") == judged.at("phones"));
  for (const auto& clip : data.at("clips")) {
    REQUIRE(!clip.at("phones").empty());
    double at = 0;
    for (const auto& phone : clip.at("phones")) {
      CHECK(phone[0].get<double>() >= at - 1e-9);
      at = phone[1];
    }
    CHECK(at <= clip.at("seconds").get<double>() + 0.05);
  }
  CHECK(page_data(without).at("phones").is_null());
  CHECK(page_data(without).at("clips")[0].at("phones").empty());
}

TEST_CASE("cli: a run's own phones are not shown under another store's sound", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  // Clips of every embedded set are called alike.
  must({"synth", (dir / "set").string(), "--clips", "4", "--seconds", "2", "--seed", "77", "-q"});
  const auto store = (dir / "other.h5").string();
  must({"prepare", (dir / "set/recipe.yaml").string(), "--out", store, "-q"});
  const auto page = dir / "page.html";
  const std::vector<std::string> line = {
      "report", shared_run().string(), "--store", store,   "--split",
      "all",    "--no-probe",          "-q",      "--out", page.string()};
  REQUIRE(call(line).code == 0);
  CHECK(page_data(page).at("phones").is_null());
  auto with = line;
  with.insert(with.end(), {"--force", "--phones"});
  const auto asked = call(with);
  CHECK(asked.code == 2);
  CHECK(asked.one_sentence());
  with.back() = "--phones-from";
  with.push_back((dir / "set").string());
  const auto told = call(with);
  INFO(told.err);
  REQUIRE(told.code == 0);
  CHECK(page_data(page).at("phones").at("clips") ==
        page_data(page).at("suite").at("per_clip").size());
}

TEST_CASE("cli: preview refuses a sound shorter than the curves, and names that fit no rig",
          "[cli]") {
  NEEDS_PROGRAM();
  const Take take("3");
  audio::write_wav(take.dir / "short.wav", std::vector<float>(8000, 0.1f));
  auto line = take.preview({"--out", (take.dir / "x.html").string()});
  line[1] = (take.dir / "short.wav").string();
  const auto shorter = call(line);
  CHECK(shorter.code == 3);
  CHECK(shorter.one_sentence());
  CHECK(shorter.err.find("short.wav") != std::string::npos);

  audio::write_wav(take.dir / "two.wav", std::vector<float>(32000, 0.1f));
  write(take.dir / "short.csv", "time,jawOpen\n0,0.1\n0.5,0.2\n");
  const auto target =
      call({"preview", (take.dir / "two.wav").string(), (take.dir / "short.csv").string(), "--rig",
            "arkit-mouth", "--target", take.npy.string()});
  CHECK(target.code == 3);
  CHECK(target.err.find(take.npy.filename().string()) != std::string::npos);

  write(take.dir / "fast.csv", "time,jawOpen\n0,0.1\n0.000001,0.2\n");
  const auto fast = call({"preview", take.wav.string(), (take.dir / "fast.csv").string()});
  CHECK(fast.code == 3);
  CHECK(fast.err.find("are its times in seconds?") != std::string::npos);

  write(take.dir / "odd.csv", "time,left_ear\n0,0.1\n0.1,0.2\n");
  const auto odd = call({"preview", take.wav.string(), (take.dir / "odd.csv").string()});
  CHECK(odd.code == 3);
  CHECK(odd.one_sentence());
  CHECK(odd.err.find("--rig") != std::string::npos);

  write(take.dir / "nan.csv", "time,jawOpen\n0,0.1\n0.1,nan\n");
  const auto nan = call({"preview", take.wav.string(), (take.dir / "nan.csv").string()});
  CHECK(nan.code == 3);
  CHECK(nan.err.find("nan.csv:3") != std::string::npos);
  CHECK_FALSE(fs::exists(take.dir / "x.html"));
}

TEST_CASE("page: a run's page in a browser", "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto out = dir / "page.html";
  REQUIRE(call({"report", shared_run().string(), "--out", out.string(), "--split", "all", "-q",
                "--no-probe"})
              .code == 0);
  check_in_browser(out, 3);
  check_by("check_lanes.py", out, {});
}

TEST_CASE("page: spectrogram, phones, errors and the blind test in a browser", "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  constexpr double kPi = 3.14159265358979323846;
  const std::vector<double> pitches = {200, 800, 2500, 6000};
  std::vector<float> sound;
  for (const double hz : pitches) {
    for (int i = 0; i < 40000; ++i)
      sound.push_back(static_cast<float>(0.4 * std::sin(2 * kPi * hz * i / audio::kRate)));
  }
  audio::write_wav(dir / "tones.wav", sound);
  std::string one = "time,jawOpen,mouthClose\n", other = one;
  for (int t = 0; t < 300; ++t) {
    const double open = 0.5 + 0.4 * std::sin(t / 7.0);
    one += cat(t / 30.0, ",", open, ",0.1\n");
    other += cat(t / 30.0, ",", 0.8 * open, ",0\n");
  }
  write(dir / "two.yaml",
        "name: two\ncurves: [jawOpen, mouthClose]\naperture: jawOpen - mouthClose\n");
  write(dir / "one.csv", one);
  write(dir / "other.csv", other);
  write_phones(dir / "tones.TextGrid", "phones", {{2.5, "u"}, {5, "m"}, {7.5, "a"}, {10, ""}});
  const auto out = dir / "tones.html";
  const auto ran =
      call({"preview", (dir / "tones.wav").string(), (dir / "one.csv").string(), "--target",
            (dir / "other.csv").string(), "--phones", (dir / "tones.TextGrid").string(), "--rig",
            (dir / "two.yaml").string(), "--out", out.string(), "-q"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  check_by("check_lanes.py", out, {"--tones", "200:2.5,800:2.5,2500:2.5,6000:2.5"});
}

TEST_CASE("page: a minute's preview in a browser: sound and mouth stay together", "[cli][slow]") {
  NEEDS_PROGRAM();
  const Take take("110");  // lengths vary by 40 %: 66 s at least
  const auto out = take.dir / "minute.html";
  REQUIRE(call(take.preview({"--target", take.npy.string(), "--out", out.string(), "-q"})).code ==
          0);
  check_in_browser(out, 60);
}

TEST_CASE("page: a rig without a mouth, and names that try to be HTML, in a browser",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const std::string evil = "<img src=x onerror=alert(1)>";
  audio::write_wav(dir / (evil + ".wav"), tone(32000, 1));
  write(dir / "own.yaml", "name: \"" + evil + "\"\ncurves: [wave, tide]\naperture: wave\n");
  std::string csv = "time,wave,tide\n";
  for (int t = 0; t < 40; ++t) csv += cat(0.05 * t, ",", 0.02 * t, ",0.5\n");
  write(dir / "own.csv", csv);
  const auto ran =
      call({"preview", (dir / (evil + ".wav")).string(), (dir / "own.csv").string(), "--rig",
            (dir / "own.yaml").string(), "--out", (dir / "p.html").string(), "-q"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  check_in_browser(dir / "p.html", 1);
}

TEST_CASE("cli: report of a run whose notes are damaged goes on, or says what is damaged",
          "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto run = dir / "run";
  fs::copy(shared_run(), run, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  const auto report = [&] { return call({"report", run.string(), "--no-probe", "--force", "-q"}); };
  write(run / "build.json", "{\"kuchi\": 3}");
  write(run / "events.jsonl", "{\"event\": 5}\n{\"event\": \"epoch\", \"epoch\": \"one\"}\n");
  CHECK(report().code == 0);

  auto data = Json::parse(content(run / "data.json"));
  data["name"] = 7;
  write(run / "data.json", data.dump());
  const auto damaged = report();
  CHECK(damaged.code == 3);
  CHECK(damaged.one_sentence());
  CHECK(damaged.err.find("the run folder is damaged") != std::string::npos);
}
