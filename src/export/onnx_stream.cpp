#include "export/onnx_stream.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "core/error.h"
#include "core/text.h"
#include "export/onnx_members.h"
#include "export/onnx_told.h"
#include "models/onnx_stream.h"
#include "onnx/ops.h"

namespace kuchi::exporting {
namespace {

using onnx::Graph;
using onnx::Type;
using onnx::Value;
using train::Ensemble;

/// What members hear of a chunk: features as given, or made of sound.
class Chunk {
 public:
  Chunk(Graph& g, models::OnnxStates& states, const Ensemble& models, const Options& options)
      : graph_(g), fps_(models.card().fps) {
    const auto& first = heard_by(models.members()[0]);
    const bool sound = options.from == From::audio;
    const auto x =
        sound ? g.input({"audio",
                         Type::float32,
                         {"batch", "samples"},
                         "16 kHz mono, -1 to 1; a multiple of the metadata's chunk_samples"})
              : g.input({"features",
                         Type::float32,
                         {"batch", "frames", features::dim(first)},
                         features::signature(first) + ", not normalised; one frame at least"});
    const auto given = g.input({"lengths",
                                Type::int64,
                                {"batch"},
                                cat("how many of the chunk's ", sound ? "samples" : "frames",
                                    " are the clip's; the rest is after its end")});
    const auto lengths =
        onnx::maximum(g, onnx::minimum(g, given, onnx::size_of(g, x, 1)), g.integer(0));
    if (sound) {
      begin_sound(states, x, lengths);
    } else {
      features_ = {x, lengths};
    }
  }

  features::OnnxFeatures hear(const features::Options& options) {
    if (!features_.features.name.empty()) return features_;
    auto& made = made_[features::signature(options)];
    if (made.features.name.empty()) made = features::emit_chunk(graph_, options, fps_, sound_);
    return made;
  }

 private:
  void begin_sound(models::OnnxStates& states, const Value& audio, const Value& lengths) {
    auto& g = graph_;
    const Graph::Part part(g, "sound");
    constexpr int64_t kPast = features::OnnxSound::kPast;
    const auto samples = onnx::size_of(g, audio, 1);
    const auto own =
        onnx::where(g, onnx::within(g, samples, lengths), audio, g.number(0, Type::float32));
    const auto past = states.take(g, "past", {kPast});
    const auto before = states.take(g, "given", {}, Type::int64);
    const auto heard = states.take(g, "heard", {}, Type::int64);
    sound_.samples = onnx::concat(g, {past.value, own}, 1);
    sound_.before = before.value;
    sound_.total = onnx::add(g, heard.value, lengths);
    states.leave(past, onnx::slice(g, sound_.samples, g.integers({-kPast}),
                                   g.integers({std::numeric_limits<int64_t>::max()}), 1));
    states.leave(before, onnx::add(g, before.value, samples));
    states.leave(heard, sound_.total);
  }

  Graph& graph_;
  double fps_;
  features::OnnxFeatures features_;
  features::OnnxSound sound_;
  std::map<std::string, features::OnnxFeatures> made_;
};

/// What every member says of the chunk, each as late as it is.
std::vector<models::StreamRows> emit_members(Graph& g, models::OnnxStates& states,
                                             const Ensemble& models, const Options& options) {
  Chunk chunk(g, states, models, options);
  const auto told = told_inputs(g, shared_vocabulary(models));
  std::vector<models::StreamRows> out;
  for (size_t i = 0; i < models.members().size(); ++i) {
    const auto& member = models.members()[i];
    const Graph::Part part(g, part_of(models, i));
    const auto heard = chunk.hear(heard_by(member));
    out.push_back(member.trained.model->emit_stream(g, states, heard.features, heard.lengths,
                                                    member.run.string(), told));
    out.back().x = in_order(g, member, out.back().x);
  }
  return out;
}

void refuse_encoders(const Ensemble& models) {
  for (const auto& m : models.members()) {
    if (!m.trained.model->hears_audio()) continue;
    throw UserError(Exit::config,
                    cat(m.run.string(), ": its ", m.trained.model->card().head,
                        " hears the whole clip; a streaming form needs a head that looks ahead by ",
                        "some frames only, such as lstm or tcn"));
  }
}

/// Chunks of sound that all members can hear.
features::SoundUnit shared_unit(const Ensemble& models) {
  features::SoundUnit unit;
  for (const auto& m : models.members()) {
    const auto own = features::sound_unit(heard_by(m), models.card().fps);
    if (!own) {
      throw UserError(
          Exit::config,
          cat(m.run.string(), ": hears ", m.trained.model->hears(), " at ",
              number(models.card().fps), " frames a second, and in chunks a frame must have all ",
              "its sound before the next begins, as log-mel has at 24, 25 and 30 with ",
              "features.stack 1 or 3; make features ",
              "outside and use --streaming --from features, or kuchi live"));
    }
    unit = *own;  // by the rate alone
  }
  return unit;
}

}  // namespace

StreamGraph build_stream_graph(const Ensemble& models, const Options& options) {
  refuse_encoders(models);
  StreamGraph out;
  if (options.from == From::audio) {
    out.unit = shared_unit(models);
  } else {
    check_alike(models, "export them apart");
  }
  out.graph = Graph(options.weights);
  auto& g = out.graph;
  models::OnnxStates states;
  const auto said = emit_members(g, states, models, options);
  for (const auto& rows : said) out.lookahead_frames = std::max(out.lookahead_frames, rows.late);
  const int64_t curves = models.card().rig.size();
  Value sum;
  for (size_t i = 0; i < said.size(); ++i) {
    const Graph::Part part(g, part_of(models, i));
    // The quicker wait for the latest.
    const auto y =
        states.delayed(g, "curves", said[i].x, out.lookahead_frames - said[i].late, curves);
    sum = i == 0 ? y : onnx::add(g, sum, y);
  }
  if (said.size() > 1) {
    sum = onnx::div(g, sum, g.number(static_cast<double>(said.size()), Type::float32));
  }
  g.output(sum, {"curves",
                 Type::float32,
                 {"batch", "frames", curves},
                 cat("in the order of the metadata's curves; row t of a session is frame t - ",
                     out.lookahead_frames, ", zero in rows of no frame")});
  states.finish(g);
  out.states = states.ports();
  return out;
}

}  // namespace kuchi::exporting
