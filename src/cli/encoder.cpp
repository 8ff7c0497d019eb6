#include "cli/encoder.h"

#include <ATen/Context.h>

#include <iostream>
#include <memory>

#include "cli/common.h"
#include "encoders/load.h"

namespace kuchi::cli {

void add_encoder_init(CLI::App& encoder, Context& context) {
  struct EncoderArgs {
    std::string dir, config;
    uint64_t seed = 0;
    bool force = false;
  };
  auto args = std::make_shared<EncoderArgs>();
  auto* verb = encoder.add_subcommand(
      "init", "makes a speech encoder with random weights, in the Hugging Face layout");
  verb->add_option("DIR", args->dir, "new directory for config.json and model.safetensors")
      ->required();
  verb->add_option("--config", args->config,
                   "its shape: a config.json as transformers writes it, of wav2vec 2.0, HuBERT, "
                   "WavLM or data2vec-audio")
      ->required()
      ->type_name("FILE.json");
  verb->add_option("--seed", args->seed, "same seed, same weights")->capture_default_str();
  verb->add_flag("--force", args->force, "overwrite an encoder that is there");
  example(*verb, "kuchi encoder init --config base/config.json encoders/random --seed 1");
  verb->callback([args, &context] {
    refuse_overrides(context, "encoder init");
    const auto config = encoders::read_config_file(args->config);
    at::manual_seed(args->seed);
    encoders::save(encoders::Encoder(config), args->dir, args->force);
    std::cout << args->dir << std::endl;
  });
}

void add_encoder(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("encoder", "makes speech encoders: init, pretrain");
  verb->require_subcommand(1);
  example(*verb, "kuchi encoder init --config base/config.json encoders/random --seed 1");
  add_encoder_init(*verb, context);
  add_encoder_pretrain(*verb, context);
}

}  // namespace kuchi::cli
