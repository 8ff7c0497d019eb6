// src/encoders/recompute.h
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace kuchi::encoders {

/// y = f(x) of which only x is kept; the backward pass computes f again, from the same state of the
/// random generators, so that dropout is the same. (Gradient checkpointing, Chen et al., 2016.)
/// f          of x and of parameters that it holds
/// parameters those of them that take a gradient
at::Tensor recomputed(std::function<at::Tensor(const at::Tensor&)> f, const at::Tensor& x,
                      const std::vector<at::Tensor>& parameters);

}  // namespace kuchi::encoders
