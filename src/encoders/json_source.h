// src/encoders/json_source.h
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/error.h"

namespace kuchi::encoders {

/// A small JSON object that a person may have written: values by key, each of the type that is
/// wanted or a UserError (data) with file, line and key. A key that is absent gives `otherwise`.
class JsonSource {
 public:
  /// Reads the file. UserError (data): missing, larger than 16 MiB, no JSON, no object.
  explicit JsonSource(const std::filesystem::path& file);
  /// A text that stood in `file`, which is for messages.
  JsonSource(const std::filesystem::path& file, std::string text);
  /// An object inside another, e.g. processor_config.json's "feature_extractor".
  JsonSource(const JsonSource& outer, const std::string& key);

  const std::filesystem::path& file() const { return file_; }
  const nlohmann::json& json() const { return json_; }
  bool has(const std::string& key) const;  // present, and not null

  std::string text(const std::string& key, const std::string& otherwise) const;
  bool flag(const std::string& key, bool otherwise) const;
  int64_t integer(const std::string& key, int64_t otherwise) const;
  double real(const std::string& key, double otherwise) const;
  std::vector<int64_t> integers(const std::string& key,
                                const std::vector<int64_t>& otherwise) const;

  /// Where the key stands, as far as that can be told.
  Location where(const std::string& key) const;
  [[noreturn]] void fail(const std::string& key, const std::string& text) const;

 private:
  std::filesystem::path file_;
  std::string text_;
  nlohmann::json json_;
};

}  // namespace kuchi::encoders
