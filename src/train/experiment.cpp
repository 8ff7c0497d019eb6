#include "train/experiment.h"

#include "core/text.h"
#include "edge/device.h"
#include "encoders/listener.h"

namespace kuchi::train {
namespace {

/// A path means: as seen from the file that says it, or where that leads nowhere (and for the
/// command line) from the working directory. Absolute from here on, so that a run folder can be
/// used from anywhere.
void resolve_path(std::string& path, const Location& said) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return;
  std::error_code ec;
  const auto beside = std::filesystem::path(said.file).parent_path() / path;
  const bool there = said.line > 0 && std::filesystem::exists(beside, ec);
  path = std::filesystem::weakly_canonical(there ? beside : std::filesystem::path(path)).string();
}

/// The first of these ways to augment that is asked for is refused, and why.
void refuse_augmentation(const Experiment& e,
                         const std::vector<std::pair<std::string, bool>>& asked,
                         const std::string& why) {
  for (const auto& [name, wanted] : asked) {
    if (wanted) fail_config(e.schema.origin("augment." + name), cat("augment.", name, why));
  }
}

/// What changes features cannot be done to a model that hears audio.
void check_audio_augmentation(const Experiment& e) {
  const auto& a = e.augment;
  refuse_augmentation(e,
                      {{"time_masks", a.time_masks > 0},
                       {"band_masks", a.band_masks > 0},
                       {"band_shift", a.band_shift > 0},
                       {"band_warp", a.band_warp > 0},
                       {"rate", a.rate > 0},
                       {"gain_db", a.gain_db > 0},
                       {"noise", a.noise > 0},
                       {"feature_dropout", a.feature_dropout > 0}},
                      cat(" changes features, and model.head=", e.model.head,
                          " hears audio; set it to 0 (model.", e.model.head,
                          ".mask_time_prob and mask_feature_prob hide parts of what it hears; "
                          "augment.speed, pitch, room and others change audio)"));
  if (augment::changes_audio(a) && a.audio == augment::Computed::cached) {
    fail_config(e.schema.origin("augment.audio"),
                cat("augment.audio=cached keeps features, and model.head=", e.model.head,
                    " hears audio; leave it at loop"));
  }
}

/// What means log-mel bands says nothing of an encoder's states.
void check_encoder_features(const Experiment& e) {
  const auto& said = [&](const char* key) { return e.schema.origin(key); };
  if (!e.features.is_encoder()) {
    if (e.features.window.seconds > 0) {
      fail_config(
          said("features.window.seconds"),
          "features.window is of an encoder, and features.kind is logmel, which hears 25 ms "
          "at a time anyhow; leave it out");
    }
    if (e.features.layer != "last") {
      fail_config(said("features.layer"),
                  "features.layer is of an encoder, and features.kind is logmel; add "
                  "features.kind=encoder, or leave it out");
    }
    if (!e.features.encoder.empty() && !e.model.chosen().hears_audio()) {
      fail_config(said("features.encoder"),
                  "features.encoder is named, but features.kind is logmel; add "
                  "features.kind=encoder, or leave it out");
    }
    return;
  }
  if (e.model.chosen().hears_audio()) {
    fail_config(said("features.kind"),
                cat("model.head=", e.model.head, " hears audio and tunes its own encoder (model.",
                    e.model.head, ".encoder); leave features.kind at logmel"));
  }
  if (const auto why = features::trouble(e.features.window); !why.empty()) {
    fail_config(said("features.window.seconds"), why);
  }
  const auto& a = e.augment;
  refuse_augmentation(e,
                      {{"band_shift", a.band_shift > 0},
                       {"band_warp", a.band_warp > 0},
                       {"gain_db", a.gain_db > 0}},
                      " changes mel bands, and features.kind is encoder; set it to 0");
  if (e.features.layer == "weighted" && !e.model.chosen().by_descent()) {
    fail_config(said("features.layer"),
                cat("features.layer=weighted is learnt by descent, and model.head=", e.model.head,
                    " is solved; take a layer, all, or another head"));
  }
}

/// A head that stands on an encoder and names none takes the features': model.head=wav2vec2 alone
/// is then a valid change of an experiment with an encoder.
void lend_encoder(Experiment& e) {
  for (const auto& kind : e.model.kinds) {
    if (kind->name() != e.model.head || !kind->hears_audio()) continue;
    for (auto& [name, path] : kind->paths()) {
      if (name == "encoder" && path->empty()) *path = e.features.encoder;
    }
  }
}

void check_training(const Experiment& e) {
  if (e.train.ema > 0 && e.train.swa > 0) {
    fail_config(e.schema.origin("train.swa"),
                "train.ema and train.swa are two averages of the weights; set one of them to 0");
  }
  if (e.train.optimizer == "sgd" && e.train.nesterov && e.train.momentum == 0) {
    fail_config(e.schema.origin("train.nesterov"),
                "train.nesterov looks ahead along train.momentum, which is 0; give it one");
  }
  if (e.train.precision != Precision::fp32 && !e.model.chosen().by_descent()) {
    fail_config(e.schema.origin("train.precision"),
                cat("train.precision=bf16 is of steps of descent, and model.head=", e.model.head,
                    " is solved without any; leave it at fp32"));
  }
}

void check_condition(const Experiment& e) {
  const auto& o = e.model.condition;
  if (o.intensity && !o.style) {
    fail_config(
        e.schema.origin("model.condition.intensity"),
        "model.condition.intensity scales a style; add model.condition.style=true, or leave "
        "it out");
  }
  if (o.any() && !e.model.chosen().listens()) {
    const std::string key = o.speaker ? "model.condition.speaker" : "model.condition.style";
    fail_config(e.schema.origin(key),
                cat(key, ": model.head=", e.model.head, " answers the same whatever it is told; ",
                    "leave it out, or take another head"));
  }
}

void check_model(const Experiment& e) {
  const auto& kind = e.model.chosen();
  check_encoder_features(e);
  check_condition(e);
  kind.check([&](const std::string& key) { return e.schema.origin(key); });
  if (kind.hears_audio()) check_audio_augmentation(e);
}

}  // namespace

Experiment::Experiment() {
  auto data_section = schema.section("data");
  data_section.about("What to train on: one of `data.store`, `data.recipe` and `data.synth`.");
  data::describe(data_section, data);
  auto features_section = schema.section("features");
  features_section.about("What the model hears.");
  features::describe(features_section, features);
  auto model_section = schema.section("model");
  model_section.about("The head: speech features to mouth curves.");
  models::describe(model_section, model);
  auto loss_section = schema.section("loss");
  loss_section.about("What training makes small: a sum of terms, each a mean over valid frames.");
  describe(loss_section, loss);
  auto augment_section = schema.section("augment");
  augment_section.about("Changes to training clips, drawn by (seed, epoch, clip).");
  augment::describe(augment_section, augment);
  auto train_section = schema.section("train");
  train_section.about("The training itself.");
  describe(train_section, train);
  auto eval_section = schema.section("eval");
  eval_section.about("How a trained model is judged.");
  describe(eval_section, eval);
  post::describe(schema.section("post"), post);
}

void load(Experiment& experiment, const std::filesystem::path& file,
          const std::vector<std::string>& overrides) {
  std::vector<config::Assignment> more;
  for (const auto& text : overrides) more.push_back(config::parse_override(text));
  load(experiment, file, more);
}

void load(Experiment& experiment, const std::filesystem::path& file,
          const std::vector<config::Assignment>& more) {
  std::vector<config::Assignment> all;
  if (!file.empty()) all = config::load_config(file, experiment.schema);
  for (const auto& assignment : more) {
    config::Node root;  // so that data.synth={clips: 3} opens like a section in a file
    root.kind = config::Node::Kind::map;
    root.entries.push_back({assignment.key, assignment.key_at, assignment.value});
    for (auto& leaf : config::flatten(root, experiment.schema)) all.push_back(std::move(leaf));
  }
  experiment.schema.apply(all);
  auto& data = experiment.data;
  const auto resolve_all = [&](std::vector<std::string>& files, const char* key) {
    std::erase(files, "");  // runs of old say so of what they do not name
    for (auto& file : files) resolve_path(file, experiment.schema.origin(key));
  };
  resolve_all(data.store, "data.store");
  resolve_all(data.recipe, "data.recipe");
  resolve_path(data.root, experiment.schema.origin("data.root"));
  auto& features = experiment.features;
  resolve_path(features.encoder, experiment.schema.origin("features.encoder"));
  resolve_path(experiment.augment.background.files,
               experiment.schema.origin("augment.background.files"));
  resolve_path(experiment.augment.room.files, experiment.schema.origin("augment.room.files"));
  resolve_path(experiment.train.init, experiment.schema.origin("train.init"));
  if (experiment.eval.vertex_basis != "auto" && experiment.eval.vertex_basis != "none") {
    resolve_path(experiment.eval.vertex_basis, experiment.schema.origin("eval.vertex_basis"));
  }
  // One state of an encoder has heard its neighbours.
  if (features.is_encoder() && !experiment.schema.was_set("features.stack")) features.stack = 1;
  for (const auto& kind : experiment.model.kinds) {
    for (auto& [name, path] : kind->paths()) {
      resolve_path(*path, experiment.schema.origin(cat("model.", kind->name(), ".", name)));
    }
  }
  lend_encoder(experiment);
  check_model(experiment);
  check_training(experiment);
  post::check(experiment.post,
              [&](const std::string& key) { return experiment.schema.origin(key); });
}

void attach_encoder(Experiment& e) {
  if (!e.features.is_encoder()) return;
  encoders::AttachOptions how;
  how.device = edge::device_from(e.train.device);
  encoders::attach(e.features, e.schema.origin("features.encoder"),
                   e.schema.origin("features.layer"), how);
}

}  // namespace kuchi::train
