#include "models/live_matrix.h"

#include <ATen/ATen.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kuchi::models {
namespace {

struct Product {
  int64_t rows = 0, cols = 0;
  const float* step = nullptr;  // of each row, or none
  const float* x = nullptr;
  float* y = nullptr;
};

float wide(float w) { return w; }
float wide(c10::BFloat16 w) { return static_cast<float>(w); }
float wide(int8_t w) { return static_cast<float>(w); }

template <class W>
void product_anywhere(const W* weights, const Product& p) {
  for (int64_t r = 0; r < p.rows; ++r) {
    float sum = 0;
    for (int64_t c = 0; c < p.cols; ++c) sum += wide(weights[r * p.cols + c]) * p.x[c];
    p.y[r] += p.step != nullptr ? p.step[r] * sum : sum;
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] inline __m256 eight(const float* w) { return _mm256_loadu_ps(w); }
[[gnu::target("avx2,fma")]] inline __m256 eight(const c10::BFloat16* w) {
  const auto half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
[[gnu::target("avx2,fma")]] inline __m256 eight(const int8_t* w) {
  const auto bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(w));
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}

[[gnu::target("avx2,fma")]] inline float added(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

/// R rows at a time: each value of x is read once for all of them, and their sums do not wait for
/// one another.
template <int R, class W>
[[gnu::target("avx2,fma")]] void rows_avx2(const W* weights, const Product& p, int64_t row) {
  const W* w = weights + row * p.cols;
  __m256 a[R], b[R];
  for (int i = 0; i < R; ++i) a[i] = b[i] = _mm256_setzero_ps();
  int64_t c = 0;
  for (; c + 16 <= p.cols; c += 16) {
    const auto x = _mm256_loadu_ps(p.x + c), x_after = _mm256_loadu_ps(p.x + c + 8);
    for (int i = 0; i < R; ++i) {
      a[i] = _mm256_fmadd_ps(eight(w + i * p.cols + c), x, a[i]);
      b[i] = _mm256_fmadd_ps(eight(w + i * p.cols + c + 8), x_after, b[i]);
    }
  }
  for (int i = 0; i < R; ++i) {
    float sum = added(_mm256_add_ps(a[i], b[i]));
    for (int64_t k = c; k < p.cols; ++k) sum += wide(w[i * p.cols + k]) * p.x[k];
    p.y[row + i] += p.step != nullptr ? p.step[row + i] * sum : sum;
  }
}

template <class W>
void product_avx2(const W* weights, const Product& p) {
  int64_t r = 0;
  for (; r + 4 <= p.rows; r += 4) rows_avx2<4>(weights, p, r);
  for (; r < p.rows; ++r) rows_avx2<1>(weights, p, r);
}
#endif

template <class W>
void product_of(const at::Tensor& values, const Product& p) {
  const auto* weights = values.const_data_ptr<W>();
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2) return product_avx2(weights, p);
#endif
  product_anywhere(weights, p);
}

}  // namespace

LiveMatrix::LiveMatrix(const at::Tensor& weight, LiveWeights kind) : kind_(kind) {
  const at::NoGradGuard no_grad;
  if (kind == LiveWeights::float32) values_ = weight.contiguous();
  if (kind == LiveWeights::bfloat16) values_ = weight.to(at::kBFloat16).contiguous();
  if (kind == LiveWeights::int8) {
    step_ = (weight.abs().amax(1) / 127).clamp_min(1e-30).contiguous();
    values_ = at::round(weight / step_.unsqueeze(1)).to(at::kChar).contiguous();
  }
}

void LiveMatrix::add_product(const float* x, float* y) const {
  Product p{rows(), cols(), step_.defined() ? step_.const_data_ptr<float>() : nullptr, x, y};
  if (kind_ == LiveWeights::float32) product_of<float>(values_, p);
  if (kind_ == LiveWeights::bfloat16) product_of<c10::BFloat16>(values_, p);
  if (kind_ == LiveWeights::int8) product_of<int8_t>(values_, p);
}

at::Tensor LiveMatrix::dense() const {
  const auto values = values_.to(at::kFloat);
  return step_.defined() ? values * step_.unsqueeze(1) : values;
}

}  // namespace kuchi::models
