#include "models/wav2vec2_options.h"

#include "core/text.h"

namespace kuchi::models {
namespace {

constexpr const char* kPrefix = "model.wav2vec2.";

void describe_regularisation(config::Section& s, Wav2vec2Options& o) {
  s.add("mask_time_prob", o.mask_time_prob)
      .at_least(0)
      .at_most(1)
      .help("share of frames hidden in training, but for overlaps (SpecAugment); 0: none");
  s.add("mask_time_length", o.mask_time_length)
      .at_least(1)
      .at_most(10000)
      .unit("frames")
      .help("length of a hidden run, 20 ms each; shorter clips are left whole");
  s.add("mask_feature_prob", o.mask_feature_prob)
      .at_least(0)
      .at_most(1)
      .help("share of features hidden in a clip, but for overlaps; 0: none");
  s.add("mask_feature_length", o.mask_feature_length)
      .at_least(1)
      .at_most(10000)
      .unit("features")
      .help("length of a run of hidden features");
  s.add("layer_drop", o.layer_drop)
      .at_least(0)
      .below(1)
      .help("share of tuned layers left out at a step (LayerDrop)");
  s.add("dropout", o.dropout).at_least(0).below(1).help("after each part of a tuned layer");
  s.add("attention_dropout", o.attention_dropout)
      .at_least(0)
      .below(1)
      .help("of attention weights in tuned layers; costs the fused attention");
  s.add("activation_dropout", o.activation_dropout)
      .at_least(0)
      .below(1)
      .help("inside the feed-forward of tuned layers");
  s.add("checkpointing", o.checkpointing)
      .help("a tuned layer is computed again for its gradient: less memory, a third more time");
}

void describe_lora(config::Section s, encoders::LoraOptions& o) {
  s.about("Low-rank adapters (LoRA, Hu et al. 2022), with `tune: lora`.");
  s.add("rank", o.rank).at_least(1).at_most(1024).help("of an adapter");
  s.add("alpha", o.alpha).above(0).at_most(10000).help("an adapter counts alpha / rank times");
  s.add("dropout", o.dropout).at_least(0).below(1).help("of what an adapter hears");
  s.add("targets", o.targets)
      .choices(encoders::lora_targets())
      .help("which products of a layer get one");
}

}  // namespace

encoders::Masking Wav2vec2Options::masking() const {
  return {{mask_time_prob, mask_time_length, 2}, {mask_feature_prob, mask_feature_length, 0}};
}

encoders::Training Wav2vec2Options::training() const {
  encoders::Training t;
  t.dropouts.hidden = dropout;
  t.dropouts.attention = attention_dropout;
  t.dropouts.activation = activation_dropout;
  t.layer_drop = layer_drop;
  t.checkpointing = checkpointing;
  return t;
}

void describe(config::Section s, Wav2vec2Options& o, const std::vector<std::string>& heads) {
  std::vector<std::string> names = {"light"};
  names.insert(names.end(), heads.begin(), heads.end());
  s.add("encoder", o.encoder)
      .help("directory of a wav2vec 2.0, HuBERT, WavLM or data2vec encoder (Hugging Face layout)");
  s.add("head", o.head)
      .choices(names)
      .help("what stands on it: light is one linear step; others have their options beside");
  s.add("layer", o.layer)
      .help(
          "which hidden states it hears: last, a number (0: before the first layer), or "
          "weighted, a learnt sum of all");
  s.add_choice(
       "tune", o.tune,
       {{"frozen", Tune::frozen}, {"top", Tune::top}, {"all", Tune::all}, {"lora", Tune::lora}})
      .help("what of the encoder learns: nothing, its top layers, all, or adapters beside it");
  s.add("top_layers", o.top_layers)
      .at_least(1)
      .at_most(1000)
      .help("how many layers learn with tune: top, counted down from `layer`");
  s.add("front_end", o.front_end).help("with tune: all, the convolutions learn too");
  describe_lora(s.section("lora"), o.lora);
  s.add("lr_scale", o.lr_scale)
      .above(0)
      .at_most(100)
      .help("learning rate of the encoder as a share of train.lr, which is the head's");
  s.add("layer_decay", o.layer_decay)
      .above(0)
      .at_most(1)
      .help("each layer further down learns at so many times the rate of the one above it");
  describe_regularisation(s, o);
  s.add_choice("save", o.save, {{"changed", Save::changed}, {"all", Save::all}})
      .help(
          "what of the encoder a checkpoint holds: what learnt, or all, which then needs no "
          "encoder directory");
}

void check(const Wav2vec2Options& o, const Places& at) {
  const auto where = [&](const char* key) { return at(std::string(kPrefix) + key); };
  long long number = 0;
  if (o.layer != "last" && o.layer != "weighted" &&
      (!parse_integer(o.layer, number) || number < 0)) {
    fail_config(where("layer"), cat("model.wav2vec2.layer: \"", o.layer,
                                    "\" is no layer; write last, weighted or a number"));
  }
  if (o.front_end && o.tune != Tune::all) {
    fail_config(where("front_end"),
                "model.wav2vec2.front_end lets the convolutions learn, which wants what is above "
                "them to learn too; add model.wav2vec2.tune=all");
  }
  if (o.tune == Tune::lora && o.lora.targets.empty()) {
    fail_config(where("lora.targets"), cat("model.wav2vec2.lora.targets is empty; give some of ",
                                           join(encoders::lora_targets(), ", ")));
  }
}

LayerChoice choose_layer(const Wav2vec2Options& o, int64_t layers) {
  LayerChoice out;
  out.weighted = o.layer == "weighted";
  out.last = o.layer == "last";
  out.index = layers;
  if (!out.weighted && !out.last) {
    long long number = 0;
    if (!parse_integer(o.layer, number) || number < 0) throw std::logic_error("unchecked layer");
    if (number > layers) {
      throw UserError(Exit::config,
                      cat("model.wav2vec2.layer is ", number, ", and the encoder ", o.encoder,
                          " has ", layers, " layers; take 0 to ", layers, ", last or weighted"));
    }
    out.index = number;
  }
  if (o.tune == Tune::top && o.top_layers > out.index) {
    throw UserError(Exit::config, cat("model.wav2vec2.top_layers is ", o.top_layers,
                                      ", and below the layer that "
                                      "is heard the encoder ",
                                      o.encoder, " has ", out.index,
                                      " layers; lower it, or take model.wav2vec2.tune=all"));
  }
  if (o.tune == Tune::lora && out.index == 0) {
    throw UserError(Exit::config,
                    "model.wav2vec2.tune=lora wants a layer to stand beside, and "
                    "model.wav2vec2.layer is 0; take a higher one");
  }
  return out;
}

}  // namespace kuchi::models
