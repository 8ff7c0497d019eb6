// src/models/late_stream.h
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include "models/head.h"
#include "models/range_output.h"

namespace kuchi::models {

/// What streams of heads that end in output steps and ranges share: answers that come `lookahead`
/// frames late (lookahead.h). The first of them are of no frame and dropped; at the end the last
/// features are heard again. The head's parts must outlive it.
class LateStream : public HeadStream {
 public:
  at::Tensor push(const at::Tensor& features) final;
  at::Tensor finish() final;

 protected:
  LateStream(int64_t lookahead, torch::nn::SequentialImpl& output, const RangeOutput& range)
      : lookahead_(lookahead), late_(lookahead), output_(output), range_(range) {}
  /// features [frames, dim], at least one → [frames', width]: what the output steps take
  virtual at::Tensor hear(const at::Tensor& features) = 0;
  /// Nothing follows → [frames', width]: what is still owed; undefined for nothing.
  virtual at::Tensor rest() { return {}; }

 private:
  at::Tensor answer(at::Tensor heard);

  int64_t lookahead_;
  int64_t late_;     // answers that are still of no frame
  at::Tensor last_;  // [1, dim], the last features heard
  torch::nn::SequentialImpl& output_;
  const RangeOutput& range_;
};

}  // namespace kuchi::models
