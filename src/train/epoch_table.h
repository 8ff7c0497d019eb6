// src/train/epoch_table.h
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kuchi::train {

/// The training on the screen, a line an epoch, from the events that events.jsonl holds.
class EpochTable {
 public:
  explicit EpochTable(std::string monitor) : monitor_(std::move(monitor)) {}
  /// The line of an event, with the headings before it now and then.
  std::string lines(const nlohmann::json& event);

 private:
  std::string monitor_;
  int64_t written_ = 0;
};

}  // namespace kuchi::train
