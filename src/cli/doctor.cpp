#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <H5public.h>
#include <sndfile.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/common.h"
#include "config/paths.h"
#include "core/error.h"
#include "core/text.h"
#include "edge/cuda_plugin.h"
#include "kuchi/build_info.h"
#include "report/table.h"

namespace kuchi::cli {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what;
  bool good;
  std::string text;
};

std::string gib(double bytes) { return number(bytes / 1073741824.0, 3) + " GiB"; }

Finding disk(const std::string& what, fs::path path) {
  std::error_code ec;
  while (!fs::exists(path, ec) && path.has_parent_path() && path != path.parent_path()) {
    path = path.parent_path();
  }
  const auto space = fs::space(path, ec);
  if (ec) return {what, false, path.string() + ": cannot be asked (" + ec.message() + ")"};
  const bool writable = access(path.c_str(), W_OK) == 0;
  const auto free = static_cast<double>(space.available);
  std::string text = path.string() + ", " + gib(free) + " free";
  if (!writable) text += "; not writable: choose another directory";
  if (free < 1e9) text += "; little: a store of ten hours takes some 4 GB";
  return {what, writable && free >= 1e9, text};
}

Finding cuda() {
  const auto& c = edge::cuda();
  if (!c.available) return {"CUDA", true, "not used: " + c.why_not};
  if (c.plugin == nullptr) {
    return {"CUDA", true, cat(c.devices, " device(s); no plug-in: ", c.why_no_plugin)};
  }
  std::vector<std::string> devices;
  for (int i = 0; i < c.devices; ++i) {
    const auto d = c.plugin->device(i);
    devices.push_back(cat("cuda:", i, " ", d.name, ", sm_", d.major, d.minor, ", ",
                          gib(static_cast<double>(d.free_bytes)), " of ",
                          gib(static_cast<double>(d.total_bytes)), " free"));
  }
  const auto v = c.plugin->versions();
  return {"CUDA", true,
          cat(join(devices, "; "), "; runtime ", v.runtime, ", driver ", v.driver, ", cuDNN ",
              v.cudnn)};
}

std::vector<Finding> findings() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  const auto configs = config::config_dir();
  std::error_code ec;
  const bool has_configs = fs::exists(configs / "base.yaml", ec);
  return {
      {"Kuchi", true,
       cat(build_info::kVersion, " (", build_info::kCommit, "), ", build_info::kCompiler)},
      {"LibTorch", true, cat(build_info::kLibTorch, " in ", edge::libtorch_folder())},
      cuda(),
      {"HDF5", true, cat(major, ".", minor, ".", release)},
      {"libsndfile", true, sf_version_string()},
      {"threads", true,
       cat(std::thread::hardware_concurrency(), " cores; arithmetic: ", at::get_num_threads(),
           " threads, ", at::get_cpu_capability())},
      {"configs", has_configs,
       configs.string() + (has_configs ? "" : ": not found; set KUCHI_CONFIGS")},
      disk("disk, here", fs::current_path(ec)),
      disk("disk, cache", config::cache_dir()),
  };
}

}  // namespace

nlohmann::json build_json() {
  return {{"kuchi", build_info::kVersion},     {"commit", build_info::kCommit},
          {"compiler", build_info::kCompiler}, {"libtorch", build_info::kLibTorch},
          {"cpu", at::get_cpu_capability()},   {"threads", at::get_num_threads()}};
}

void add_doctor(CLI::App& app, Context& context) {
  auto json = std::make_shared<JsonOption>();
  auto* verb = app.add_subcommand("doctor", "what this machine has, and what to do where it lacks");
  json->add(*verb);
  example(*verb, "kuchi doctor");
  verb->callback([json, &context] {
    refuse_overrides(context, "doctor");
    json->check();
    report::Table table;
    table.add_column("", report::Align::left);
    table.add_column("what", report::Align::left);
    table.add_column("found", report::Align::left);
    nlohmann::ordered_json out;
    bool good = true;
    for (const auto& f : findings()) {
      table.add_row({f.good ? "ok" : "!!", f.what, f.text});
      out[f.what] = {{"ok", f.good}, {"found", f.text}};
      good = good && f.good;
    }
    json->write(out);
    if (!json->on_stdout()) table.print(std::cout);
    std::cout << std::flush;
    if (!good) throw UserError(Exit::environment, "not all is well; see the lines marked !!");
  });
}

}  // namespace kuchi::cli
