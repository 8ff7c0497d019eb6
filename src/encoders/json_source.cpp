#include "encoders/json_source.h"

#include <algorithm>
#include <limits>

#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json_text.h"

namespace kuchi::encoders {
namespace {

using Json = nlohmann::json;

Location place(const std::filesystem::path& file, const std::string& text, size_t at) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size()));
  const auto line = std::count(text.begin(), end, '\n') + 1;
  const auto newline = text.rfind('\n', at == 0 ? 0 : at - 1);
  const size_t col = newline == std::string::npos || newline >= at ? at + 1 : at - newline;
  return {file.string(), static_cast<int>(line), static_cast<int>(col)};
}

/// For a message: what stands there, shortened.
std::string shown(const Json& value) {
  auto text = printable(io::json_text(value));
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

bool is_int64(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()};
  }
  return value.is_number_integer();
}

}  // namespace

JsonSource::JsonSource(const std::filesystem::path& file)
    : JsonSource(file, io::read_text(file, size_t{16} << 20)) {}

JsonSource::JsonSource(const std::filesystem::path& file, std::string text)
    : file_(file), text_(std::move(text)) {
  try {
    json_ = Json::parse(text_);
  } catch (const Json::parse_error& e) {
    const size_t at = e.byte > 0 ? e.byte - 1 : 0;
    fail_data(place(file_, text_, at), "is no valid JSON here; mend it or fetch the file again");
  }
  if (!json_.is_object()) fail_data(file_, "holds no JSON object ({...})");
}

JsonSource::JsonSource(const JsonSource& outer, const std::string& key)
    : file_(outer.file_), text_(outer.text_), json_(outer.json_.at(key)) {
  if (!json_.is_object()) outer.fail(key, "must be an object ({...})");
}

bool JsonSource::has(const std::string& key) const {
  const auto it = json_.find(key);
  return it != json_.end() && !it->is_null();
}

std::string JsonSource::text(const std::string& key, const std::string& otherwise) const {
  const auto it = json_.find(key);
  if (it == json_.end()) return otherwise;
  if (!it->is_string()) fail(key, cat("must be a text, is ", shown(*it)));
  return it->get<std::string>();
}

bool JsonSource::flag(const std::string& key, bool otherwise) const {
  const auto it = json_.find(key);
  if (it == json_.end()) return otherwise;
  if (!it->is_boolean()) fail(key, cat("must be true or false, is ", shown(*it)));
  return it->get<bool>();
}

int64_t JsonSource::integer(const std::string& key, int64_t otherwise) const {
  const auto it = json_.find(key);
  if (it == json_.end()) return otherwise;
  if (!is_int64(*it)) fail(key, cat("must be a whole number, is ", shown(*it)));
  return it->get<int64_t>();
}

double JsonSource::real(const std::string& key, double otherwise) const {
  const auto it = json_.find(key);
  if (it == json_.end()) return otherwise;
  if (!it->is_number()) fail(key, cat("must be a number, is ", shown(*it)));
  return it->get<double>();
}

std::vector<int64_t> JsonSource::integers(const std::string& key,
                                          const std::vector<int64_t>& otherwise) const {
  const auto it = json_.find(key);
  if (it == json_.end()) return otherwise;
  const bool whole = it->is_array() && std::all_of(it->begin(), it->end(), is_int64);
  if (!whole) fail(key, cat("must be a list of whole numbers, is ", shown(*it)));
  return it->get<std::vector<int64_t>>();
}

Location JsonSource::where(const std::string& key) const {
  const std::string quoted = "\"" + key + "\"";
  for (size_t at = text_.find(quoted); at != std::string::npos; at = text_.find(quoted, at + 1)) {
    const size_t next = text_.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next != std::string::npos && text_[next] == ':') return place(file_, text_, at);
  }
  return {file_.string()};
}

void JsonSource::fail(const std::string& key, const std::string& text) const {
  fail_data(where(key), cat("\"", key, "\" ", text));
}

}  // namespace kuchi::encoders
