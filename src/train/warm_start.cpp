#include "train/warm_start.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "edge/tensor_file.h"
#include "train/checkpoint.h"
#include "train/run.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

const std::set<std::string> kStatistics = {"feature_mean", "feature_std", "curve_mean",
                                           "curve_variance"};

/// Where a curve of the new rig stands in the old one; -1 where it is not there, or in another
/// range, whose output means something else.
std::vector<int64_t> rows_by_curve(const curves::Rig& rig, const curves::Rig& old) {
  std::vector<int64_t> rows;
  for (const auto& curve : rig.curves) {
    auto i = old.index(curve.name);
    if (i >= 0) {
      const auto& twin = old.curves[static_cast<size_t>(i)];
      if (twin.low != curve.low || twin.high != curve.high) i = -1;
    }
    rows.push_back(i);
  }
  return rows;
}

bool is_whole(const std::vector<int64_t>& rows, int64_t old_size) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] != static_cast<int64_t>(i)) return false;
  }
  return static_cast<int64_t>(rows.size()) == old_size;
}

/// Copies rows that both have; false where the tensors do not go together.
bool copy_rows(at::Tensor to, const at::Tensor& from, const std::vector<int64_t>& rows,
               int64_t old_size) {
  if (to.dim() < 1 || from.dim() != to.dim() || from.size(0) != old_size ||
      to.size(0) != static_cast<int64_t>(rows.size()) ||
      from.sizes().slice(1) != to.sizes().slice(1)) {
    return false;
  }
  if (std::all_of(rows.begin(), rows.end(), [](int64_t row) { return row < 0; })) return false;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0) to[static_cast<int64_t>(i)].copy_(from[rows[i]]);
  }
  return true;
}

/// Rows of a table of names: the pivot, then those of known names. `names`, `old`: what the rows
/// after the first are of. False where the tables do not go together.
bool copy_named_rows(at::Tensor to, const at::Tensor& from, const std::vector<std::string>& names,
                     const std::vector<std::string>& old, WarmStart& out) {
  if (to.dim() != 2 || from.dim() != 2 || to.size(1) != from.size(1) ||
      from.size(0) != static_cast<int64_t>(old.size()) + 1) {
    return false;
  }
  to[0].copy_(from[0]);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto it = std::find(old.begin(), old.end(), names[i]);
    const bool known = it != old.end();
    to[static_cast<int64_t>(i) + 1].copy_(from[known ? 1 + (it - old.begin()) : 0]);
    (known ? out.names : out.fresh_names).push_back(names[i]);
  }
  return true;
}

/// What a layer makes of `features` values, where from and to have others after these. False where
/// the tensors are no such layers.
bool copy_columns(at::Tensor to, const at::Tensor& from, int64_t features, int64_t width,
                  int64_t old_width) {
  if (to.dim() != 2 || from.dim() != 2 || to.size(0) != from.size(0) || features == 0 ||
      to.size(1) != features + width || from.size(1) != features + old_width) {
    return false;
  }
  to.zero_();
  to.slice(1, 0, features).copy_(from.slice(1, 0, features));
  return true;
}

models::Vocabulary vocabulary_of(const edge::TensorFile& saved, const fs::path& file) {
  const auto it = saved.metadata.find("condition");
  return it == saved.metadata.end() ? models::Vocabulary{}
                                    : models::vocabulary_from(it->second, file);
}

std::string list_text(const std::vector<std::string>& names) {
  constexpr size_t kShown = 12;
  if (names.size() <= kShown) return join(names, ", ");
  const std::vector<std::string> some(names.begin(), names.begin() + kShown);
  return cat(join(some, ", "), " and ", names.size() - kShown, " more (all are in events.jsonl)");
}

curves::Rig rig_of(const edge::TensorFile& saved, const fs::path& file) {
  const auto it = saved.metadata.find("rig");
  if (it == saved.metadata.end()) {
    fail_data(file, "does not say which rig it speaks; train.init needs a model of Kuchi's");
  }
  return curves::parse_rig(it->second, file.string());
}

}  // namespace

fs::path init_file(const fs::path& from, const Location& at) {
  std::error_code ec;
  if (fs::is_regular_file(from, ec)) return from;
  if (is_run(from)) return find_checkpoint(from, "best") / "model.safetensors";
  if (fs::exists(from / "DONE", ec)) return from / "model.safetensors";
  fail_config(
      at, cat("train.init: ", from.string(), " is no run, no checkpoint and no .safetensors file"));
}

WarmStart warm_start(models::Model& model, const fs::path& file, const Location& at) {
  if (dynamic_cast<models::ClosedFormHead*>(&model.head()) != nullptr) {
    fail_config(at, cat("train.init: model.head=", model.card().head,
                        " is solved, not descended to, and starts from nothing; leave it out"));
  }
  const auto saved = edge::load_tensors(file);
  const auto old_rig = rig_of(saved, file);
  const auto& rig = model.card().rig;
  const auto rows = rows_by_curve(rig, old_rig);
  const bool same_curves = is_whole(rows, old_rig.size());
  std::set<std::string> by_curve;
  for (const auto& name : model.head().by_curve()) by_curve.insert("head." + name);
  const auto& told = model.card().condition;
  const auto old_told = vocabulary_of(saved, file);
  const auto by_name = [&](const std::string& name) {
    return (name == "condition.speaker" && told.speakers != old_told.speakers) ||
           (name == "condition.style" && told.styles != old_told.styles);
  };

  WarmStart out;
  out.file = file;
  std::set<std::string> used = kStatistics;
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : model.tensors()) {
    if (kStatistics.count(name) > 0) continue;
    const auto it = saved.tensors.find(name);
    auto to = tensor.detach();
    if (it == saved.tensors.end()) {
      out.fresh.push_back(name);
    } else if (by_curve.count(name) > 0 && !same_curves) {
      const bool some = copy_rows(to, it->second, rows, old_rig.size());
      (some ? out.by_curve : out.fresh).push_back(name);
      if (some) used.insert(name);
    } else if (by_name(name)) {
      const bool styles = name == "condition.style";
      const bool some = copy_named_rows(to, it->second, styles ? told.styles : told.speakers,
                                        styles ? old_told.styles : old_told.speakers, out);
      (some ? out.by_name : out.fresh).push_back(name);
      if (some) used.insert(name);
    } else if (it->second.sizes() == to.sizes()) {
      to.copy_(it->second);
      out.taken.push_back(name);
      used.insert(name);
    } else if (copy_columns(to, it->second, model.heard_values(), told.width, old_told.width)) {
      out.by_feature.push_back(name);
      used.insert(name);
    } else {
      out.fresh.push_back(cat(name, " ", edge::shape_text(to.sizes()), " (there ",
                              edge::shape_text(it->second.sizes()), ")"));
    }
  }
  for (const auto& [name, tensor] : saved.tensors) {
    if (used.count(name) == 0) out.left.push_back(name);
  }
  if (out.taken.empty() && out.by_curve.empty() && out.by_name.empty()) {
    fail_data(file, cat("nothing of it fits this model by name and shape; is it of another head "
                        "(here: ",
                        model.card().head, "), or of other sizes? The model wants ",
                        list_text(out.fresh)));
  }
  if (!out.by_curve.empty()) {
    for (size_t i = 0; i < rows.size(); ++i) {
      (rows[i] >= 0 ? out.curves : out.fresh_curves).push_back(rig.curves[i].name);
    }
  }
  return out;
}

std::vector<std::string> to_lines(const WarmStart& s) {
  std::vector<std::string> lines = {cat("starting from ", s.file.string(), ": ", s.taken.size(),
                                        " tensors taken whole, ", s.by_curve.size(),
                                        " by the curve's name")};
  if (!s.by_curve.empty()) {
    lines.push_back(cat("  curves taken: ", list_text(s.curves)));
    if (!s.fresh_curves.empty()) lines.push_back(cat("  new curves: ", list_text(s.fresh_curves)));
  }
  if (!s.by_name.empty()) {
    const auto some = [](const auto& names) {
      return names.empty() ? std::string("none") : printable(list_text(names));
    };
    lines.push_back(cat("  speakers and styles taken: ", some(s.names),
                        "; new, begun as the pivot: ", some(s.fresh_names)));
  }
  if (!s.by_feature.empty()) {
    lines.push_back(cat("  of the features' columns: ", list_text(s.by_feature)));
  }
  if (!s.fresh.empty()) lines.push_back(cat("  begun anew: ", list_text(s.fresh)));
  if (!s.left.empty()) lines.push_back(cat("  not used: ", list_text(s.left)));
  return lines;
}

nlohmann::json to_event(const WarmStart& s) {
  nlohmann::json event = {{"event", "init"},    {"from", s.file.string()},
                          {"taken", s.taken},   {"by_curve", s.by_curve},
                          {"curves", s.curves}, {"fresh_curves", s.fresh_curves},
                          {"fresh", s.fresh},   {"left", s.left}};
  if (!s.by_name.empty()) {
    event["by_name"] = s.by_name;
    event["names"] = s.names;
    event["fresh_names"] = s.fresh_names;
  }
  if (!s.by_feature.empty()) event["by_feature"] = s.by_feature;
  return event;
}

}  // namespace kuchi::train
