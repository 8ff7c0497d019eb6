#include <ATen/Parallel.h>
#include <torch/utils.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/common.h"
#include "cli/encoder.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "edge/device.h"
#include "encoders/load.h"
#include "train/pretrain.h"

namespace kuchi::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEmbedded = "synth";

struct EncoderPretrainArgs {
  std::string data, out, config, from, device = "auto";
  synth::Options embedded;
  data::PhoneOptions phones;
  train::PretrainOptions options;
  int64_t threads = 0;
  JsonOption json;
};

std::shared_ptr<encoders::Encoder> make_encoder(const EncoderPretrainArgs& args) {
  if (!args.from.empty()) return encoders::load(args.from);
  const auto config = encoders::read_config_file(args.config);
  torch::manual_seed(args.options.seed);
  return std::make_shared<encoders::Encoder>(config);
}

data::PhoneCorpus find(const EncoderPretrainArgs& args, const CLI::App& verb) {
  if (args.data == kEmbedded) {
    if (fs::exists(args.data)) {
      note("synth is the embedded set here; the folder of that name is ./synth");
    }
    auto set = args.embedded;
    set.seed = static_cast<int64_t>(args.options.seed);
    return data::embedded_phones(set, args.phones);
  }
  for (const char* option : {"--clips", "--clip-seconds"}) {
    if (verb.count(option) > 0) {
      throw UserError(Exit::config,
                      cat("command line: ", option, " sizes the embedded set; DATA is ", args.data,
                          ", which has its own"));
    }
  }
  return data::find_phones(args.data, args.phones);
}

void tell(const data::PhoneCorpus& corpus, const encoders::Encoder& encoder) {
  if (!corpus.skipped.empty()) {
    note(cat(corpus.skipped.size(), " audio files have no TextGrid or SRT and are left out, as ",
             corpus.skipped[0].why));
  }
  int64_t weights = 0;
  for (const auto& p : encoder.parameters()) weights += p.numel();
  note(cat(corpus.clips.size(), " clips: ", number(corpus.seconds(data::Split::train) / 60, 3),
           " min to learn from, ", number(corpus.seconds(data::Split::valid) / 60, 3),
           " min held out; ", corpus.phones.size(), " phones; ", weights, " weights"));
}

void print(const nlohmann::ordered_json& report) {
  const auto& held_out = report["held_out"];
  std::cout << "loss       " << number(report["loss"].get<double>(), 4) << "\n";
  if (held_out["frames"] == 0) {
    std::cout << "held out   nothing, so nobody knows how good it is\n";
  } else {
    std::cout << "held out   " << number(100 * held_out["accuracy"].get<double>(), 4) << " % of "
              << held_out["frames"] << " frames right; the commonest phone alone: "
              << number(100 * held_out["majority"].get<double>(), 4) << " %\n";
  }
}

void run(EncoderPretrainArgs& args, const CLI::App& verb) {
  args.json.check();
  if (args.config.empty() == args.from.empty()) {
    throw UserError(
        Exit::config,
        "command line: give --config FILE.json for a new encoder, or --from DIR to go on "
        "from one; one of them");
  }
  args.phones.seed = args.options.seed;
  encoders::check_place(args.out, args.json.force);
  const auto device = edge::device_from(args.device, "--device");
  const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(args.threads > 0 ? static_cast<int>(args.threads) : cores);
  const auto encoder = make_encoder(args);
  const auto corpus = find(args, verb);
  tell(corpus, *encoder);

  train::Pretraining pretraining(*encoder, corpus, args.options, device);
  bool whole = false;
  {
    Progress progress("pretraining", args.options.steps);
    whole =
        pretraining.run([&](int64_t step, const std::string& words) { progress.at(step, words); });
  }
  const auto report = pretraining.report();
  encoder->to(at::kCPU);
  encoders::save(*encoder, args.out, args.json.force, report);
  if (!whole) {
    throw UserError(Exit::interrupted, cat("interrupted at step ", pretraining.steps_done(), " of ",
                                           args.options.steps, "; the encoder as it stands is in ",
                                           args.out, ", to go on from with --from"));
  }
  if (!args.json.on_stdout()) {
    print(report);
    std::cout << args.out << std::endl;
  }
  args.json.write(report);
}

void add_learning_options(CLI::App& verb, train::PretrainOptions& o) {
  verb.add_option("--steps", o.steps, "updates")
      ->check(CLI::Range(1, 100000000))
      ->capture_default_str();
  verb.add_option("--batch-seconds", o.batch_s, "seconds of sound in an update")
      ->check(CLI::Range(0.5, 36000.0))
      ->capture_default_str();
  verb.add_option("--segment-seconds", o.segment_s, "longer clips are cut to this")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  verb.add_option("--lr", o.lr, "peak learning rate, after a warm-up of a tenth of the steps")
      ->check(CLI::Range(1e-9, 1.0))
      ->capture_default_str();
  verb.add_option("--weight-decay", o.weight_decay, "of AdamW, not on biases and norms")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  verb.add_option("--dropout", o.dropout, "after sublayers and of attention")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  verb.add_option("--mask-time", o.mask_time, "share of frames hidden, in runs of ten")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  verb.add_option("--seed", o.seed, "of weights, order, masks, and the embedded set")
      ->capture_default_str();
}

}  // namespace

void add_encoder_pretrain(CLI::App& encoder, Context& context) {
  auto args = std::make_shared<EncoderPretrainArgs>();
  args->embedded.clips = 400;
  auto* verb = encoder.add_subcommand(
      "pretrain", "trains a speech encoder to know phones, in the Hugging Face layout");
  verb->add_option(
          "DATA", args->data,
          "a recipe, or a folder of audio with a TextGrid or SRT of each file's name; synth: "
          "the embedded set, which knows its phones")
      ->required();
  verb->add_option("--out", args->out, "new directory for config.json and model.safetensors")
      ->required()
      ->type_name("DIR");
  verb->add_option("--config", args->config,
                   "shape of a new encoder: a config.json (configs/encoder has small ones)")
      ->type_name("FILE.json");
  verb->add_option("--from", args->from, "an encoder to go on from")->type_name("DIR");
  verb->add_option("--tier", args->phones.tier, "the TextGrids' tier of phones")
      ->capture_default_str();
  verb->add_option("--held-out", args->phones.held_out,
                   "share of a folder's or the embedded set's clips to judge by; a recipe has its "
                   "own split")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  verb->add_option("--clips", args->embedded.clips, "of the embedded set")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--clip-seconds", args->embedded.seconds, "their mean length")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  add_learning_options(*verb, args->options);
  verb->add_option("--threads", args->threads,
                   "of the arithmetic; 0: one a core. Results are bit-identical at equal counts")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  verb->add_option("--device", args->device, "auto, cpu or cuda[:N]")->capture_default_str();
  args->json.add(*verb);
  example(
      *verb,
      "kuchi encoder pretrain synth --config configs/encoder/small.json --out encoders/small\n"
      "  kuchi encoder pretrain speech/ --tier phones --from encoders/small --out encoders/more");
  verb->callback([args, verb, &context] {
    refuse_overrides(context, "encoder pretrain");
    run(*args, *verb);
  });
}

}  // namespace kuchi::cli
