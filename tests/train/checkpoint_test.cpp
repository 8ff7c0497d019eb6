#include "train/checkpoint.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>

#include "../caught.h"
#include "catch.h"
#include "core/text.h"

using namespace kuchi;
using namespace kuchi::train;
using test::has;

namespace {

namespace fs = std::filesystem;

struct Run {
  fs::path path;
  Run() {
    static std::atomic<int> counter{0};
    path = fs::temp_directory_path() / cat("kuchi-checkpoint-", getpid(), "-", counter++);
    fs::create_directories(path / "checkpoints");
  }
  ~Run() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  fs::path write(int64_t step, double value = 0) const {
    State s;
    s.step = step;
    return write_checkpoint(path, s,
                            {{{"w", at::full({2}, value)}}, {{"steps/w", at::ones({})}}, {}});
  }
  std::vector<int64_t> steps() const {
    std::vector<int64_t> out;
    for (const auto& [step, dir] : list_checkpoints(path)) out.push_back(step);
    return out;
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

using Steps = std::vector<int64_t>;

}  // namespace

TEST_CASE("checkpoint: all its files, under its step, and nothing beside", "[train]") {
  const Run run;
  const auto dir = run.write(12);
  CHECK(dir.parent_path() == run.path / "checkpoints");
  for (const auto* name : {"model.safetensors", "optimizer.safetensors", "state.json", "DONE"}) {
    CHECK(fs::is_regular_file(dir / name));
  }
  int files = 0;
  for (const auto& entry : fs::directory_iterator(dir)) {
    (void)entry;
    ++files;
  }
  CHECK(files == 4);
  CHECK(std::distance(fs::directory_iterator(run.path / "checkpoints"), {}) == 1);
}

TEST_CASE("checkpoint: the state comes back, every field, to the last bit", "[train]") {
  const Run run;
  State s;
  s.step = 123456789012;
  s.epoch = 7;
  s.batch = 3;
  s.loss_sum = 0.1 + 0.2;
  s.loss_frames = 991;
  s.best = 1.0 / 3;
  s.best_step = 40;
  s.bad_epochs = 2;
  s.seconds = 1e-7 / 3;
  s.finished = true;
  s.skipped = 5;
  s.skipped_in_a_row = 2;
  s.errors = {1.0 / 7, 1e-300};
  s.first_errors = 2.0 / 3;
  s.still_epochs = 4;
  const auto back = read_state(write_checkpoint(run.path, s, {}));
  CHECK(back.step == s.step);
  CHECK(back.epoch == 7);
  CHECK(back.batch == 3);
  CHECK(back.loss_sum == s.loss_sum);
  CHECK(back.loss_frames == 991);
  CHECK(back.best == s.best);
  CHECK(back.best_step == 40);
  CHECK(back.bad_epochs == 2);
  CHECK(back.seconds == s.seconds);
  CHECK(back.finished);
  CHECK(back.skipped == 5);
  CHECK(back.skipped_in_a_row == 2);
  CHECK(back.errors == s.errors);
  CHECK(back.first_errors == s.first_errors);
  CHECK(back.still_epochs == 4);
  State none;
  none.step = 1;
  CHECK_FALSE(read_state(write_checkpoint(run.path, none, {})).best.has_value());
}

TEST_CASE("checkpoint: listed by step, as numbers", "[train]") {
  const Run run;
  for (const int64_t step : {100, 20, 3, 123456789}) run.write(step);
  CHECK(run.steps() == Steps{3, 20, 100, 123456789});
}

TEST_CASE("checkpoint: without DONE it is invisible, and so is what has no step's name",
          "[train]") {
  const Run run;
  run.write(1);
  fs::remove(run.write(2) / "DONE");
  fs::create_directories(run.path / "checkpoints/notes");
  std::ofstream(run.path / "checkpoints/notes/DONE") << "ok";
  fs::create_directories(run.path / "checkpoints/.tmp-00000009");
  std::ofstream(run.path / "checkpoints/.tmp-00000009/DONE") << "ok";
  CHECK(run.steps() == Steps{1});
  CHECK(find_checkpoint(run.path, "last").filename() == fs::path("00000001"));
  CHECK_FALSE(mistake([&] { find_checkpoint(run.path, "2"); }).empty());
}

TEST_CASE("checkpoint: found as last, best or step; another name says which there are", "[train]") {
  const Run run;
  const auto first = run.write(5), second = run.write(10);
  link_checkpoint(run.path, "best", first);
  CHECK(fs::canonical(find_checkpoint(run.path, "last")) == fs::canonical(second));
  CHECK(fs::canonical(find_checkpoint(run.path, "best")) == fs::canonical(first));
  CHECK(fs::canonical(find_checkpoint(run.path, "10")) == fs::canonical(second));
  const auto text = mistake([&] { find_checkpoint(run.path, "7"); });
  for (const auto* part : {"\"7\"", "best", "last", "5", "10"}) CHECK(has(text, part));
}

TEST_CASE("checkpoint: a folder without any is told as such", "[train]") {
  const Run run;
  for (const auto* which : {"last", "best", "5"}) {
    CHECK(has(mistake([&] { find_checkpoint(run.path, which); }), run.path.string()));
  }
  CHECK_FALSE(mistake([] { find_checkpoint("/no/such/run", "last"); }).empty());
  CHECK(list_checkpoints("/no/such/run").empty());
}

TEST_CASE("checkpoint: links move, stay valid when the run moves, and leave nothing beside",
          "[train]") {
  const Run run;
  const auto a = run.write(1), b = run.write(2);
  link_checkpoint(run.path, "last", a);
  link_checkpoint(run.path, "last", b);
  CHECK(fs::is_symlink(run.path / "last"));
  CHECK(fs::read_symlink(run.path / "last").is_relative());
  CHECK(fs::canonical(run.path / "last") == fs::canonical(b));
  const Run other;
  fs::remove_all(other.path);
  fs::rename(run.path, other.path);
  CHECK(fs::exists(other.path / "last/DONE"));
  CHECK(std::distance(fs::directory_iterator(other.path), {}) == 2);
}

TEST_CASE("checkpoint: the same step again replaces the first", "[train]") {
  const Run run;
  run.write(3, 1);
  const auto dir = run.write(3, 2);
  CHECK(run.steps() == Steps{3});
  CHECK(edge::load_tensors(dir / "model.safetensors").tensors.at("w")[0].item<float>() == 2);
  CHECK(std::distance(fs::directory_iterator(run.path / "checkpoints"), {}) == 1);
}

TEST_CASE("checkpoint: pruning keeps the newest and the best, and clears leftovers", "[train]") {
  const Run run;
  for (const int64_t step : {1, 2, 3, 4, 5}) run.write(step);
  fs::remove(run.path / "checkpoints/00000001/DONE");
  fs::create_directories(run.path / "checkpoints/.tmp-00000006");
  prune_checkpoints(run.path, 2, 2);
  CHECK(run.steps() == Steps{2, 4, 5});
  CHECK(std::distance(fs::directory_iterator(run.path / "checkpoints"), {}) == 3);
  prune_checkpoints(run.path, 100, -1);
  CHECK(run.steps() == Steps{2, 4, 5});
}

TEST_CASE("checkpoint: pruning spares what a link points at", "[train]") {
  const Run run;
  for (const int64_t step : {1, 2, 3}) run.write(step);
  link_checkpoint(run.path, "best", run.path / "checkpoints/00000001");
  prune_checkpoints(run.path, 1, -1);
  CHECK(run.steps() == Steps{1, 3});
  CHECK(fs::exists(run.path / "best/DONE"));
}

TEST_CASE("checkpoint: a step that cannot be written leaves the others and no rubbish", "[train]") {
  const Run run;
  run.write(1);
  State s;
  s.step = 2;
  // A complex tensor has no safetensors name: the writing fails half-way.
  CHECK_THROWS(write_checkpoint(
      run.path, s, {{{"w", at::zeros({1})}}, {{"odd", at::zeros({1}, at::kComplexFloat)}}, {}}));
  CHECK(run.steps() == Steps{1});
  CHECK(std::distance(fs::directory_iterator(run.path / "checkpoints"), {}) == 1);
}

TEST_CASE("checkpoint: a damaged state is the user's mistake, with the file's name", "[train]") {
  const Run run;
  const auto dir = run.write(1);
  for (const std::string text :
       {"", "{", "[]", "null", "{}", R"({"step": "x"})", "\xff\xff", R"({"step": 1})"}) {
    std::ofstream(dir / "state.json", std::ios::binary) << text;
    INFO(text);
    CHECK(has(mistake([&] { read_state(dir); }), "state.json"));
  }
  fs::remove(dir / "state.json");
  CHECK(has(mistake([&] { read_state(dir); }), "state.json"));
}
