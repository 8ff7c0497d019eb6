// Study files and metrics files made up for tests.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "../caught.h"
#include "core/text.h"
#include "study/sweep.h"

namespace kuchi::test {
namespace fs = std::filesystem;

/// A folder of its own, removed at the end.
struct StudyFolder {
  fs::path path;
  StudyFolder() {
    std::string name = (fs::temp_directory_path() / "kuchi-study-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~StudyFolder() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    return path / name;
  }
  study::Study study(const std::string& text) const {
    return study::load_study(write("study.yaml", text));
  }
};

/// Knows the keys head, width, steps and seed, and takes every value as it is.
inline study::Resolved invented_resolve(const study::Choice& choice) {
  std::string text;
  for (const auto& c : choice) {
    for (const char* known :
         {"head", "width", "rate", "steps", "train.seed", "train.max_steps", "data.fraction",
          "data.split.by", "data.split.test", "data.split.valid", "eval.split"}) {
      if (c.key == known) text += cat(c.key, ": ", study::flow_text(c.value), "\n");
    }
    if (text.find(c.key + ": ") == std::string::npos) {
      fail_config(c.key_at, cat("unknown key \"", c.key, "\""));
    }
  }
  return {text, text};
}

inline study::Experiments invented_experiments() {
  study::Experiments out;
  out.resolve = invented_resolve;
  out.clips = [](const study::Choice&) {
    return std::vector<data::ClipFacts>{
        {"a1", "ann", 100}, {"a2", "ann", 100}, {"b1", "bob", 100}, {"c1", "cid", 100}};
  };
  return out;
}

/// A metrics file of so many clips: the squared error of clip u is error(u), of 1000 values each.
inline void write_metrics(const fs::path& dir, const std::string& id, int64_t clips,
                          const std::function<double(int64_t)>& error,
                          const std::string& prefix = "clip") {
  nlohmann::ordered_json units = {{"kind", "clip"}}, out;
  double sum = 0;
  for (int64_t u = 0; u < clips; ++u) {
    units["clip"].push_back(cat(prefix, u));
    units["squared_error"].push_back(error(u));
    units["count"].push_back(1000);
    sum += error(u);
  }
  const double mse = sum / (1000.0 * static_cast<double>(clips));
  out["frames"] = 100 * clips;
  out["metrics"] = {{"mse", {{"value", mse}, {"low", nullptr}, {"high", nullptr}}},
                    {"r2", {{"value", 0.5}, {"low", nullptr}, {"high", nullptr}}}};
  out["units"] = units;
  fs::create_directories(study::run_of(dir, id));
  std::ofstream(study::run_of(dir, id) / "metrics.json") << out;
}

}  // namespace kuchi::test
