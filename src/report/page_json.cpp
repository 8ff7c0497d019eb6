#include "report/page_json.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "audio/flac.h"
#include "data/phones.h"
#include "eval/phone_class.h"
#include "io/base64.h"
#include "io/json_text.h"
#include "report/mouth.h"
#include "report/study_json.h"

namespace kuchi::report {
namespace {

using Json = nlohmann::ordered_json;

Json pairs(const Facts& facts) {
  Json out = Json::array();
  for (const auto& [name, value] : facts) {
    if (!value.empty()) out.push_back({name, value});
  }
  return out;
}

Json epochs_json(const std::vector<Epoch>& epochs) {
  Json out = Json::array();
  for (const Epoch& e : epochs) {
    Json valid = Json::object();
    for (const auto& [name, value] : e.valid) valid[name] = io::number_or_null(value);
    out.push_back({{"epoch", e.epoch},
                   {"loss", io::number_or_null(e.loss)},
                   {"lr", io::number_or_null(e.lr)},
                   {"best", e.best},
                   {"valid", valid},
                   {"speed", io::number_or_null(e.frames_per_s)}});
  }
  return out;
}

Json others_json(const Page& page) {
  Json out = Json::array();
  for (const auto& run : page.others) {
    out.push_back({{"name", run.name}, {"epochs", epochs_json(run.epochs)}});
  }
  return out;
}

Json rig_json(const curves::Rig& rig) {
  Json list = Json::array();
  for (const auto& c : rig.curves) {
    list.push_back({{"name", c.name}, {"low", c.low}, {"high", c.high}, {"group", c.group}});
  }
  return {{"name", rig.name}, {"curves", list}};
}

/// Loudest and quietest sample of each of `bins` equal parts, in 1/127: what a waveform shows.
std::string peaks(const std::vector<float>& audio, size_t bins) {
  std::vector<int8_t> out;
  for (size_t b = 0; b < bins; ++b) {
    const size_t begin = audio.size() * b / bins, end = audio.size() * (b + 1) / bins;
    float low = 0, high = 0;
    for (size_t i = begin; i < end; ++i) {
      low = std::min(low, audio[i]);
      high = std::max(high, audio[i]);
    }
    for (const float x : {low, high}) {
      out.push_back(static_cast<int8_t>(std::lround(std::clamp(x, -1.0f, 1.0f) * 127)));
    }
  }
  return io::base64(out.data(), out.size());
}

struct Span {
  double low = 0, high = 0;
};

/// What each curve goes through in a clip, over all tracks: what its 16 bits are spread over.
std::vector<Span> spans(const PageClip& clip, int64_t curves) {
  std::vector<Span> out(static_cast<size_t>(curves), {INFINITY, -INFINITY});
  for (const Matrix& track : clip.tracks) {
    for (int64_t t = 0; t < track.rows; ++t) {
      for (int64_t c = 0; c < curves; ++c) {
        if (std::isnan(track(t, c))) continue;
        auto& span = out[static_cast<size_t>(c)];
        span.low = std::min(span.low, double{track(t, c)});
        span.high = std::max(span.high, double{track(t, c)});
      }
    }
  }
  for (auto& span : out) {
    if (span.low > span.high) span = {};  // no track has it
  }
  return out;
}

/// Curves that a track lacks: the columns of NaN.
std::vector<int64_t> absent(const Matrix& track) {
  std::vector<int64_t> out;
  for (int64_t c = 0; track.rows > 0 && c < track.cols; ++c) {
    if (std::isnan(track(0, c))) out.push_back(c);
  }
  return out;
}

/// The same at rest where it lacks them.
Matrix filled(const Matrix& track, const std::vector<int64_t>& absent, const curves::Rig& rig) {
  Matrix out = track;
  for (const auto c : absent) {
    const auto rest = static_cast<float>(rig.curves[static_cast<size_t>(c)].rest);
    for (int64_t t = 0; t < out.rows; ++t) out(t, c) = rest;
  }
  return out;
}

/// [curves, frames] little-endian, 0 … 65535 over each span: curve after curve, as they are drawn.
std::string quantised(const Matrix& track, const std::vector<Span>& spans) {
  std::vector<uint8_t> out;
  out.reserve(track.data.size() * 2);
  for (int64_t c = 0; c < track.cols; ++c) {
    const auto& [low, high] = spans[static_cast<size_t>(c)];
    const double scale = high > low ? 65535 / (high - low) : 0;
    for (int64_t t = 0; t < track.rows; ++t) {
      const double share = std::isnan(track(t, c)) ? 0 : (track(t, c) - low) * scale;
      const auto code = static_cast<uint16_t>(std::lround(share));
      out.push_back(static_cast<uint8_t>(code & 255));
      out.push_back(static_cast<uint8_t>(code >> 8));
    }
  }
  return io::base64(out.data(), out.size());
}

/// [begin_s, end_s, label, what it asks of the lips], in milliseconds' precision.
Json phones_json(const std::vector<PagePhone>& phones) {
  const auto ms = [](double seconds) { return std::round(1000 * seconds) / 1000; };
  Json out = Json::array();
  for (const auto& p : phones) {
    const auto kind = eval::to_string(eval::phone_class(data::phone_of(p.label)));
    out.push_back({ms(p.begin_s), ms(p.end_s), p.label, kind});
  }
  return out;
}

Json clip_json(const Page& page, const PageClip& clip, bool mouth) {
  assert(clip.tracks.size() == page.tracks.size() && !clip.tracks.empty());
  const auto curve_spans = spans(clip, page.rig.size());
  Json span_list = Json::array(), tracks = Json::array();
  for (const auto& s : curve_spans) span_list.push_back({s.low, s.high});
  for (const Matrix& track : clip.tracks) {
    Json one = {{"curves", quantised(track, curve_spans)}};
    const auto lacks = absent(track);
    if (!lacks.empty()) one["absent"] = lacks;
    if (mouth) {
      const auto bytes = mouth_bytes(page.rig, filled(track, lacks, page.rig));
      one["mouth"] = io::base64(bytes.data(), bytes.size());
    }
    tracks.push_back(std::move(one));
  }
  const double seconds = static_cast<double>(clip.audio.size()) / audio::kRate;
  const auto bins = static_cast<size_t>(std::clamp(seconds * 100, 200.0, 4000.0));
  const auto sound = audio::flac(clip.audio);
  return {{"id", clip.id},
          {"about", clip.about},
          {"begin_s", clip.begin_s},
          {"fps", clip.fps},
          {"frames", clip.tracks[0].rows},
          {"seconds", seconds},
          {"spans", span_list},
          {"tracks", tracks},
          {"phones", phones_json(clip.phones)},
          {"peaks", peaks(clip.audio, bins)},
          {"audio", io::base64(sound.data(), sound.size())}};
}

Json worst_json(const Page& page) {
  Json out = Json::array();
  for (const Second& s : page.worst) {
    out.push_back(
        {{"clip", s.clip}, {"begin_s", s.begin_s}, {"error", s.error}, {"curves", s.curves}});
  }
  return out;
}

Json probe_json(const Page& page) {
  Json out = Json::array();
  for (const auto& p : page.probe) {
    out.push_back({{"distance", p.distance}, {"pairs", p.pairs}, {"share", p.share}});
  }
  return out;
}

}  // namespace

Json page_json(const Page& page) {
  const bool mouth = draws_a_mouth(page.rig);
  Json out = {{"title", page.title}, {"lead", page.lead}};
  out["facts"] = Json::array();
  for (const auto& [heading, facts] : page.facts) out["facts"].push_back({heading, pairs(facts)});
  out["provenance"] = pairs(fields(page.provenance));
  out["rig"] = rig_json(page.rig);
  out["mouth_channels"] = Json::array();
  if (mouth) out["mouth_channels"] = kMouthChannels;
  out["tracks"] = page.tracks;
  out["epochs"] = epochs_json(page.epochs);
  out["others"] = others_json(page);
  out["monitor"] = page.monitor;
  out["suite"] = nullptr;
  if (page.suite) {
    out["suite"] = eval::to_json(*page.suite);
    // The page goes to others: whose folders these are is not their business.
    for (const char* key : {"units", "store", "model"}) out["suite"].erase(key);
  }
  out["phones"] = nullptr;
  if (page.phones) out["phones"] = eval::to_json(*page.phones);
  out["probe"] = probe_json(page);
  out["worst"] = worst_json(page);
  out["worst_note"] = page.worst_note;
  out["study"] = nullptr;
  if (!page.study.is_null()) out["study"] = study_page_json(read_study(page.study));
  out["clips"] = Json::array();
  for (const auto& clip : page.clips) out["clips"].push_back(clip_json(page, clip, mouth));
  return out;
}

std::string to_script_text(const Json& json) {
  const auto text = json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {  // in JSON these three stand inside strings only
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace kuchi::report
