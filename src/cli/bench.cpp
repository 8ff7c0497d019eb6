#include "encoders/bench.h"

#include <ATen/Parallel.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/common.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "encoders/load.h"
#include "encoders/packed.h"
#include "report/table.h"
#include "train/bench.h"

namespace kuchi::cli {
namespace {

struct Args {
  std::string what, directory, precision = "fp32";
  std::vector<double> seconds = {5, 10, 30};
  encoders::Windows windows;
  bool mixed = false;
  int64_t steps = 7, batch = 0, frames = 200, threads = 0;
  JsonOption json;
};

std::vector<encoders::BenchCase> cases(const Args& args) {
  std::vector<encoders::BenchCase> out;
  const int64_t batch = std::max<int64_t>(1, args.batch);
  for (const double s : args.seconds) {
    encoders::BenchCase one;
    one.name = cat(batch > 1 ? cat(batch, " x ") : std::string(), number(s), " s");
    one.seconds.assign(static_cast<size_t>(batch), s);
    out.push_back(std::move(one));
  }
  if (args.mixed) {
    encoders::BenchCase one;
    one.name = "16 of 2 to 15 s";
    one.seconds = encoders::mixed_lengths();
    out.push_back(std::move(one));
  }
  return out;
}

nlohmann::ordered_json to_json(const encoders::BenchCase& one, double peak) {
  return {{"name", one.name},
          {"clips", one.seconds.size()},
          {"audio_seconds", one.audio_s()},
          {"median_ms", one.median_ms},
          {"audio_per_second", one.audio_rate()},
          {"gflops", one.rate() / 1e9},
          {"share_of_peak", one.rate() / peak}};
}

void bench_encoder(const Args& args) {
  const bool bfloat16 = args.precision == "bf16";
  const auto encoder = args.directory.empty()
                           ? std::make_shared<encoders::Encoder>(encoders::EncoderConfig())
                           : encoders::load(args.directory);
  encoder->freeze_for_inference(bfloat16);
  const double peak = encoders::product_peak(encoder->config(), bfloat16, args.steps);
  auto all = cases(args);
  Progress progress("bench", static_cast<int64_t>(all.size()));
  for (size_t i = 0; i < all.size(); ++i) {
    encoders::measure(*encoder, all[i], args.steps);
    progress.at(static_cast<int64_t>(i) + 1);
  }
  progress.finish();
  std::vector<encoders::WindowedCase> windowed;
  if (args.windows.window_s > 0) {
    for (const auto& one : all) {
      windowed.push_back(encoders::measure_windowed(*encoder, one, args.windows, args.steps));
    }
  }

  nlohmann::ordered_json json = {{"median_ms", all[0].median_ms},
                                 {"gflops", all[0].rate() / 1e9},
                                 {"peak_gflops", peak / 1e9},
                                 {"precision", args.precision},
                                 {"threads", at::get_num_threads()}};
  for (const auto& one : all) json["cases"].push_back(to_json(one, peak));
  for (const auto& one : windowed) {
    json["windowed"].push_back({{"name", one.timed.name},
                                {"window_s", args.windows.window_s},
                                {"overlap_s", args.windows.overlap_s},
                                {"median_ms", one.timed.median_ms},
                                {"audio_per_second", one.timed.audio_rate()},
                                {"largest_difference", one.largest},
                                {"relative_difference", one.relative}});
  }
  args.json.write({{"encoder", json}});
  if (args.json.on_stdout()) return;
  report::Table table;
  table.add_column("clips", report::Align::left);
  for (const auto* name : {"median ms", "audio s/s", "GFLOP/s", "of peak"}) table.add_column(name);
  for (const auto& one : all) {
    table.add_row({one.name, report::fixed(one.median_ms, 1), report::fixed(one.audio_rate(), 2),
                   report::fixed(one.rate() / 1e9, 0),
                   report::fixed(100 * one.rate() / peak, 0) + " %"});
  }
  table.print(std::cout);
  for (const auto& one : windowed) {
    std::cout << one.timed.name << " by windows of " << number(args.windows.window_s)
              << " s: " << report::fixed(one.timed.audio_rate(), 2)
              << " audio s/s, largest difference " << report::cell(one.largest, 3) << ", relative "
              << report::cell(one.relative, 3) << std::endl;
  }
  std::cout << args.precision << ", " << at::get_num_threads() << " threads, peak of a product "
            << number(peak / 1e9, 4) << " GFLOP/s" << std::endl;
}

/// What a user must know of a step: how long, of what, and how near to what the machine can do.
void bench_step(const Args& args) {
  if (!args.directory.empty() || args.windows.window_s > 0) {
    throw UserError(Exit::config, "command line: DIR and --window are of kuchi bench encoder");
  }
  train::StepBench bench;
  bench.steps = args.steps;
  bench.frames = args.frames;
  bench.batch = args.batch > 0 ? args.batch : bench.batch;
  const bool bfloat16 = args.precision == "bf16";
  if (bfloat16) bench.precision = train::Precision::bf16;
  if (args.mixed) {
    for (const double s : encoders::mixed_lengths()) {
      bench.lengths.push_back(static_cast<int64_t>(30 * s));
    }
  }
  // Beside fp32's peak where the processor has no products of bfloat16 that could have one.
  const double peak = encoders::product_peak(encoders::EncoderConfig(),
                                             bfloat16 && encoders::has_bfloat16(), args.steps);
  train::measure_step(bench);
  const auto what = args.mixed ? std::string("16 clips of 2 to 15 s at 30 fps")
                               : cat(bench.batch, " x ", bench.frames, " frames");
  args.json.write({{"step",
                    {{"what", what},
                     {"median_ms", bench.median_ms},
                     {"forward_ms", bench.forward_ms},
                     {"backward_ms", bench.backward_ms},
                     {"update_ms", bench.update_ms},
                     {"parameters", bench.parameters},
                     {"padding", bench.padding},
                     {"loss", bench.loss},
                     {"gflops", bench.rate() / 1e9},
                     {"peak_gflops", peak / 1e9},
                     {"share_of_peak", bench.rate() / peak},
                     {"precision", args.precision},
                     {"threads", at::get_num_threads()}}}});
  if (args.json.on_stdout()) return;
  report::Table table;
  table.add_column("step of the reference BiLSTM", report::Align::left);
  for (const auto* name : {"median ms", "forward", "backward", "update", "GFLOP/s", "of peak"}) {
    table.add_column(name);
  }
  table.add_row({what, report::fixed(bench.median_ms, 1), report::fixed(bench.forward_ms, 1),
                 report::fixed(bench.backward_ms, 1), report::fixed(bench.update_ms, 1),
                 report::fixed(bench.rate() / 1e9, 0),
                 report::fixed(100 * bench.rate() / peak, 0) + " %"});
  table.print(std::cout);
  std::cout << args.precision << ", " << at::get_num_threads() << " threads, " << bench.parameters
            << " parameters, padding " << number(100 * bench.padding, 2) << " %, peak of a product "
            << number(peak / 1e9, 4) << " GFLOP/s" << std::endl;
}

void bench(const Args& args) {
  args.json.check();
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(static_cast<int>(args.threads > 0 ? args.threads : cores));
  if (args.what == "step") return bench_step(args);
  bench_encoder(args);
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  auto args = std::make_shared<Args>();
  auto* verb = app.add_subcommand("bench", "how fast it runs here, beside what the machine can do");
  verb->add_option("WHAT", args->what,
                   "what to time: encoder, hearing clips; step, of training the reference BiLSTM")
      ->required()
      ->check(CLI::IsMember({"encoder", "step"}));
  verb->add_option("DIR", args->directory,
                   "encoder directory (default: wav2vec 2.0 base with random weights)");
  verb->add_option("--seconds", args->seconds, "lengths of clips")
      ->delimiter(',')
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  verb->add_flag("--mixed", args->mixed, "16 clips of mixed lengths too, as a data set has them");
  verb->add_option("--window", args->windows.window_s,
                   "by windows of so many seconds too, and how far their states are off")
      ->check(CLI::Range(1.0, 3600.0));
  verb->add_option("--overlap", args->windows.overlap_s, "seconds that two windows share")
      ->check(CLI::Range(0.0, 600.0))
      ->capture_default_str();
  verb->add_option("--batch", args->batch, "clips at a time (default: 1; of step 16)")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--frames", args->frames, "of step: frames of each clip")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--precision", args->precision, "fp32 or bf16")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  verb->add_option("--steps", args->steps, "repeats; the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--threads", args->threads, "processor threads (default: all)")
      ->check(CLI::Range(0, 1024));
  args->json.add(*verb);
  example(*verb,
          "kuchi bench encoder --seconds 5,10,30 --precision bf16 --json -\n"
          "  kuchi bench step --batch 64 --frames 100");
  verb->callback([args, &context] {
    refuse_overrides(context, "bench");
    bench(*args);
  });
}

}  // namespace kuchi::cli
