// Heads as graphs with states, run by ONNX Runtime chunk by chunk, against Model::forward().
#include <torch/utils.h>

#include "../cli/program.h"
#include "../tensor_npy.h"
#include "models/onnx_clips.h"
#include "models/onnx_stream.h"
#include "onnx/model_file.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Shorter than any look-ahead, around a window's size, and a thousand steps.
const std::vector<int64_t> kStreamFrames = {1, 2, 5, 33, 1000};

struct StreamVariant {
  std::string name, head;
  std::vector<std::string> options;  // under model.HEAD.
  bool told = false;
};

std::vector<std::string> attending(std::vector<std::string> options, bool hybrid = false) {
  for (const char* size : {"width=16", "heads=2", "feed_forward=24", "layers=2", "output=[8]"}) {
    options.emplace_back(size);
  }
  if (hybrid) {
    for (const char* own : {"hidden=7", "bidirectional=false"}) options.emplace_back(own);
  }
  return options;
}

std::vector<std::string> lstm_of(std::vector<std::string> options) {
  for (const char* size : {"hidden=12", "output=[8]"}) options.emplace_back(size);
  return options;
}

std::vector<std::string> tcn_of(std::vector<std::string> options) {
  for (const char* size : {"width=12", "blocks=3", "output=[8]"}) options.emplace_back(size);
  return options;
}

std::vector<StreamVariant> stream_variants() {
  const std::string window = "attention=windowed";
  return {
      {"mean", "mean", {}},
      {"linear", "linear", {"context=3"}},
      {"linear_alone", "linear", {"context=0"}},
      {"lstm", "lstm", lstm_of({"projection=[10]", "layers=2"})},
      {"lstm_at_once", "lstm", lstm_of({"projection=[]", "lookahead=0"})},
      {"lstm_10", "lstm", lstm_of({"projection=[10]", "lookahead=10"})},
      {"lstm_told", "lstm", lstm_of({"projection=[10]"}), true},
      {"tcn", "tcn", tcn_of({})},
      {"tcn_wide", "tcn", tcn_of({"kernel=5", "growth=3"})},
      {"tcn_causal", "tcn", tcn_of({"causal=true", "kernel=4"})},
      {"tcn_late", "tcn", tcn_of({"causal=true", "lookahead=3"}), true},
      {"windowed", "transformer", attending({window, "left=9", "right=5"}), true},
      {"wide", "transformer", attending({window, "left=20", "right=70", "norm=post"})},
      {"sinusoidal", "transformer",
       attending({window, "positions=sinusoidal", "left=6", "right=2"})},
      {"learned", "transformer",
       attending({window, "positions=learned", "learned_positions=40", "left=6", "right=2"})},
      {"alibi", "transformer", attending({window, "positions=alibi", "left=30", "right=1"})},
      {"causal", "transformer", attending({"attention=causal", "left=40"})},
      {"ahead", "transformer", attending({window, "left=0", "right=3"})},
      {"alone", "transformer", attending({window, "left=0", "right=0"})},
      {"over_lstm", "hybrid",
       attending({"arrangement=attention_over_lstm", window, "left=8", "right=3"}, true)},
      {"over_attention", "hybrid",
       attending({"arrangement=lstm_over_attention", window, "left=8", "right=3", "lstm_layers=2"},
                 true)},
      {"over_causal", "hybrid",
       attending({"arrangement=lstm_over_attention", "attention=causal", "left=8"}, true)},
      {"parallel", "hybrid",
       attending({"arrangement=parallel", window, "left=8", "right=2"}, true)},
  };
}

std::shared_ptr<models::Model> stream_model(const StreamVariant& v, models::Card card) {
  card.head = v.head;
  if (v.told) card.condition = {4, true, {"anna", "bob"}, {"glad"}};
  models::Options heads;
  for (const auto& kind : heads.kinds) {
    if (kind->name() != v.head) continue;
    config::Schema schema;
    kind->describe(schema.section("head"));
    std::vector<config::Assignment> all;
    for (const auto& option : v.options) all.push_back(config::parse_override("head." + option));
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

void write_stream_graph(const fs::path& file, const models::Model& model, bool told,
                        int64_t opset = onnx::kFirstOpset) {
  onnx::Graph g;
  const auto features = g.input({"features", onnx::Type::float32, {"batch", "frames", 80}, ""});
  const auto lengths = g.input({"lengths", onnx::Type::int64, {"batch"}, ""});
  models::OnnxTold inputs;
  if (told) {
    inputs.speaker = g.input({"speaker", onnx::Type::int64, {"batch"}, ""});
    inputs.style = g.input({"style", onnx::Type::int64, {"batch"}, ""});
    inputs.intensity = g.input({"intensity", onnx::Type::float32, {"batch"}, ""});
  }
  models::OnnxStates states;
  const auto rows = model.emit_stream(g, states, features, lengths, "run", inputs);
  g.output(rows.x, {"curves", onnx::Type::float32, {"batch", "frames", rows.width}, ""});
  states.finish(g);
  CHECK(unused_constants(g).empty());
  onnx::ModelInfo info;
  info.name = "head";
  info.opset = opset;
  info.metadata = {{"lookahead_frames", cat(rows.late)}};
  onnx::write_model(file, g, info);
}

}  // namespace

namespace {

/// What compare_stream_onnx.py measures of every head at this opset; {} without Python.
Json stream_measured(int64_t opset, const std::vector<int64_t>& lengths) {
  const at::NoGradGuard no_grad;
  const TempDir dir;
  torch::manual_seed(67);
  const auto clips = write_clips(dir.path, lengths);
  const auto card = onnx_card();
  std::vector<std::string> line = {source("tests/models/compare_stream_onnx.py").string(),
                                   dir.path.string()};
  for (const auto& v : stream_variants()) {
    INFO(v.name);
    const auto model = stream_model(v, card);
    line.push_back(v.name);
    fs::create_directories(dir / v.name);
    write_stream_graph(dir / v.name / "model.onnx", *model, v.told, opset);
    const std::vector<models::Told> told(v.told ? 1 : 0, models::Told{2, 1, 0.5});
    for (const auto& [frames, x] : clips) {
      const auto y = model->forward(x.unsqueeze(0), at::tensor({frames}, at::kLong), told);
      write_npy(dir / v.name / cat(frames, ".npy"), y[0]);
    }
  }

  auto measured = python_json(line);

  if (!measured.is_null()) CHECK(measured.size() == stream_variants().size());
  return measured;
}

void check_streams(const Json& measured, const std::vector<int64_t>& lengths) {
  for (const auto& [name, result] : measured.items()) {
    INFO(name << " " << result.dump());
    CHECK(result["steps"] >= lengths.back());
    CHECK(result["batch"].get<double>() <= 1e-4);
    CHECK(result["outside"].get<double>() == 0);
    for (const auto* how : {"one", "chunks", "at_once"}) {
      CHECK(result[how].size() == lengths.size());
      for (const auto& [clip, difference] : result[how].items()) {
        CHECK(difference.get<double>() <= 1e-4);
      }
    }
  }
}

}  // namespace

TEST_CASE("heads: streaming as ONNX gives the whole clip's curves over 1000 steps",
          "[models][slow]") {
  check_streams(stream_measured(onnx::kFirstOpset, kStreamFrames), kStreamFrames);
}

TEST_CASE("heads: streams are the same at opset 20 and the last", "[models][slow]") {
  const std::vector<int64_t> lengths = {5, 33};
  for (const int64_t opset : {int64_t{20}, onnx::kLastOpset}) {
    check_streams(stream_measured(opset, lengths), lengths);
  }
}

TEST_CASE("heads: a graph is as late as the head says, and none is made of a whole clip's head",
          "[models]") {
  const auto card = onnx_card();
  const auto made = [&](const StreamVariant& v) {
    const auto model = stream_model(v, card);
    onnx::Graph g;
    const auto features = g.input({"features", onnx::Type::float32, {"batch", "frames", 80}, ""});
    const auto lengths = g.input({"lengths", onnx::Type::int64, {"batch"}, ""});
    models::OnnxStates states;
    const auto late = model->emit_stream(g, states, features, lengths, "runs/a").late;
    return std::pair(late, model->head().lookahead_frames());
  };
  const at::NoGradGuard no_grad;
  for (auto v : stream_variants()) {
    if (v.told || v.head == "mean" || v.head == "linear") continue;  // these have no stream()
    INFO(v.name);
    const auto [late, lookahead] = made(v);
    CHECK(late == lookahead);
  }
  const auto says = [&](const StreamVariant& v) { return caught([&] { made(v); }).text; };
  CHECK(says({"", "bilstm", {}}).find("such as lstm or tcn") != std::string::npos);
  CHECK(says({"", "transformer", attending({})}).find("attention=windowed") != std::string::npos);
  CHECK(says({"", "transformer", attending({"attention=causal", "left=-1"})}).find("left=64") !=
        std::string::npos);
  auto both = attending({}, true);
  both.back() = "bidirectional=true";
  CHECK(says({"", "hybrid", both}).find("runs/a: with model.hybrid.bidirectional=true") == 0);
}
