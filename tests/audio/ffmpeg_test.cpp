// Sound that an installed ffmpeg decodes: what is asked of it with one that only says so, and with
// the real one where the machine has it.
#include "audio/ffmpeg.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <optional>

#include "audio/audio.h"
#include "audio/test_files.h"
#include "caught.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "variable.h"

using namespace kuchi;
using namespace kuchi::audio;
using namespace kuchi::test_files;
using test::caught;
using test::Variable;

namespace {

/// PATH with a folder's programs before the system's.
Variable path_with(const Folder& folder) {
  return {"PATH", folder.path().string() + ":/bin:/usr/bin"};
}

std::vector<float> tone() {
  std::vector<float> samples;
  for (int i = 0; i < 32000; ++i) samples.push_back(0.5F * std::sin(0.17F * static_cast<float>(i)));
  return samples;
}

fs::path film(const fs::path& file) {
  return write(file, std::string("\x00\x00\x00\x14", 4) + "ftypqt  and so on, no real film");
}

/// An ffmpeg that notes how it was called and gives `wav`.
void fake(const fs::path& folder, const fs::path& wav) {
  const auto program =
      write(folder / "ffmpeg", "#!/bin/sh\nprintf '%s\\n' \"$@\" > '" +
                                   (folder / "called").string() + "'\nfor last; do :; done\ncat '" +
                                   wav.string() + "' > \"${last#file:}\"\n");
  fs::permissions(program, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("ffmpeg: only what libsndfile does not read goes there", "[audio]") {
  const Folder folder;
  CHECK(needs_ffmpeg(film(folder / "a.mov")));
  CHECK(needs_ffmpeg(write(folder / "a.webm", "\x1A\x45\xDF\xA3 and more")));
  CHECK(needs_ffmpeg(write(folder / "a.aac", "\xFF\xF1 and more of it")));
  write_wav(folder / "a.wav", tone());
  CHECK_FALSE(needs_ffmpeg(folder / "a.wav"));
  CHECK_FALSE(needs_ffmpeg(write(folder / "a.mp3", "\xFF\xFB and more of it")));
  CHECK_FALSE(needs_ffmpeg(write(folder / "a.txt", "text")));
  CHECK_FALSE(needs_ffmpeg(folder / "none.mov"));
}

TEST_CASE("ffmpeg: it is called without a shell, and its sound is read", "[audio]") {
  const Folder folder;
  write_wav(folder / "given.wav", tone());
  fake(folder.path(), folder / "given.wav");
  const auto take = film(folder / "-y; touch 'x' $(y).mov");
  const auto path = path_with(folder);
  const auto heard = audio::read(take);
  REQUIRE(heard.size() == 32000);
  CHECK(heard == audio::read(folder / "given.wav"));
  const auto called = slurp(folder / "called");
  CHECK(test::has(called, "-i\nfile:" + take.string() + "\n"));
  CHECK(test::has(called, "0:a:0"));
  const auto info = probe(take);
  CHECK(info.frames == 32000);
  CHECK(info.container == "decoded by ffmpeg");
}

TEST_CASE("ffmpeg: none, one that fails, one that gives nothing", "[audio]") {
  const Folder folder;
  const auto take = film(folder / "a.mov");
  {
    const Variable path("PATH", folder.path().string());
    const auto none = caught([&] { audio::read(take); });
    CHECK(none.code == 5);
    CHECK(none.has("none is found in PATH; install ffmpeg"));
  }
  const auto path = path_with(folder);
  for (const char* does : {"echo 'moov atom not found' >&2; exit 1", "exit 0"}) {
    fs::permissions(write(folder / "ffmpeg", cat("#!/bin/sh\n", does, "\n")), fs::perms::owner_all);
    const auto failed = caught([&] { audio::read(take); });
    CHECK(failed.code == 3);
    CHECK(failed.has("convert it to WAV"));
    CHECK(test::has(failed.text, "moov atom") == test::has(does, "moov atom"));
  }
}

TEST_CASE("ffmpeg: what it writes has no name that others can guess, and is removed", "[audio]") {
  const Folder folder, temporary;
  write_wav(folder / "given.wav", tone());
  const auto take = film(folder / "a.mov");
  const auto theirs = write(folder / "theirs.txt", "not ours to write");
  const auto plant = [&] {  // for the next names that a counter would give
    for (int i = 0; i < 200; ++i) {
      for (const char* ending : {".wav", ".txt"}) {
        fs::create_symlink(theirs, temporary / cat("kuchi-sound-", getpid(), "-", i, ending));
      }
    }
  };
  const Variable tmpdir("TMPDIR", temporary.path().string());
  const auto path = path_with(folder);
  const auto left = [&] {
    return std::distance(fs::directory_iterator(temporary.path()), fs::directory_iterator());
  };
  plant();
  fake(folder.path(), folder / "given.wav");
  CHECK(audio::read(take).size() == 32000);
  CHECK(slurp(theirs) == "not ours to write");
  CHECK(left() == 400);
  fs::permissions(write(folder / "ffmpeg", "#!/bin/sh\nexit 1\n"), fs::perms::owner_all);
  CHECK(caught([&] { audio::read(take); }).code == 3);
  CHECK(slurp(theirs) == "not ours to write");
  CHECK(left() == 400);
}

TEST_CASE("ffmpeg: ^C, which comes to it too, is no fault of the file", "[audio]") {
  const Folder folder, temporary;
  const auto take = film(folder / "a.mov");
  fs::permissions(write(folder / "ffmpeg", "#!/bin/sh\nkill -INT $PPID\nexit 255\n"),
                  fs::perms::owner_all);
  const Variable tmpdir("TMPDIR", temporary.path().string());
  const auto path = path_with(folder);
  const pid_t child = fork();  // that it was interrupted is never forgotten by a process
  if (child == 0) {
    install_interrupt_handler();
    _exit(caught([&] { audio::read(take); }).code);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == static_cast<int>(Exit::interrupted));
  CHECK(fs::is_empty(temporary.path()));
}

TEST_CASE("ffmpeg: real AAC in MOV and M4A", "[audio]") {
  if (std::system("ffmpeg -version > /dev/null 2>&1") != 0) {
    WARN("skipped: no ffmpeg in PATH");
    return;
  }
  const Folder folder;
  write_wav(folder / "a.wav", tone());
  for (const char* name : {"a.mov", "a.m4a"}) {
    const std::string made = "ffmpeg -v error -i '" + (folder / "a.wav").string() + "' -c:a aac '" +
                             (folder / name).string() + "'";
    REQUIRE(std::system(made.c_str()) == 0);
    const auto heard = audio::read(folder / name);
    const auto sent = tone();
    REQUIRE(std::abs(static_cast<double>(heard.size()) - 32000) < 3200);
    double same = 0, energy = 0;
    for (size_t i = 4000; i < 28000; ++i) {
      same += static_cast<double>(heard[i]) * sent[i];
      energy += static_cast<double>(sent[i]) * sent[i];
    }
    CHECK(same / energy == Approx(1).margin(0.05));
  }
}
