// The embedded set as files: what `kuchi synth` leaves.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "audio/audio.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/rig.h"
#include "curves/track.h"
#include "io/atomic_file.h"
#include "io/draft.h"
#include "io/npy.h"
#include "synth/synth.h"
#include "synth/text_grid.h"

namespace kuchi::synth {
namespace {

namespace fs = std::filesystem;

/// Runs work(0 … count-1) on `threads` threads; the first exception stops all and is thrown on.
void in_parallel(int64_t count, int threads, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> next{0};
  std::exception_ptr failure;
  std::mutex lock;
  const auto loop = [&] {
    try {
      for (int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
        check_interrupt();
        work(i);
      }
    } catch (...) {
      next = count;
      const std::lock_guard guard(lock);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> pool;
  for (int t = 1; t < threads; ++t) pool.emplace_back(loop);
  loop();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

/// The folder that tells a clip's labels to the recipe.
std::string folder(const Clip& clip) {
  return cat(clip.speaker, "_", clip.language, "_", clip.style);
}

void write_clip(const Clip& clip, const curves::Rig& rig, const fs::path& dir,
                const std::string& sub) {
  const auto file = [&](std::string_view kind, std::string_view ending) {
    const fs::path parent = dir / kind / sub;
    io::make_directories(parent);
    return parent / cat(clip.id, ending);
  };
  audio::write_wav(file("wav", ".wav"), clip.audio);
  io::write_npy(file("curves", ".npy"), on_rig(clip.curves, rig));
  io::write_atomically(file("phones", ".TextGrid"), text_grid(clip.phones));
}

void write_probe(const Options& options, const curves::Rig& rig, int pairs, const fs::path& dir) {
  const auto probe = make_probe(static_cast<uint64_t>(options.seed), pairs);
  auto list = nlohmann::ordered_json::array();
  for (const ProbePair& pair : probe) {
    check_interrupt();
    write_clip(pair.a, rig, dir, "");
    write_clip(pair.b, rig, dir, "");
    list.push_back({{"id", pair.id},
                    {"distance", pair.distance},
                    {"speaker", pair.a.speaker},
                    {"a", pair.a.id},
                    {"b", pair.b.id},
                    {"begin_s", pair.begin_s},
                    {"end_s", pair.end_s},
                    {"middle_s", pair.middle_s},
                    {"frame", probe_frame(pair)},
                    {"closed", pair.a_closed ? "a" : "b"}});
  }
  const nlohmann::ordered_json text = {
      {"about",
       "Pairs of clips, alike to the sample through a shared sound. At its middle the "
       "lips of one are more closed, because of what follows `distance` phones later."},
      {"fps", kFps},
      {"rig", options.rig},
      {"pairs", list}};
  io::write_atomically(dir / "probe.json", text.dump(1) + "\n");
  io::write_atomically(dir / "curve_names.txt", join(rig.names(), "\n") + "\n");
}

void check(const Options& options) {
  if (options.clips < 1) {
    fail_config({"command line"}, cat("clips=", options.clips, ": at least 1 is needed"));
  }
  if (!(options.seconds >= 1 && options.seconds <= 600)) {
    fail_config({"command line"},
                cat("seconds=", number(options.seconds), ": outside 1 … 600; 6 is usual"));
  }
  if (options.seed < 0) fail_config({"command line"}, cat("seed=", options.seed, ": below 0"));
}

/// Says so before anything is made.
void check_rig(const curves::Rig& rig) {
  for (const auto& curve : rig.curves) {
    if (curve.from_arkit || curves::is_arkit_name(curve.name)) continue;
    fail_config({"rig " + rig.name},
                cat("curve \"", curve.name,
                    "\" is not ARKit's and has no from_arkit, so the embedded "
                    "set cannot be made in this rig; use arkit-mouth, arkit or kuchi26"));
  }
}

}  // namespace

Matrix on_rig(const Matrix& arkit_mouth, const curves::Rig& rig) {
  curves::Track track;
  track.format = "npy";
  track.names = curve_names();
  const size_t own = track.names.size();
  for (const std::string& name : curves::arkit_names()) {  // the rest of the face is still
    if (std::find(track.names.begin(), track.names.end(), name) == track.names.end()) {
      track.names.push_back(name);
    }
  }
  track.fps = kFps;
  track.values = Matrix(arkit_mouth.rows, static_cast<int64_t>(track.names.size()));
  for (int64_t r = 0; r < arkit_mouth.rows; ++r) {
    track.times_s.push_back(static_cast<double>(r) / kFps);
    std::copy_n(arkit_mouth.row(r).begin(), own, track.values.row(r).begin());
  }
  Matrix out = curves::on_rig(track, rig, "synth").values;
  for (int64_t r = 0; r < out.rows; ++r) {
    for (int64_t c = 0; c < out.cols; ++c) {
      const auto& curve = rig.curves[static_cast<size_t>(c)];
      out(r, c) =
          std::clamp(out(r, c), static_cast<float>(curve.low), static_cast<float>(curve.high));
    }
  }
  return out;
}

std::string recipe_yaml(const Options& options) {
  return cat(
      "# Made by `kuchi synth`: speech from an articulatory synthesiser and the mouth that made "
      "it.\n"
      "# ",
      options.clips, " clips, mean length ", number(options.seconds), " s, seed ", options.seed,
      "\n",
      "name: synth\n"
      "licence: Apache-2.0\n"
      "consent: none is needed, no person was recorded; the voices and faces are computed\n"
      "permitted_use: anything that the licence permits\n"
      "root: .\n"
      "fps: ",
      number(kFps), "\n", "rig: ", options.rig, "\n",
      "clips:\n"
      "  audio: \"wav/{speaker}_{language}_{style}/{id}.wav\"\n"
      "  curves: \"curves/{speaker}_{language}_{style}/{id}.npy\"\n"
      "  names: curve_names.txt\n"
      "  format: npy\n"
      "split: {by: clip, valid: 0.1, test: 0.1, seed: ",
      options.seed, "}\n");
}

void write_dataset(const Options& options, const fs::path& dir, const WriteOptions& write) {
  check(options);
  const curves::Rig rig = curves::load_rig(options.rig);
  check_rig(rig);
  io::Draft draft(dir, {"recipe.yaml", "data set"}, write.force);
  std::mutex lock;
  int64_t done = 0;
  in_parallel(options.clips, std::max(1, write.threads), [&](int64_t i) {
    const Clip clip = make_clip(options, i);
    write_clip(clip, rig, draft.path(), folder(clip));
    const std::lock_guard guard(lock);
    ++done;
    if (write.progress) write.progress(done, options.clips);
  });
  if (write.probe_pairs > 0) write_probe(options, rig, write.probe_pairs, draft.path() / "probe");
  io::write_atomically(draft.path() / "curve_names.txt", join(rig.names(), "\n") + "\n");
  io::write_atomically(draft.path() / "recipe.yaml", recipe_yaml(options));
  draft.publish();
}

}  // namespace kuchi::synth
