// src/cli/encoder.h
#pragma once

#include "cli/verbs.h"

namespace kuchi::cli {

/// The verbs under `kuchi encoder`, each in a file of its own; add_encoder() lists them.
void add_encoder_init(CLI::App& encoder, Context& context);
void add_encoder_pretrain(CLI::App& encoder, Context& context);

}  // namespace kuchi::cli
