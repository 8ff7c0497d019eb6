#include "train/judge_phones.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "train/run.h"

namespace kuchi::train {
namespace {

void count_trained(const std::filesystem::path& run, const data::StoreInfo& info,
                   const LabelBook& book, eval::PhoneJudge& judge) {
  std::map<std::string, int64_t> counts;
  const auto saved = read_run_data(run);
  for (const auto& piece : saved.at("pieces")) {
    if (piece.value("split", "") != "train") continue;
    const double begin_s = heard_s(info, piece.value("begin", int64_t{0}));
    const double end_s = heard_s(info, piece.value("end", int64_t{0}));
    for (const auto& phone : book.of(piece.value("clip", ""))) {
      const double middle_s = (phone.begin_s + phone.end_s) / 2;
      if (middle_s >= begin_s && middle_s < end_s) ++counts[phone.label];
    }
  }
  for (const auto& [label, count] : counts) judge.trained(label, count);
}

}  // namespace

eval::PhoneReport judge_phones(const std::filesystem::path& run, const Judging& judging,
                               const std::vector<eval::ClipResult>& results,
                               const LabelBook& book) {
  const auto& info = judging.store.info();
  eval::PhoneJudge judge(judging.models.card().rig, judging.how);
  for (const auto& result : results) {
    judge.add(result, heard_s(info, piece_of(judging, result.id).begin), book.of(result.id));
  }
  count_trained(run, info, book, judge);
  return judge.finish();
}

void refuse_unlabelled(const std::filesystem::path& run, const PhoneLabels& labels,
                       const std::vector<eval::ClipResult>& results) {
  fail_data(labels.from.empty() ? run.string() : labels.from,
            cat("none of the ", results.size(), " judged clips, like \"",
                results.empty() ? "" : printable(results[0].id), "\", has phones there"));
}

eval::PhoneReport judge_phones(const std::filesystem::path& run, const Judging& judging,
                               const std::vector<eval::ClipResult>& results,
                               const PhoneLabels& labels) {
  auto report = judge_phones(run, judging, results, open_labels(run, labels, judging.store.info()));
  if (report.clips == 0) refuse_unlabelled(run, labels, results);
  return report;
}

}  // namespace kuchi::train
