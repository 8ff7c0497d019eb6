#include "models/late_stream.h"
#include "models/lstm_head.h"
#include "models/lstm_state.h"

namespace kuchi::models {

class LstmStream : public LateStream {
 public:
  explicit LstmStream(LstmHead& head)
      : LateStream(head.options_.lookahead, *head.output_, *head.range_),
        projection_(*head.projection_),
        state_(*head.lstm_) {}

 private:
  at::Tensor hear(const at::Tensor& features) override {
    return state_.run(projection_.is_empty() ? features : projection_.forward(features));
  }

  torch::nn::SequentialImpl& projection_;
  LstmState state_;
};

std::unique_ptr<HeadStream> LstmHead::stream() { return std::make_unique<LstmStream>(*this); }

}  // namespace kuchi::models
