// Heads with attention as graphs, run by ONNX Runtime, against Model::forward().
#include <torch/utils.h>

#include "../cli/program.h"
#include "../tensor_npy.h"
#include "models/hybrid.h"
#include "models/onnx_clips.h"
#include "models/transformer.h"
#include "onnx/model_file.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Around the edges of blocks, and up to 100 s.
const std::vector<int64_t> kOnnxFrames = {1,  2,   3,   7,   16,  31,  32,  33,   63,   64,
                                          65, 100, 128, 200, 333, 500, 700, 1500, 2000, 3000};

struct HeadVariant {
  std::string name, head;
  std::vector<std::string> options;  // under model.HEAD.
};

std::vector<HeadVariant> head_variants() {
  return {
      {"rotary", "transformer", {}},
      {"sinusoidal_post", "transformer", {"positions=sinusoidal", "norm=post"}},
      {"learned", "transformer", {"positions=learned", "learned_positions=40"}},
      {"alibi", "transformer", {"positions=alibi"}},
      {"windowed", "transformer", {"attention=windowed", "left=9", "right=5"}},
      {"windowed_wide", "transformer", {"attention=windowed", "left=20", "right=70"}},
      {"windowed_alibi", "transformer", {"positions=alibi", "attention=windowed", "left=40"}},
      {"causal", "transformer", {"attention=causal", "left=40"}},
      {"causal_all", "transformer", {"positions=none", "attention=causal", "left=-1"}},
      {"ahead", "transformer", {"attention=windowed", "left=0", "right=3"}},
      {"past", "transformer", {"attention=windowed", "left=-1", "right=3"}},
      {"hybrid", "hybrid", {}},
      {"hybrid_over",
       "hybrid",
       {"arrangement=lstm_over_attention", "attention=windowed", "left=4"}},
      {"hybrid_live",
       "hybrid",
       {"arrangement=parallel", "bidirectional=false", "attention=windowed", "right=2"}},
  };
}

std::shared_ptr<models::Model> make_model(const HeadVariant& v, const models::Card& card) {
  models::Options heads;
  for (const auto& kind : heads.kinds) {
    if (kind->name() != v.head) continue;
    config::Schema schema;
    kind->describe(schema.section("head"));
    std::vector<config::Assignment> all;
    auto options = v.options;
    if (v.head == "hybrid" || v.head == "transformer") {
      for (const char* size :
           {"width=16", "heads=2", "feed_forward=24", "layers=2", "output=[8]"}) {
        options.emplace_back(size);
      }
    }
    if (v.head == "hybrid") options.emplace_back("hidden=7");
    for (const auto& option : options) all.push_back(config::parse_override("head." + option));
    schema.apply(all);
    auto model = std::make_shared<models::Model>(*kind, card);
    model->eval();
    for (auto& p : model->parameters()) p.mul_(1.5);  // so that attention is not nearly even
    for (auto& b : model->head().buffers()) {         // of heads that are solved
      if (v.head == "linear" || v.head == "mean") b.normal_(0, 0.1);
    }
    return model;
  }
  throw std::logic_error("no head " + v.head);
}

void write_head_graph(const fs::path& file, const models::Model& model,
                      int64_t opset = onnx::kFirstOpset) {
  onnx::Graph g;
  const auto features = g.input({"features", onnx::Type::float32, {"batch", "frames", 80}, ""});
  const auto lengths = g.input({"lengths", onnx::Type::int64, {"batch"}, ""});
  g.output(model.emit(g, features, lengths),
           {"curves", onnx::Type::float32, {"batch", "frames", model.card().rig.size()}, ""});
  CHECK(unused_constants(g).empty());
  onnx::ModelInfo info;
  info.name = "head";
  info.opset = opset;
  onnx::write_model(file, g, info);
}

/// Each head at each opset, on clips of these lengths: run, and within 1e-4 alone and in batches.
void check_heads(const std::vector<HeadVariant>& variants, const std::vector<int64_t>& opsets,
                 const std::vector<int64_t>& lengths) {
  const at::NoGradGuard no_grad;
  const TempDir dir;
  torch::manual_seed(61);
  const auto clips = write_clips(dir.path, lengths);
  auto card = onnx_card();
  std::vector<std::string> line = {source("tests/models/compare_onnx.py").string(),
                                   dir.path.string()};
  for (const auto& v : variants) {
    card.head = v.head;
    const auto model = make_model(v, card);
    for (const auto opset : opsets) {
      line.push_back(cat(v.name, opset));
      fs::create_directories(dir / line.back());
      write_head_graph(dir / line.back() / "model.onnx", *model, opset);
      for (const auto& [frames, x] : clips) {
        const auto y = model->forward(x.unsqueeze(0), at::tensor({frames}, at::kLong));
        write_npy(dir / line.back() / cat(frames, ".npy"), y[0]);
      }
    }
  }

  const auto measured = python_json(line);

  if (measured.is_null()) return;
  CHECK(measured.size() == variants.size() * opsets.size());
  for (const auto& [name, result] : measured.items()) {
    INFO(name << " " << result.dump());
    CHECK(result["alone"].size() == lengths.size());
    CHECK(result["batch"].size() == 8);
    for (const auto* how : {"alone", "batch"}) {
      for (const auto& [clip, difference] : result[how].items()) {
        CHECK(difference.get<double>() <= 1e-4);
      }
    }
    CHECK(result["beyond"].get<double>() == 0);
    CHECK(result["empty"] == Json{1, 0, card.rig.size()});
  }
}

}  // namespace

TEST_CASE("heads: as ONNX attention gives its curves, 20 lengths to 3000 and batches to 8",
          "[models][slow]") {
  check_heads(head_variants(), {onnx::kFirstOpset}, kOnnxFrames);
}

TEST_CASE("heads: as ONNX every head gives its curves at opset 17, 20 and the last",
          "[models][slow]") {
  auto all = head_variants();
  all.push_back({"mean", "mean", {}});
  all.push_back({"linear", "linear", {}});
  all.push_back({"bilstm", "bilstm", {"hidden=12", "projection=[10]", "output=[8]"}});
  all.push_back({"lstm", "lstm", {"hidden=12", "projection=[10]", "output=[8]"}});
  all.push_back({"tcn", "tcn", {"width=12", "blocks=3"}});
  all.push_back({"tcn_causal", "tcn", {"width=12", "causal=true", "lookahead=2"}});
  check_heads(all, {onnx::kFirstOpset, 20, onnx::kLastOpset}, {1, 33, 100});
}
