// A head of one's own: each frame by itself, Linear, ReLU, Dropout, Linear, and each curve in its
// range. `kuchi train … --plugin perceptron.so model.head=perceptron model.perceptron.width=128`.
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include "models/onnx.h"
#include "models/plugin.h"
#include "models/range_output.h"
#include "models/steps.h"

namespace {

namespace models = kuchi::models;
namespace nn = torch::nn;

struct Options {
  int64_t width = 256;
  double dropout = 0.1;
};

class Perceptron : public models::Head {
 public:
  Perceptron(const models::Shape& shape, const Options& options)
      : steps_(register_module("steps", nn::Sequential(nn::Linear(shape.features, options.width),
                                                       nn::ReLU(), nn::Dropout(options.dropout),
                                                       nn::Linear(options.width, shape.size())))),
        range_(register_module("range", std::make_shared<models::RangeOutput>(shape.curves))) {}

  // features [batch, frames, dim] → [batch, frames, curves]
  at::Tensor forward(const at::Tensor& features, const at::Tensor&) override {
    return range_->forward(steps_->forward(features));
  }
  // The same as nodes of an ONNX graph: kuchi export.
  kuchi::onnx::Value emit(kuchi::onnx::Graph& graph,
                          const models::OnnxBatch& batch) const override {
    return emit_rows(graph, batch.x);
  }
  // And of a stream in chunks: kuchi export --streaming.
  bool emit_stream(kuchi::onnx::Graph& graph, models::OnnxStates&,
                   models::StreamRows& rows) const override {
    rows.x = emit_rows(graph, rows.x);
    return true;
  }
  // Training begins at the mean of the training curves.
  void start_at(const at::Tensor& mean) override { models::start_at(steps_, *range_, mean); }
  // For train.init from a model with other curves.
  std::vector<std::string> by_curve() const override { return models::by_curve(steps_, "steps"); }

  // For kuchi live: no frame waits for others.
  std::optional<int64_t> lookahead_frames() const override { return 0; }
  std::unique_ptr<models::HeadStream> stream() override { return std::make_unique<Stream>(*this); }

 private:
  kuchi::onnx::Value emit_rows(kuchi::onnx::Graph& graph, const kuchi::onnx::Value& x) const {
    return range_->emit(graph, models::emit(graph, *steps_, x));
  }

  struct Stream : models::HeadStream {
    explicit Stream(Perceptron& head) : head(head) {}
    at::Tensor push(const at::Tensor& features) override {  // [frames, dim] → [frames, curves]
      return head.forward(features, {});
    }
    at::Tensor finish() override { return at::zeros({0, head.range_->curves()}); }
    Perceptron& head;
  };

  nn::Sequential steps_;
  std::shared_ptr<models::RangeOutput> range_;
};

class PerceptronKind : public models::HeadKind {
 public:
  std::string name() const override { return "perceptron"; }
  std::string about() const override { return "A frame at a time: as small as a head can be."; }
  void describe(kuchi::config::Section section) override {
    section.add("width", options_.width).at_least(1).at_most(8192).help("of the hidden step");
    section.add("dropout", options_.dropout).at_least(0).below(1).help("of the hidden step");
  }
  std::shared_ptr<models::Head> make(const models::Shape& shape) const override {
    return std::make_shared<Perceptron>(shape, options_);
  }

 private:
  Options options_;
};

}  // namespace

KUCHI_PLUGIN(heads) { heads.add<PerceptronKind>(); }
