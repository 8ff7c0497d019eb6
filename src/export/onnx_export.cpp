#include "export/onnx_export.h"

#include "core/error.h"
#include "core/text.h"
#include "encoders/listener.h"
#include "encoders/onnx.h"
#include "export/onnx_members.h"
#include "export/onnx_metadata.h"
#include "export/onnx_stream.h"
#include "export/onnx_told.h"
#include "features/onnx.h"
#include "onnx/ops.h"

namespace kuchi::exporting {
namespace {

using onnx::Graph;
using onnx::Type;
using onnx::Value;
using train::Ensemble;

/// What each member hears: from sound made in the graph, once for all that hear the same.
class Ears {
 public:
  Ears(Graph& g, const Ensemble& models, From from) : graph_(g), fps_(models.card().fps) {
    const auto& first = heard_by(models.members()[0]);
    if (from == From::audio) {
      audio_ = g.input({"audio", Type::float32, {"batch", "samples"}, "16 kHz mono, -1 to 1"});
    } else {
      check_alike(models, "use --from audio");
      given_ = g.input({"features",
                        Type::float32,
                        {"batch", "frames", features::dim(first)},
                        features::signature(first) + ", not normalised"});
    }
    const auto given =
        g.input({"lengths",
                 Type::int64,
                 {"batch"},
                 from == From::audio ? "samples of each clip" : "frames of each clip"});
    // A length beyond the batch is the batch's, one below 0 is 0: alike for every head.
    const auto& x = from == From::audio ? audio_ : given_;
    lengths_ = onnx::maximum(g, onnx::minimum(g, given, onnx::size_of(g, x, 1)), g.integer(0));
  }

  /// Sound itself and the samples of each clip, for a model that hears that.
  const Value& audio() const { return audio_; }
  const Value& lengths() const { return lengths_; }

  features::OnnxFeatures hear(const features::Options& options) {
    if (!given_.name.empty()) return {given_, lengths_};
    auto& made = made_[features::signature(options)];
    if (made.features.name.empty()) {
      made = options.is_encoder() ? encoder_features(options)
                                  : features::emit(graph_, options, fps_, audio_, lengths_);
    }
    return made;
  }

 private:
  /// features::compute() of kind encoder: its states, brought to the curves' frames.
  features::OnnxFeatures encoder_features(const features::Options& options) {
    if (options.is_windowed()) {
      throw UserError(Exit::config,
                      "a graph of sound holds an encoder that hears the whole clip, and this "
                      "model's hears features.window; use --from features");
    }
    const Graph::Part part(graph_, "features");
    const auto& encoder = encoders::listener_of(options).encoder();
    const auto hidden =
        encoders::emit(graph_, encoder, audio_, lengths_, encoders::wanted_of(options));
    features::OnnxRows rows;
    rows.rows = options.layer == "last" ? hidden.last : onnx::concat(graph_, hidden.layers, 2);
    rows.last = hidden.last_row;
    rows.dim = features::base_dim(options);
    rows.hop_s = options.facts.hop_s;
    rows.first_s = options.facts.first_s;
    const auto frames = features::emit_frame_count(graph_, onnx::size_of(graph_, audio_, 1), fps_);
    return {features::emit_at_times(graph_, rows, fps_, frames, options.stack,
                                    features::spacing_s(options)),
            features::emit_frame_count(graph_, lengths_, fps_)};
  }

  Graph& graph_;
  double fps_;
  Value audio_, given_, lengths_;
  std::map<std::string, features::OnnxFeatures> made_;
};

/// One member's curves, in the ensemble's order.
Value emit_member(Graph& g, const Ensemble::Member& member, Ears& ears,
                  const models::OnnxTold& told) {
  const auto& model = *member.trained.model;
  Value y;
  if (model.hears_audio()) {
    y = model.emit_heard(g, ears.audio(), ears.lengths(), told);
  } else {
    const auto heard = ears.hear(heard_by(member));
    y = model.emit(g, heard.features, heard.lengths, told);
  }
  return in_order(g, member, y);
}

}  // namespace

Graph build_graph(const Ensemble& models, const Options& options) {
  Graph g(options.weights);
  Ears ears(g, models, options.from);
  const auto told = told_inputs(g, shared_vocabulary(models));
  const size_t count = models.members().size();
  Value sum;
  for (size_t i = 0; i < count; ++i) {
    const auto& member = models.members()[i];
    const Graph::Part part(g, part_of(models, i));
    const auto y = emit_member(g, member, ears, told);
    sum = i == 0 ? y : onnx::add(g, sum, y);
  }
  if (count > 1) sum = onnx::div(g, sum, g.number(static_cast<double>(count), Type::float32));
  g.output(sum, {"curves",
                 Type::float32,
                 {"batch", "frames", models.card().rig.size()},
                 "in the order of the metadata's curves; zero beyond a clip's end"});
  return g;
}

void export_onnx(const Ensemble& models, const Options& options,
                 const std::filesystem::path& file) {
  onnx::ModelInfo info;
  info.opset = options.opset;
  info.producer = "kuchi";
  info.producer_version = options.version;
  info.name = models.card().head;
  info.doc = "Speech to mouth curves. What the curves are stands in the metadata.";
  info.metadata = metadata(models, options);
  if (!options.streaming) {
    onnx::write_model(file, build_graph(models, options), info);
    return;
  }
  const auto stream = build_stream_graph(models, options);
  for (auto& field : stream_metadata(stream)) info.metadata.push_back(std::move(field));
  onnx::write_model(file, stream.graph, info);
}

}  // namespace kuchi::exporting
