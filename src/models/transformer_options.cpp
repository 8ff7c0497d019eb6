#include "models/transformer_options.h"

#include "core/text.h"

namespace kuchi::models {

Reach TransformerOptions::reach() const {
  if (attention == Sight::full) return {};
  Reach reach{left, attention == Sight::causal ? 0 : right};
  if (left < 0) reach.left.reset();
  return reach;
}

std::optional<int64_t> TransformerOptions::lookahead_frames() const {
  const auto reach = this->reach();
  if (!reach.right) return std::nullopt;
  return layers * *reach.right;
}

std::string TransformerOptions::how_to_stream(const std::string& prefix) const {
  if (attention == Sight::full) {
    return cat("with ", prefix,
               "attention=full a frame hears the whole clip; for live use train "
               "with ",
               prefix, "attention=windowed or causal");
  }
  if (left < 0) {
    return cat("with ", prefix,
               "left=-1 every frame heard would have to be kept; for live use "
               "train with a bound, like ",
               prefix, "left=64");
  }
  return "";
}

void describe(config::Section s, TransformerOptions& o) {
  s.add("width", o.width).at_least(2).at_most(1 << 14).help("values a frame between layers");
  s.add("heads", o.heads).at_least(1).at_most(256).help("of attention; they share the width");
  s.add("feed_forward", o.feed_forward)
      .at_least(1)
      .at_most(1 << 16)
      .help("units between the two linear steps of a layer");
  s.add("layers", o.layers).at_least(1).at_most(64).help("transformer layers");
  s.add_choice("positions", o.positions,
               {{"none", Position::none},
                {"sinusoidal", Position::sinusoidal},
                {"learned", Position::learned},
                {"rotary", Position::rotary},
                {"alibi", Position::alibi}})
      .help(
          "how a frame's place is told; rotary and alibi know distances alone, so a clip may be "
          "longer than any that was trained on");
  s.add("learned_positions", o.learned_positions)
      .at_least(1)
      .at_most(1 << 16)
      .unit("frames")
      .help(
          "with positions: learned, how many there are; later frames share the last one. Those "
          "beyond train.segment_frames never learn");
  s.add_choice("attention", o.attention,
               {{"full", Sight::full}, {"windowed", Sight::windowed}, {"causal", Sight::causal}})
      .help(
          "what a frame sees: the clip, `left` frames before it to `right` after it, or `left` "
          "before it; a window makes time and memory linear in length");
  s.add("left", o.left)
      .at_least(-1)
      .at_most(1 << 16)
      .unit("frames")
      .help("with attention: windowed or causal, frames seen before the own one; -1: all");
  s.add("right", o.right)
      .at_least(0)
      .at_most(1 << 16)
      .unit("frames")
      .help("with attention: windowed, frames seen after; a model looks ahead layers times that");
  s.add_choice("norm", o.norm, {{"pre", NormPlace::pre}, {"post", NormPlace::post}})
      .help("LayerNorm before each sublayer (steadier), or after it as in the first paper");
  s.add("dropout", o.dropout)
      .at_least(0)
      .below(1)
      .help("of the input, after each sublayer, in the feed-forward and in the output steps");
  s.add("attention_dropout", o.attention_dropout)
      .at_least(0)
      .below(1)
      .help("of attention weights; above 0 LibTorch's fused kernel cannot be used in training");
}

void check(const TransformerOptions& o, const std::string& prefix, const Places& at) {
  if (o.width % o.heads != 0) {
    fail_config(at(prefix + "heads"), cat(prefix, "heads=", o.heads, " does not divide ", prefix,
                                          "width=", o.width, "; choose one that does"));
  }
  if (o.positions == Position::rotary && o.head_dim() % 2 != 0) {
    fail_config(at(prefix + "positions"),
                cat("rotary positions turn pairs of values, and with ", prefix, "width=", o.width,
                    " and ", prefix, "heads=", o.heads, " each head has ", o.head_dim(),
                    "; make it an even number"));
  }
  if (o.positions == Position::sinusoidal && o.width % 2 != 0) {
    fail_config(at(prefix + "width"), cat("sinusoidal positions come in pairs, and ", prefix,
                                          "width=", o.width, " is odd; make it even"));
  }
}

}  // namespace kuchi::models
