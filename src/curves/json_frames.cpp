#include "curves/json_frames.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "curves/formats.h"
#include "io/json_text.h"

namespace kuchi::curves {
namespace {

using Named = std::vector<std::pair<std::string, double>>;

/// Reads frame after frame into one table.
class FramesReader {
 public:
  FramesReader(const JsonFrames& form, Track& track) : form_(form), track_(track) {
    track_.names = form.names;
  }

  void add(const JsonNode& frame) {
    frame_ = &frame;
    row_.clear();
    if (!read_values(frame, 0)) return;      // no face: a gap
    if (by_name_ && named_.empty()) return;  // likewise, an empty map
    if (by_name_) fill_by_name();
    const auto time = time_of(frame);
    if (track_.times_s.empty()) timed_ = time.has_value();
    if (time.has_value() != timed_) {
      frame.fail("some frames have a time and some have none; give all of them one");
    }
    if (!timed_ && !(form_.fps > 0)) {
      frame.fail(cat("has no time and the file no rate; ", kGiveRate));
    }
    track_.times_s.push_back(timed_ ? *time : static_cast<double>(seen_) / form_.fps);
    for (const double value : row_) track_.values.data.push_back(static_cast<float>(value));
    track_.values.rows = static_cast<int64_t>(track_.times_s.size());
    track_.values.cols = static_cast<int64_t>(track_.names.size());
  }
  void next() { ++seen_; }

 private:
  static constexpr int kDeepest = 6;

  static std::optional<double> time_of(const JsonNode& frame) {
    if (const auto s = frame.find_any({"time", "Time", "t", "timestamp", "timeCode", "timecode"})) {
      return s->number(true);
    }
    if (const auto ms =
            frame.find_any({"timestamp_ms", "timestampMs", "time_ms", "timeMs", "timestampInMs"})) {
      return ms->number(true) / 1000;
    }
    return std::nullopt;
  }

  /// False where the frame says that there is no face.
  bool read_values(const JsonNode& node, int depth) {
    if (depth > kDeepest) node.fail("is nested too deep for a frame; export it again");
    if (node.is_array()) return read_list(node, depth);
    if (!node.is_object()) node.fail("is no frame; a list or an object is needed");
    if (const auto names = node.find("Names")) {
      read_numbers(node.at("Weights"), names->names());
      return true;
    }
    const auto inside = node.find_any({"blendshapes", "blendShapes", "BlendShapes", "weights",
                                       "Weights", "values", "scores", "faceBlendshapes",
                                       "face_blendshapes", "categories", "Audio2Face", "Facial"});
    if (inside) return read_values(*inside, depth + 1);
    if (depth == 0) node.fail("has neither weights nor blendshapes; export it again");
    read_map(node);
    return true;
  }

  bool read_list(const JsonNode& list, int depth) {
    if (list.size() == 0 && form_.names.empty()) return false;
    if (list.size() > 0 && (list.item(0).is_object() || list.item(0).is_array())) {
      const auto first = list.item(0);
      const bool category = first.find_any({"categoryName", "category_name"}).has_value();
      if (!category) return read_values(first, depth + 1);  // the first of several faces
      read_categories(list);
      return true;
    }
    if (form_.names.empty()) list.fail("holds numbers, but the file no \"names\" for them; add it");
    if (sorted_)
      list.fail("goes by the file's list where others name their curves; do one of both");
    by_name_ = false;
    if (list.size() != form_.names.size()) {
      list.fail(cat("has ", list.size(), " numbers for ", form_.names.size(), " names; mend it"));
    }
    for (size_t i = 0; i < list.size(); ++i) {
      row_.push_back(list.item(i).number(form_.text_numbers));
    }
    return true;
  }

  void read_numbers(const JsonNode& list, const std::vector<std::string>& names) {
    by_name_ = true;
    named_.clear();
    if (list.need_array().size() != names.size()) {
      list.fail(cat("has ", list.size(), " numbers for ", names.size(), " names; mend it"));
    }
    for (size_t i = 0; i < names.size(); ++i) {
      named_.emplace_back(names[i], list.item(i).number(form_.text_numbers));
    }
  }

  void read_categories(const JsonNode& list) {
    by_name_ = true;
    named_.clear();
    for (const auto& item : list.items()) {
      const auto name = item.find_any({"categoryName", "category_name"});
      if (!name) item.fail("has no \"categoryName\"; export it again");
      named_.emplace_back(name->text(), item.at("score").number(form_.text_numbers));
    }
  }

  void read_map(const JsonNode& map) {
    by_name_ = true;
    named_.clear();
    for (const auto& [name, value] : map.value().items()) {
      named_.emplace_back(name, map.entry(name).number(form_.text_numbers));
    }
  }

  /// The row in the order of the names that the first frame gave, or the document.
  void fill_by_name() {
    std::sort(named_.begin(), named_.end());
    for (size_t i = 1; i < named_.size(); ++i) {
      if (named_[i].first == named_[i - 1].first) {
        frame_->fail(cat("\"", named_[i].first.substr(0, 60), "\" is there twice; keep one"));
      }
    }
    if (!sorted_ && !track_.times_s.empty()) {
      frame_->fail("names its curves itself where others go by the file's list; do one of both");
    }
    if (track_.names.empty()) {
      for (const auto& [name, value] : named_) track_.names.push_back(name);
    }
    if (!sorted_) std::sort(track_.names.begin(), track_.names.end());
    sorted_ = true;
    for (size_t i = 0; i < std::max(named_.size(), track_.names.size()); ++i) {
      const bool more = i >= track_.names.size();
      if (!more && i < named_.size() && named_[i].first == track_.names[i]) {
        row_.push_back(named_[i].second);
        continue;
      }
      const bool lacks = !more && (i >= named_.size() || named_[i].first > track_.names[i]);
      frame_->fail(
          lacks ? cat("\"", track_.names[i].substr(0, 60),
                      "\" is missing here; every frame must name the same curves")
                : cat("\"", named_[i].first.substr(0, 60),
                      "\" is not in the frames before; every frame must name the same curves"));
    }
  }

  const JsonFrames& form_;
  Track& track_;
  const JsonNode* frame_ = nullptr;
  std::vector<double> row_;
  Named named_;
  int64_t seen_ = 0;
  bool by_name_ = false, sorted_ = false, timed_ = false;
};

}  // namespace

void read_json_frames(const JsonNode& frames, const JsonFrames& form, Track& track) {
  FramesReader reader(form, track);
  for (size_t i = 0; i < frames.need_array().size(); ++i) {
    reader.add(frames.item(i));
    reader.next();
  }
}

double frame_rate(const JsonNode& root, const ReadOptions& options) {
  const auto said = root.find_any({"fps", "exportFps", "frameRate", "frame_rate"});
  if (!said) return options.fps;
  const double rate = said->number(true);
  if (!(rate > 0)) said->fail("is no rate above 0; mend it");
  return rate;
}

std::string json_numbers(std::span<const float> values) {
  std::string out;
  for (const float value : values) {
    if (!out.empty()) out += ", ";
    out += number(value, 9);
  }
  return out;
}

std::string json_names(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(io::json_text(nlohmann::json(name)));
  return "[" + join(quoted, ", ") + "]";
}

}  // namespace kuchi::curves
