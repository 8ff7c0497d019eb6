#include "encoders/bench.h"

#include <ATen/Parallel.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/bench_live.h"
#include "cli/bench_loader.h"
#include "cli/common.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "encoders/load.h"
#include "encoders/packed.h"
#include "models/attention_bench.h"
#include "report/table.h"
#include "train/bench.h"

namespace kuchi::cli {
namespace {

struct BenchArgs {
  std::string what, directory, precision = "fp32";
  std::vector<double> seconds = {5, 10, 30};
  encoders::Windows windows;
  bool mixed = false;
  int64_t steps = 7, batch = 0, frames = 200, threads = 0, reach = 64;
  train::LoaderBench loader;
  JsonOption json;
};

std::vector<encoders::BenchCase> cases(const BenchArgs& args) {
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

void bench_encoder(const BenchArgs& args) {
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
void bench_step(const BenchArgs& args) {
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

/// The band of windowed attention beside LibTorch's fused attention under the same window as a
/// mask.
void bench_attention(const BenchArgs& args) {
  if (args.precision != "fp32" || !args.directory.empty()) {
    throw UserError(Exit::config, "command line: DIR and --precision are of kuchi bench encoder");
  }
  models::AttentionBench bench;
  bench.steps = args.steps;
  bench.frames = args.frames;
  bench.reach = args.reach;
  models::measure_attention(bench);
  args.json.write({{"attention",
                    {{"frames", bench.frames},
                     {"reach", bench.reach},
                     {"width", bench.width},
                     {"heads", bench.heads},
                     {"median_ms", bench.band_ms},
                     {"masked_ms", bench.masked_ms},
                     {"times_faster", bench.masked_ms / bench.band_ms},
                     {"difference", bench.difference},
                     {"peak_bytes", bench.band_bytes},
                     {"threads", at::get_num_threads()}}}});
  if (args.json.on_stdout()) return;
  std::cout << bench.frames << " frames, " << bench.reach << " seen either way, width "
            << bench.width << ", " << bench.heads
            << " heads, forward and backward: " << report::fixed(bench.band_ms, 1)
            << " ms; as a mask " << report::fixed(bench.masked_ms, 1) << " ms, "
            << report::fixed(bench.masked_ms / bench.band_ms, 1)
            << " times as long; largest difference " << report::cell(bench.difference, 2) << "\n"
            << at::get_num_threads() << " threads, " << number(bench.band_bytes / 1e6, 3)
            << " MB at the peak" << std::endl;
}

void bench(const BenchArgs& args, const Context& context) {
  args.json.check();
  if (args.what == "loader") {
    return bench_loader(args.directory, context.overrides, args.loader, args.json);
  }
  refuse_overrides(context, "bench");
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(static_cast<int>(args.threads > 0 ? args.threads : cores));
  if (args.what == "step") return bench_step(args);
  if (args.what == "live") {
    if (args.threads > 1 || args.mixed || args.batch > 0) {
      throw UserError(Exit::config,
                      "command line: kuchi bench live times one clip on one thread; leave out "
                      "--threads, --mixed and --batch");
    }
    return bench_live(args.directory, args.frames, args.precision, args.json);
  }
  if (args.precision == "int8") {
    throw UserError(Exit::config, "command line: --precision int8 is of kuchi bench live");
  }
  if (args.what == "attention") return bench_attention(args);
  bench_encoder(args);
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  auto args = std::make_shared<BenchArgs>();
  auto* verb = app.add_subcommand("bench", "how fast it runs here, beside what the machine can do");
  verb->add_option(
          "WHAT", args->what,
          "what to time: encoder, hearing clips; step, of training the reference BiLSTM; "
          "loader, making the batches of a configuration; live, a frame while sound comes in; "
          "attention, of windows, beside the same as a mask")
      ->required()
      ->check(CLI::IsMember({"encoder", "step", "loader", "live", "attention"}));
  verb->add_option(
      "DIR", args->directory,
      "encoder directory (default: wav2vec 2.0 base with random weights); of loader the "
      "configuration, as for kuchi train; of live a run (default: the full-size lstm with random "
      "weights)");
  verb->add_option("--workers", args->loader.workers, "of loader: threads that make batches")
      ->delimiter(',')
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  verb->add_option("--epochs", args->loader.epochs, "of loader: medians of so many count")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--step-ms", args->loader.step_ms,
                   "of loader: what its consumer takes over a batch, asleep, as beside a GPU")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
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
  verb->add_option("--frames", args->frames,
                   "of step and attention: frames of each clip; of live: frames to time")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--reach", args->reach, "of attention: frames seen before, and after")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  verb->add_option("--precision", args->precision, "fp32 or bf16; of live int8 too")
      ->check(CLI::IsMember({"fp32", "bf16", "int8"}))
      ->capture_default_str();
  verb->add_option("--steps", args->steps, "repeats; the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--threads", args->threads, "processor threads (default: all)")
      ->check(CLI::Range(0, 1024));
  args->json.add(*verb);
  example(*verb,
          "kuchi bench encoder --seconds 5,10,30 --precision bf16 --json -\n"
          "  kuchi bench step --batch 64 --frames 100\n"
          "  kuchi bench loader configs/experiment/synth_bilstm.yaml augment.speed.p=0.5 "
          "--step-ms 50\n"
          "  kuchi bench live --frames 1000\n"
          "  kuchi bench attention --frames 3000 --reach 64");
  verb->callback([args, &context] { bench(*args, context); });
}

}  // namespace kuchi::cli
