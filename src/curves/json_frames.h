// src/curves/json_frames.h
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "curves/json_file.h"
#include "curves/track.h"

namespace kuchi::curves {

/// The frames of a JSON document as many tools write them, one object or list a frame:
///
///   [0.1, …]                                  one number a name of the document's list
///   {"weights": [0.1, …], "time": 0.5}        the same (also "Weights", "values", "scores")
///   {"blendshapes": {"jawOpen": 0.1, …}}      by name (also "blendShapes", "weights" …)
///   {"Names": ["jawOpen", …], "Weights": […]} names in each frame, also inside "Facial"
///   {"faceBlendshapes": [{"categories": [{"categoryName": "jawOpen", "score": 0.1}, …]}]}
///
/// Every frame must name the same curves, in whatever order; one without a face (an empty list of
/// faces) is a gap. Times are the frames' own ("time", "timestamp", "timeCode" in seconds,
/// "timestamp_ms" and the like in milliseconds), in all frames or in none.
struct JsonFrames {
  std::vector<std::string> names;  // of the document; empty: the frames say them
  bool text_numbers = false;       // numbers may stand in quotes
  double fps = 0;                  // for frames without times; 0: none known
};
/// Fills names, times_s and values.
void read_json_frames(const JsonNode& frames, const JsonFrames& form, Track& track);

/// "fps", "exportFps" and the like of a document, else the rate that was given; 0: neither.
double frame_rate(const JsonNode& root, const ReadOptions& options);

/// Numbers of a row with 9 significant digits, so that floats read back: "0.1, 0.25".
std::string json_numbers(std::span<const float> values);
/// ["a", "b"]
std::string json_names(const std::vector<std::string>& names);

}  // namespace kuchi::curves
