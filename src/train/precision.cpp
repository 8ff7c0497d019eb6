#include "train/precision.h"

#include <ATen/Context.h>

#include "core/log.h"
#include "encoders/packed.h"

namespace kuchi::train {

edge::Autocast autocast(Precision precision, c10::Device device) {
  return {device.type(),
          precision == Precision::bf16 ? std::optional(at::kBFloat16) : std::nullopt};
}

void set_precision(const Options& options, c10::Device device) {
  if (device.is_cuda()) {
    at::globalContext().setAllowTF32CuBLAS(options.tf32);
    at::globalContext().setAllowTF32CuDNN(options.tf32);
  } else if (options.precision == Precision::bf16 && !encoders::has_bfloat16()) {
    note(
        "train.precision=bf16: this processor does not multiply bfloat16, so a step gains no speed "
        "over fp32 here");
  }
}

}  // namespace kuchi::train
