// src/train/precision.h
#pragma once

#include <c10/core/Device.h>

#include "edge/autocast.h"
#include "train/options.h"

namespace kuchi::train {

/// For the forward pass of a training step: with bf16, products take bfloat16 (Kalamkar et al.
/// 2019). Weights, gradients, moments, averages, curves and the loss stay in float32, and so does
/// validation.
edge::Autocast autocast(Precision precision, c10::Device device);

/// Once before a training: how a GPU multiplies float32 (train.tf32), and a note where bf16 brings
/// no speed.
void set_precision(const Options& options, c10::Device device);

}  // namespace kuchi::train
