// A training of seconds on the embedded data set, and what it left on disk.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "../caught.h"
#include "core/log.h"
#include "core/text.h"
#include "edge/tensor_file.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

namespace kuchi::test {

namespace fs = std::filesystem;
using Settings = std::vector<std::string>;

inline Settings joined(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// One folder for all tests of this process, removed at its end; the cache is in it, so that the
/// data set is made once.
inline const fs::path& workshop() {
  struct Shop {
    fs::path path = fs::temp_directory_path() / cat("kuchi-train-", getpid());
    const pid_t owner = getpid();
    Shop() {
      fs::create_directories(path);
      setenv("KUCHI_CACHE", (path / "cache").c_str(), 1);
      set_quiet(true);
    }
    ~Shop() {
      std::error_code ec;
      if (getpid() == owner) fs::remove_all(path, ec);
    }
  };
  static const Shop shop;
  return shop.path;
}

inline fs::path new_run() {
  static std::atomic<int> counter{0};
  return workshop() / cat("run", counter++);
}

/// 8 clips of 2 s, a head of a few thousand weights, one thread, several batches an epoch.
inline Settings small(const Settings& more = {}) {
  Settings all = {"data.synth.clips=8",      "data.synth.seconds=2",        "data.split.by=clip",
                  "data.split.valid=0.25",   "data.split.test=0.25",        "features.stack=1",
                  "model.head=bilstm",       "model.bilstm.projection=[8]", "model.bilstm.hidden=6",
                  "model.bilstm.layers=2",   "model.bilstm.output=[8]",     "train.batch_frames=60",
                  "train.segment_frames=30", "train.max_epochs=4",          "train.device=cpu",
                  "train.threads=1"};
  return joined(std::move(all), more);
}

inline train::Outcome run_training(const fs::path& run, const Settings& settings) {
  workshop();
  train::Experiment experiment;
  train::load(experiment, "", settings);
  return train::train(experiment, run, {"test", nlohmann::json::object()}, false, {"test"});
}

inline std::string file_bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("no file " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The weights of a checkpoint by name.
inline std::map<std::string, at::Tensor> saved(const fs::path& run,
                                               const std::string& which = "last") {
  return edge::load_tensors(train::find_checkpoint(run, which) / "model.safetensors").tensors;
}

/// Weights and moments of the last checkpoint, byte for byte.
struct Left {
  std::string model, optimizer;
  int64_t step = -1;
  nlohmann::json state;
  bool operator==(const Left& o) const {
    return model == o.model && optimizer == o.optimizer && step == o.step && state == o.state;
  }
};
inline Left left(const fs::path& run) {
  const auto dir = train::find_checkpoint(run, "last");
  Left out{file_bytes(dir / "model.safetensors"), file_bytes(dir / "optimizer.safetensors"), 0,
           nlohmann::json::parse(file_bytes(dir / "state.json"))};
  out.step = out.state.at("step");
  out.state.erase("seconds");  // all but the time it took
  return out;
}

/// The events of a run without what they took.
inline std::vector<nlohmann::json> events(const fs::path& run) {
  std::vector<nlohmann::json> out;
  for (const auto& line : split(file_bytes(run / "events.jsonl"), '\n')) {
    if (line.empty()) continue;
    auto json = nlohmann::json::parse(line);
    json.erase("seconds");
    json.erase("timing");
    out.push_back(json);
  }
  return out;
}

/// Those of its epochs alone.
inline std::vector<nlohmann::json> epochs(const fs::path& run) {
  auto out = events(run);
  std::erase_if(out, [](const auto& e) { return e.at("event") != "epoch"; });
  return out;
}

/// What differs, without printing kilobytes of weights.
#define CHECK_SAME(a, b)                                                                       \
  do {                                                                                         \
    const auto one_ = (a), two_ = (b);                                                         \
    CHECK_FALSE(one_.step != two_.step);                                                       \
    CHECK(one_.state == two_.state);                                                           \
    const bool model_ = one_.model != two_.model, moments_ = one_.optimizer != two_.optimizer; \
    CHECK_FALSE(model_);                                                                       \
    CHECK_FALSE(moments_);                                                                     \
  } while (false)

}  // namespace kuchi::test
