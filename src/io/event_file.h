// src/io/event_file.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/png.h"
#include "io/protobuf.h"

namespace kuchi::io {

/// A histogram as TensorBoard's messages hold one: how many values lie in ( limit[i-1], limit[i] ].
struct Histogram {
  double min = 0, max = 0, count = 0, sum = 0, squares = 0;
  std::vector<double> limits, counts;
};

/// An event file that TensorBoard opens: records of tensorflow.Event, each framed by its length and
/// masked CRC-32C sums (the TFRecord format). Every summary is on disk once a call returns.
/// UserError (environment) where the disk is full.
class EventFile {
 public:
  /// Makes a new file in the folder. What other files there hold from `from_step` on, of a training
  /// that was killed, TensorBoard then drops.
  EventFile(const std::filesystem::path& folder, int64_t from_step);

  /// Summaries gathered until write(), which gives them their step.
  void scalar(const std::string& tag, double value);
  void histogram(const std::string& tag, const Histogram& histogram);
  void image(const std::string& tag, const Picture& picture);
  void write(int64_t step);

  const std::filesystem::path& path() const { return path_; }

 private:
  ProtoMessage& event(ProtoMessage& to, int64_t step) const;
  void record(const ProtoMessage& event);
  std::filesystem::path path_;
  ProtoMessage summary_;
};

}  // namespace kuchi::io
