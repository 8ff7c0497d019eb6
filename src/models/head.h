// src/models/head.h
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "core/error.h"
#include "models/live_weights.h"
#include "models/told.h"
#include "onnx/graph.h"

namespace kuchi::models {

/// The range a curve's values may take.
struct Range {
  double low = 0, high = 1;
};

/// Of what a head is made that comes from a checkpoint; all empty for a new one.
struct Making {
  std::map<std::string, std::string> saved;  // the checkpoint's metadata
  std::filesystem::path file;                // for messages
  std::vector<std::string> encoders;         // directories where an encoder may lie now
};

/// What a head stands between.
struct Shape {
  int64_t features = 0;       // values a frame; of one that hears audio, those it gets beside that
  std::vector<Range> curves;  // one a curve, from the rig
  double fps = 30;            // of the curves
  Making making = {};
  int64_t size() const { return static_cast<int64_t>(curves.size()); }
};

struct OnnxBatch;   // models/onnx.h
struct StreamRows;  // models/onnx_stream.h
class OnnxStates;

/// How the optimiser treats a parameter.
struct Treatment {
  double lr_factor = 1;  // times train.lr
  bool decays = true;    // train.weight_decay
  bool operator==(const Treatment&) const = default;
};

/// A head at work on one clip whose features are still coming: what it will be asked of the frames
/// to come it keeps as a state of constant size. Without gradients, on the CPU, one thread at a
/// time. However the clip is cut into pieces, all curves together are those of Head::forward() on
/// the whole clip (within 1e-5).
class HeadStream {
 public:
  virtual ~HeadStream() = default;
  /// features [frames, dim], normalised: those that follow the last ones, as many as there are, 0
  /// included → [frames', curves]: the curves that can be known now and were not before, in order
  virtual at::Tensor push(const at::Tensor& features) = 0;
  /// No more features will come → [frames', curves], those still owed: over the whole clip as many
  /// as there were features. The last call.
  virtual at::Tensor finish() = 0;
};

/// Speech features → mouth curves.
class Head : public torch::nn::Module {
 public:
  /// features [batch, frames, dim], normalised, zero beyond a clip's end
  /// lengths  [batch] int64 on the CPU, each 1 … frames
  /// returns  [batch, frames, curves] in curve units; what lies beyond a clip's end is undefined.
  /// A clip's result does not depend on the clips it shares a batch with.
  virtual at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) = 0;

  /// The same as nodes of an ONNX graph: [batch, frames, curves], undefined beyond a clip's end.
  virtual onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const = 0;
  /// stream() in a graph: a chunk's rows of features, normalised, zero in rows of no frame and not
  /// late, become as many rows of curves, which may be late. False from a head that needs the whole
  /// clip.
  virtual bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const {
    (void)graph, (void)states, (void)rows;
    return false;
  }

  /// A frame's curves depend on features up to so many frames after it; nullopt: on the whole clip.
  virtual std::optional<int64_t> lookahead_frames() const { return std::nullopt; }
  /// Begins a clip; nullptr from a head that needs the whole clip. The head is on the CPU, in
  /// evaluation mode, does not change meanwhile and outlives its streams, of which there may be
  /// several.
  virtual std::unique_ptr<HeadStream> stream() { return nullptr; }
  /// Where stream() is nullptr: which of its options would have to be trained otherwise, as a
  /// sentence for the user; "" where none would.
  virtual std::string how_to_stream() const { return ""; }

  /// How streams that begin from now on keep their weights; false from a head that knows no such
  /// way, and goes on in float32.
  virtual bool set_stream_weights(LiveWeights weights) { return weights == LiveWeights::float32; }

  /// Before training: the mean of the training curves, [curves], as a place to start from.
  virtual void start_at(const at::Tensor& mean) { (void)mean; }

  /// Names are those of named_parameters(). Biases, norms and other one-dimensional parameters do
  /// not decay.
  virtual Treatment treatment(const std::string& name, const at::Tensor& parameter) const {
    (void)name;
    return {1, parameter.dim() > 1};
  }
  /// False for what a checkpoint need not hold, since make() finds it again.
  virtual bool is_saved(const std::string& name) const {
    (void)name;
    return true;
  }
  /// Parameters with a row (dim 0) a curve, by name: a training that starts from another model
  /// takes over the rows of those curves that both have.
  virtual std::vector<std::string> by_curve() const { return {}; }
  /// What a checkpoint says of the head, beside its tensors; comes back as Making::saved.
  virtual std::map<std::string, std::string> metadata() const { return {}; }
};

/// A head that is solved, not descended to: sees every training clip once, then solves.
class ClosedFormHead : public Head {
 public:
  /// features [frames, dim] normalised, targets [frames, curves]; a column of NaN is of a curve
  /// that the clip lacks: each curve is solved over the clips that have it, at least one.
  virtual void observe(const at::Tensor& features, const at::Tensor& targets) = 0;
  virtual void solve() = 0;
};

/// Where an option got its value, by its whole name, for messages.
using Places = std::function<Location(const std::string&)>;

/// A kind of head with its options; one a file, listed in heads.cpp.
class HeadKind {
 public:
  virtual ~HeadKind() = default;
  virtual std::string name() const = 0;
  /// One line for the reference: what it is and when to take it.
  virtual std::string about() const = 0;
  /// True if it is descended to; false if it is solved.
  virtual bool by_descent() const { return true; }
  /// False if it answers the same whatever it is given.
  virtual bool listens() const { return true; }
  /// True if what it makes is an AudioHead.
  virtual bool hears_audio() const { return false; }
  virtual void describe(config::Section section) { (void)section; }
  /// Once it is chosen: UserError (config) for options that cannot go together.
  virtual void check(const Places& at) const { (void)at; }
  /// What a training must still be told, as a sentence for the user; "" where nothing is missing.
  virtual std::string missing() const { return ""; }
  /// Options that are paths, by their names in the head's section.
  virtual std::vector<std::pair<std::string, std::string*>> paths() { return {}; }
  /// Names of the other kinds that what it makes stands on or under.
  virtual std::vector<std::string> joins() const { return {}; }
  virtual std::shared_ptr<Head> make(const Shape& shape) const = 0;
};

/// Every kind there is, each with options at their defaults: the one list, and those of plug-ins.
std::vector<std::unique_ptr<HeadKind>> all_heads();

/// Section `model`: which head, every head's own options under model.<head>, and what it is told.
struct Options {
  std::string head = "bilstm";
  std::vector<std::unique_ptr<HeadKind>> kinds = all_heads();
  ConditionOptions condition;
  const HeadKind& chosen() const;
};
void describe(config::Section section, Options& options);

}  // namespace kuchi::models
