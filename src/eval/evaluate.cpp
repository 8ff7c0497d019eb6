#include "eval/evaluate.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>

#include "core/error.h"
#include "core/text.h"
#include "eval/intervals.h"
#include "eval/metrics.h"

namespace kuchi::eval {
namespace {

void check(const ClipResult& clip, int64_t curves) {
  const Matrix &y = clip.target, &p = clip.prediction;
  if (y.rows == 0) fail_data(clip.id, "the clip has no frames; drop it");
  if (y.cols != curves) {
    fail_data(clip.id, cat("the target has ", y.cols, " curves, the rig ", curves,
                           "; map it to the rig by name"));
  }
  if (p.rows != y.rows || p.cols != y.cols) {
    fail_data(clip.id,
              cat("the prediction is [", p.rows, " frames, ", p.cols, " curves], the target [",
                  y.rows, ", ", y.cols, "]; both must cover the same frames and curves"));
  }
  if (!clip.captured.empty() && static_cast<int64_t>(clip.captured.size()) != y.cols) {
    throw std::logic_error("a clip's captured curves are not as many as its curves");
  }
  for (const auto* aperture : {&clip.target_aperture, &clip.prediction_aperture}) {
    if (!aperture->empty() && static_cast<int64_t>(aperture->size()) != y.rows) {
      fail_data(clip.id,
                cat("the aperture has ", aperture->size(), " frames, the curves ", y.rows));
    }
  }
  if (!(clip.fps > 0)) fail_data(clip.id, "the clip has no frame rate; give its fps");
}

// A rest shorter than half a block joins the block before it.
std::vector<int64_t> block_begins(int64_t frames, double block_frames) {
  const auto blocks =
      std::max<int64_t>(1, std::llround(static_cast<double>(frames) / std::max(1.0, block_frames)));
  std::vector<int64_t> begins;
  for (int64_t b = 0; b < blocks; ++b) {
    begins.push_back(std::llround(static_cast<double>(b) * std::max(1.0, block_frames)));
  }
  return begins;
}

}  // namespace

Evaluator::Evaluator(std::vector<CurveInfo> curves, std::optional<Reference> reference,
                     const Options& options)
    : curves_(std::move(curves)), reference_(std::move(reference)), options_(options) {
  assert(!reference_ || (reference_->mean.size() == curves_.size() &&
                         reference_->variance.size() == curves_.size()));
  layout_.curves = static_cast<int64_t>(curves_.size());
  sums_.width = layout_.width();
  for (const ClipMetric& metric : clip_metrics()) clip_rows_.push_back({metric.width, {}});
}

void Evaluator::add(const ClipResult& clip) {
  check(clip, layout_.curves);
  if (!known_ids_.insert(clip.id).second) {
    fail_data(clip.id, "two clips have this name; give each its own");
  }
  if (ids_.empty()) fps_ = clip.fps;
  origin_.learn(clip);
  clips_of_curve_.resize(curves_.size(), 0);
  for (size_t c = 0; c < curves_.size(); ++c) {
    if (clip.has(static_cast<int64_t>(c))) ++clips_of_curve_[c];
  }
  fps_differ_ = fps_differ_ || clip.fps != fps_;

  const auto begins = block_begins(clip.target.rows, options_.block_seconds * clip.fps);
  for (size_t b = 0; b < begins.size(); ++b) {
    const int64_t end = b + 1 < begins.size() ? begins[b + 1] : clip.target.rows;
    const size_t at = sums_.data.size();
    sums_.data.resize(at + static_cast<size_t>(sums_.width), 0.0);
    add_frames(clip, begins[b], end, origin_, std::span(sums_.data).subspan(at));
    clip_of_block_.push_back(static_cast<int64_t>(ids_.size()));
  }
  VertexErrors vertices;
  if (options_.vertices) vertices = options_.vertices->measure(clip);
  const ClipContext context{curves_, options_.closed_below,
                            options_.vertices ? &vertices : nullptr};
  for (size_t m = 0; m < clip_rows_.size(); ++m) {
    if (clip_metrics()[m].slow && !options_.slow) continue;
    MatrixOf<double> rows(static_cast<int64_t>(begins.size()), clip_rows_[m].width);
    clip_metrics()[m].collect(clip, context, begins, rows);
    clip_rows_[m].data.insert(clip_rows_[m].data.end(), rows.data.begin(), rows.data.end());
  }
  ids_.push_back(clip.id);
}

MatrixOf<double> Evaluator::by_block(const Rows& rows) const {
  MatrixOf<double> out;
  out.rows = static_cast<int64_t>(clip_of_block_.size());
  out.cols = rows.width;
  out.data = rows.data;
  return out;
}

MatrixOf<double> Evaluator::by_clip(const Rows& rows) const {
  MatrixOf<double> out(static_cast<int64_t>(ids_.size()), rows.width);
  size_t at = 0;
  for (int64_t clip : clip_of_block_) {
    for (double& sum : out.row(clip)) sum += rows.data[at++];
  }
  return out;
}

bool Evaluator::units_are_clips() const {
  return static_cast<int64_t>(ids_.size()) >= options_.clips_for_units;
}

std::vector<CurveSums> Evaluator::curve_sums(std::span<const double> row) const {
  std::vector<CurveSums> out;
  for (int64_t c = 0; c < layout_.curves; ++c) {
    out.push_back(layout_.curve(row, c, origin_.y[static_cast<size_t>(c)]));
  }
  return out;
}

std::vector<Baseline> Evaluator::baselines(std::span<const CurveSums> sums) const {
  std::vector<Baseline> out(sums.size());
  for (size_t c = 0; c < sums.size(); ++c) {
    Baseline& b = out[c];
    b.mean = reference_ ? reference_->mean[c] : sums[c].mean_y();
    b.variance = reference_ ? reference_->variance[c] : sums[c].variance_y();
    b.moves = b.variance > 0 && std::sqrt(b.variance) >= kMoves * curves_[c].range;
  }
  return out;
}

Suite Evaluator::finish() const {
  Suite suite;
  describe(suite);
  if (ids_.empty()) return suite;

  const auto clips = by_clip(sums_);
  MatrixOf<double> total(1, layout_.width());
  for (int64_t i = 0; i < clips.rows; ++i) {
    for (int64_t k = 0; k < clips.cols; ++k) total(0, k) += clips(i, k);
  }
  suite.frames = static_cast<int64_t>(total(0, 0));
  const auto baselines = this->baselines(curve_sums(total.row(0)));
  score_curves(baselines, suite);
  for (int64_t i = 0; i < clips.rows; ++i) {
    const auto sums = curve_sums(clips.row(i));
    Scores scores;
    for (const CurveMetric& metric : curve_metrics()) {
      scores.set(metric.name, {metric.pooled({sums, baselines}), {}, {}});
    }
    suite.per_clip.emplace_back(ids_[static_cast<size_t>(i)], std::move(scores));
  }
  score_clips_whole(suite);
  return suite;
}

void Evaluator::score_curves(std::span<const Baseline> baselines, Suite& suite) const {
  const auto units = units_are_clips() ? by_clip(sums_) : by_block(sums_);
  const UnitSums table{units, [this](std::span<const double> row) { return curve_sums(row); }};
  auto scored = score_units(table, baselines, {options_.resamples, options_.seed, options_.level});
  suite.metrics = std::move(scored.pooled);
  for (size_t c = 0; c < curves_.size(); ++c) {
    suite.per_curve.emplace_back(curves_[c].name, std::move(scored.per_curve[c]));
  }
  for (int64_t u = 0; u < units.rows; ++u) {
    double squared = 0, count = 0;
    for (const CurveSums& s : curve_sums(units.row(u))) {
      squared += s.squared;
      count += s.frames;
    }
    const auto clip = units_are_clips() ? u : clip_of_block_[static_cast<size_t>(u)];
    suite.units.clip.push_back(ids_[static_cast<size_t>(clip)]);
    suite.units.squared_error.push_back(squared);
    suite.units.count.push_back(static_cast<int64_t>(count));
  }
}

void Evaluator::score_clips_whole(Suite& suite) const {
  const stats::BootstrapOptions bootstrap{options_.resamples, options_.seed, options_.level};
  for (size_t m = 0; m < clip_rows_.size(); ++m) {
    const ClipMetric& metric = clip_metrics()[m];
    if (metric.slow && !options_.slow) continue;
    const auto clips = by_clip(clip_rows_[m]);
    const std::vector<double> ones(static_cast<size_t>(clips.rows), 1.0);
    Estimate estimate{metric.value(clips, ones), {}, {}};
    if (!estimate.value) continue;  // nothing here to measure it on: not in the file at all
    if (units_are_clips() || metric.splits) {
      add_interval(metric, units_are_clips() ? clips : by_block(clip_rows_[m]), bootstrap,
                   estimate);
    }
    suite.metrics.set(metric.name, estimate);
    for (int64_t i = 0; i < clips.rows; ++i) {
      MatrixOf<double> row(1, clips.cols);
      std::copy(clips.row(i).begin(), clips.row(i).end(), row.data.begin());
      const double one = 1;
      suite.per_clip[static_cast<size_t>(i)].second.set(metric.name,
                                                        {metric.value(row, {&one, 1}), {}, {}});
    }
  }
}

void Evaluator::describe(Suite& suite) const {
  suite.clips = static_cast<int64_t>(ids_.size());
  suite.curves = layout_.curves;
  suite.fps = fps_differ_ ? 0 : fps_;
  suite.baseline = reference_ ? "training" : "target";
  suite.units.kind = units_are_clips() ? "clip" : "block";
  if (options_.vertices) suite.vertices = options_.vertices->about();
  std::vector<std::string> notes;
  for (size_t c = 0; c < clips_of_curve_.size(); ++c) {
    if (clips_of_curve_[c] == suite.clips) continue;
    suite.clips_of_curve.emplace_back(curves_[c].name, clips_of_curve_[c]);
  }
  if (!suite.clips_of_curve.empty()) {
    const auto few = suite.clips_of_curve.size();
    notes.push_back(cat(few, " of the ", suite.curves, few == 1 ? " curves is" : " curves are",
                        " not in every clip: numbers are over those that are there"));
  }
  if (!units_are_clips() && clip_of_block_.size() > 1) {
    notes.push_back(cat("intervals are over blocks of ", number(options_.block_seconds, 3),
                        " s: evidence within these clips only"));
  } else if (clip_of_block_.size() == 1) {
    notes.push_back("one block of speech: no intervals");
  }
  if (!reference_) {
    notes.push_back("no training set given: r2 and nmse are against the target's own mean");
  }
  suite.evidence = join(notes, "; ");
}

Suite evaluate(std::span<const ClipResult> clips, std::vector<CurveInfo> curves,
               std::optional<Reference> reference, const Options& options) {
  Evaluator evaluator(std::move(curves), std::move(reference), options);
  for (const ClipResult& clip : clips) evaluator.add(clip);
  return evaluator.finish();
}

}  // namespace kuchi::eval
