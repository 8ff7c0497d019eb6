#include "models/live_matrix.h"

#include <ATen/ATen.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

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
[[gnu::target("avx2,fma")]] inline float added(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

/// Sixteen weights times sixteen numbers, added to two sums. Of bfloat16 the numbers with even and
/// with odd places stand apart: a pair of weights is one word, and its halves are a shift and a
/// mask away.
[[gnu::target("avx2,fma")]] inline void sixteen(const float* w, __m256 x, __m256 x_after, __m256& a,
                                                __m256& b) {
  a = _mm256_fmadd_ps(_mm256_loadu_ps(w), x, a);
  b = _mm256_fmadd_ps(_mm256_loadu_ps(w + 8), x_after, b);
}
[[gnu::target("avx2,fma")]] inline void sixteen(const c10::BFloat16* w, __m256 even, __m256 odd,
                                                __m256& a, __m256& b) {
  const auto pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
  const auto high = _mm256_set1_epi32(static_cast<int>(0xFFFF0000));
  a = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16)), even, a);
  b = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_and_si256(pairs, high)), odd, b);
}

/// x as sixteen() wants it, whole sixteens of it.
void lay_out(const Product&, const float*, std::vector<float>&) {}
void lay_out(const Product& p, const c10::BFloat16*, std::vector<float>& x) {
  x.resize(static_cast<size_t>(p.cols));
  for (int64_t c = 0; c + 16 <= p.cols; c += 16) {
    for (int64_t k = 0; k < 8; ++k) {
      x[static_cast<size_t>(c + k)] = p.x[c + 2 * k];
      x[static_cast<size_t>(c + 8 + k)] = p.x[c + 2 * k + 1];
    }
  }
}

/// R rows at a time: each value of x is read once for all of them, and their sums do not wait for
/// one another. What the next R rows have at this place is asked of the memory meanwhile.
template <int R, class W>
[[gnu::target("avx2,fma")]] void rows_avx2(const W* weights, const float* x, const Product& p,
                                           int64_t row) {
  const W* w = weights + row * p.cols;
  __m256 a[R], b[R];
#pragma GCC unroll 4
  for (int i = 0; i < R; ++i) a[i] = b[i] = _mm256_setzero_ps();
  int64_t c = 0;
  for (; c + 16 <= p.cols; c += 16) {
    const auto first = _mm256_loadu_ps(x + c), second = _mm256_loadu_ps(x + c + 8);
#pragma GCC unroll 4
    for (int i = 0; i < R; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(w + (i + R) * p.cols + c), _MM_HINT_T0);
      sixteen(w + i * p.cols + c, first, second, a[i], b[i]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < R; ++i) {
    float sum = added(_mm256_add_ps(a[i], b[i]));
    for (int64_t k = c; k < p.cols; ++k) sum += wide(w[i * p.cols + k]) * p.x[k];
    p.y[row + i] += sum;
  }
}

template <class W>
void product_avx2(const W* weights, const Product& p) {
  static thread_local std::vector<float> laid_out;
  lay_out(p, weights, laid_out);
  const float* x = std::is_same_v<W, float> ? p.x : laid_out.data();
  int64_t r = 0;
  for (; r + 4 <= p.rows; r += 4) rows_avx2<4>(weights, x, p, r);
  for (; r < p.rows; ++r) rows_avx2<1>(weights, x, p, r);
}

/// Columns whose products with whole numbers of 16 bits sum to one of 32 without overflow:
/// 2048 / 16 sums of two products of at most 127 · 32767.
constexpr int64_t kWholeChunk = 2048;

[[gnu::target("avx2,fma")]] inline __m256i sixteen_whole(const int8_t* w, __m256i x, __m256i sum) {
  const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), x));
}

/// Whole numbers times whole numbers. x counts in steps of its largest / 32767.
template <int R>
[[gnu::target("avx2,fma")]] void rows_int8_avx2(const int8_t* weights, const int16_t* x, float step,
                                                const Product& p, int64_t row) {
  const int8_t* w = weights + row * p.cols;
  float sums[R] = {};
  int64_t c = 0;
  while (c + 16 <= p.cols) {
    const int64_t end = std::min(c + kWholeChunk, p.cols - 15);
    __m256i a[R];
#pragma GCC unroll 4
    for (int i = 0; i < R; ++i) a[i] = _mm256_setzero_si256();
    for (; c + 64 <= end + 15; c += 64) {  // a line of the cache of each row
#pragma GCC unroll 4
      for (int i = 0; i < R; ++i) {
        _mm_prefetch(reinterpret_cast<const char*>(w + (i + R) * p.cols + c), _MM_HINT_T0);
      }
#pragma GCC unroll 4
      for (int64_t k = 0; k < 64; k += 16) {
        const auto now = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + c + k));
#pragma GCC unroll 4
        for (int i = 0; i < R; ++i) a[i] = sixteen_whole(w + i * p.cols + c + k, now, a[i]);
      }
    }
    for (; c < end; c += 16) {
      const auto now = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + c));
#pragma GCC unroll 4
      for (int i = 0; i < R; ++i) a[i] = sixteen_whole(w + i * p.cols + c, now, a[i]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < R; ++i) sums[i] += added(_mm256_cvtepi32_ps(a[i]));
  }
  for (int i = 0; i < R; ++i) {
    float sum = step * sums[i];
    for (int64_t k = c; k < p.cols; ++k) sum += wide(w[i * p.cols + k]) * p.x[k];
    p.y[row + i] += p.step[row + i] * sum;
  }
}

void product_avx2(const int8_t* weights, const Product& p) {
  static thread_local std::vector<int16_t> x;
  x.resize(static_cast<size_t>(p.cols));
  float largest = 1e-30F;
  for (int64_t c = 0; c < p.cols; ++c) largest = std::max(largest, std::abs(p.x[c]));
  const float step = largest / 32767;
  for (int64_t c = 0; c < p.cols; ++c) {
    x[static_cast<size_t>(c)] = static_cast<int16_t>(std::lrint(p.x[c] / step));
  }
  int64_t r = 0;
  for (; r + 4 <= p.rows; r += 4) rows_int8_avx2<4>(weights, x.data(), step, p, r);
  for (; r < p.rows; ++r) rows_int8_avx2<1>(weights, x.data(), step, p, r);
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

void LiveMatrix::add_products(const at::Tensor& x, at::Tensor& y) const {
  constexpr int64_t kFew = 4;  // from here on a library that lays weights out anew is quicker
  if (x.size(0) >= kFew && kind_ == LiveWeights::float32) {
    y.addmm_(x, values_.t());
    return;
  }
  const auto* from = x.const_data_ptr<float>();
  auto* to = y.mutable_data_ptr<float>();
  for (int64_t i = 0; i < x.size(0); ++i) add_product(from + i * cols(), to + i * rows());
}

at::Tensor LiveMatrix::dense() const {
  const auto values = values_.to(at::kFloat);
  return step_.defined() ? values * step_.unsqueeze(1) : values;
}

}  // namespace kuchi::models
