// src/models/attention_bench.h
#pragma once

#include <cstdint>

namespace kuchi::models {

/// Windowed attention, forward and backward, on random numbers: the band of models/attention.h
/// beside LibTorch's scaled_dot_product_attention given the same window as a mask.
struct AttentionBench {
  int64_t frames = 3000;
  int64_t reach = 64;  // frames seen before, and after
  int64_t width = 512, heads = 8;
  int64_t steps = 7;  // timed, after one to warm up; medians count

  // What came out.
  double band_ms = 0, masked_ms = 0;
  double difference = 0;  // largest, of outputs and gradients
  double band_bytes =
      0;  // by how much the band's peak of memory is above what was there; 0 unknown
};

void measure_attention(AttentionBench& bench);

}  // namespace kuchi::models
