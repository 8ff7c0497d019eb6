// What a model is told of a clip: names and numbers, the vector, and what the head makes of it.
#include "models/condition.h"

#include <torch/utils.h>

#include "catch.h"
#include "caught.h"
#include "core/text.h"
#include "data/store.h"
#include "golden.h"
#include "heard.h"
#include "models/bilstm.h"
#include "models/live.h"

using namespace kuchi;
using namespace kuchi::models;
using kuchi::test::caught;
using kuchi::test::distance;

namespace {

/// A store's clips, each with these labels; nothing is read of it but those.
data::StoreInfo labelled(const std::vector<data::Labels>& clips) {
  data::StoreInfo info;
  info.file = "set.h5";
  for (size_t i = 0; i < clips.size(); ++i) {
    data::StoreClip clip;
    clip.id = cat("c", i);
    clip.labels = clips[i];
    info.clips.push_back(clip);
  }
  return info;
}

const std::vector<data::Labels> kLabelledClips = {
    {{"speaker", "花"}, {"style", "calm"}},
    {{"speaker", "anna"}, {"emotion", "joy"}, {"intensity", "0.5"}},
    {{"speaker", "Zoë"}, {"style", "calm"}, {"emotion", "joy"}},
    {},
    {{"speaker", "held out"}, {"style", "sad"}},
};

/// All but the last of a store's clips.
std::vector<data::Piece> all_but_last(const data::StoreInfo& store) {
  std::vector<data::Piece> out;
  for (size_t i = 0; i + 1 < store.clips.size(); ++i) {
    out.push_back({static_cast<int64_t>(i), data::Split::train, 0, 10});
  }
  return out;
}

Vocabulary vocabulary(const data::StoreInfo& store, const ConditionOptions& options) {
  return vocabulary_of(options, store, all_but_last(store), {"test"});
}

const Vocabulary kTwoEach = {3, true, {"anna", "bob"}, {"calm", "loud"}};

std::shared_ptr<Model> told_model(HeadKind& kind, const std::vector<std::string>& overrides,
                                  const Vocabulary& condition) {
  config::Schema schema;
  kind.describe(schema.section("model." + kind.name()));
  std::vector<config::Assignment> all;
  for (const auto& text : overrides) all.push_back(config::parse_override(text));
  schema.apply(all);
  Card card;
  card.head = kind.name();
  card.rig = curves::load_rig("arkit-mouth");
  card.condition = condition;
  auto model = std::make_shared<Model>(kind, card);
  const int64_t dim = features::dim(card.features), curves = card.rig.size();
  model->set_statistics({at::linspace(-8, -3, dim), at::linspace(1, 4, dim), at::zeros({curves}),
                         at::ones({curves})});
  model->eval();
  const at::NoGradGuard no_grad;
  for (const auto& item : model->named_parameters()) {  // so that it matters to fresh weights
    if (item.key().rfind("condition.", 0) == 0) item.value().mul_(10);
  }
  return model;
}

const std::vector<std::string> kTinyBilstm = {"model.bilstm.projection=[8]",
                                              "model.bilstm.hidden=6", "model.bilstm.layers=1",
                                              "model.bilstm.output=[8]"};

at::Tensor tensor_of(const Model& model, const std::string& name) {
  for (const auto& [key, value] : model.tensors()) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("condition: names are those of the training part, numbered from 1, the rest the pivot",
          "[models]") {
  const auto store = labelled(kLabelledClips);
  const auto v = vocabulary(store, {true, true, true, 8, 0.1});
  CHECK(v.width == 8);
  CHECK(v.speakers == std::vector<std::string>{"Zoë", "anna", "花"});
  CHECK(v.styles == std::vector<std::string>{"calm", "joy"});  // the style comes before the emotion
  CHECK(told_by_labels(v, store, 0) == Told{3, 1, 1});
  CHECK(told_by_labels(v, store, 1) == Told{2, 2, 0.5});
  CHECK(told_by_labels(v, store, 2) == Told{1, 1, 1});
  CHECK(told_by_labels(v, store, 3) == Told{0, 0, 1});
  CHECK(told_by_labels(v, store, 4) == Told{0, 0, 1});  // in no training clip

  const auto alone = vocabulary(store, {false, true, false, 8, 0.1});
  CHECK(alone.speakers.empty());
  CHECK_FALSE(alone.intensity);
  CHECK(told_by_labels(alone, store, 1) == Told{0, 2, 1});
  const auto nothing = vocabulary(store, {});
  CHECK(nothing.empty());
  CHECK(nothing.width == 0);

  for (const auto& one : {v, alone}) CHECK(vocabulary_from(to_text(one), "f") == one);
  for (const char* bad : {"", "{}", "[]", "{\"width\": 3}", "{\"width\": 0, \"styles\": [\"a\"]}",
                          "{\"width\": 3, \"speakers\": [1]}"}) {
    CHECK(caught([&] { vocabulary_from(bad, "f"); }).code == 3);
  }
  CHECK(in_words(v) == "3 speakers (Zoë, anna, 花), 2 styles (calm, joy) with intensity");
}

TEST_CASE("condition: labels that say nothing of use are refused", "[models]") {
  const auto bare = labelled({{{"language", "en"}}, {{"language", "ja"}}, {}});
  auto refused = caught([&] { vocabulary(bare, {true, false, false, 8, 0.1}); });
  CHECK(refused.code == 2);
  CHECK(refused.has("model.condition.speaker: no clip of the training part has a label speaker"));
  refused = caught([&] { vocabulary(bare, {false, true, false, 8, 0.1}); });
  CHECK(refused.has("model.condition.style"));
  for (const char* odd : {"strong", "-1", "11", "nan", "1x"}) {
    const auto store = labelled({{{"style", "joy"}, {"intensity", odd}}, {}});
    refused = caught([&] { vocabulary(store, {false, true, true, 8, 0.1}); });
    INFO(odd);
    CHECK(refused.code == 3);
    CHECK(refused.has("set.h5"));
    CHECK(refused.has("clip c0"));
    CHECK_NOTHROW(vocabulary(store, {false, true, false, 8, 0.1}));  // nobody asks for it
  }
}

TEST_CASE("condition: a user's names are found, or refused with those that there are", "[models]") {
  CHECK(told_by_name(kTwoEach, {}, "run") == Told{});
  CHECK(told_by_name(kTwoEach, {"bob", "loud", 0.25}, "run") == Told{2, 2, 0.25});
  CHECK(told_by_name(kTwoEach, {{}, "calm", {}}, "run") == Told{0, 1, 1});
  auto refused = caught([] { told_by_name(kTwoEach, {"ana", {}, {}}, "runs/a"); });
  CHECK(refused.code == 2);
  CHECK(refused.has(
      "runs/a: learnt no speaker \"ana\"; did you mean \"anna\"?; it learnt anna, bob"));
  CHECK(caught([] { told_by_name(kTwoEach, {"", {}, {}}, "r"); }).code == 2);
  refused = caught([] { told_by_name(kTwoEach, {{}, {}, 0.5}, "r"); });
  CHECK(refused.has("add --style, one of calm, loud"));
  for (const double odd : {-0.1, 10.5, std::nan("")}) {
    CHECK(caught([&] { told_by_name(kTwoEach, {{}, "calm", odd}, "r"); }).code == 2);
  }
  const Vocabulary speakers = {3, false, {"anna"}, {}};
  refused = caught([&] { told_by_name(speakers, {{}, "calm", {}}, "runs/a"); });
  CHECK(refused.has("trained without model.condition.style; leave --style out"));
  refused = caught([&] { told_by_name({}, {"anna", {}, {}}, "runs/a"); });
  CHECK(refused.has("trained without model.condition.speaker"));
  refused = caught([&] { told_by_name({3, false, {}, {"calm"}}, {{}, "calm", 1.0}, "r"); });
  CHECK(refused.has("without model.condition.intensity"));
}

TEST_CASE("condition: a share of rows is told the pivot, drawn by seed, epoch and place",
          "[models]") {
  const auto store = labelled(kLabelledClips);
  const auto v = vocabulary(store, {true, true, false, 8, 0.1});
  const auto draw = [&](double pivot, uint64_t seed, int64_t epoch, int64_t begin) {
    return told_in_training(v, store, {0, begin, begin + 5}, pivot, seed, epoch);
  };
  int nobody = 0, plain = 0, both = 0, other = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const auto told = draw(0.3, 7, i / 100, i % 100);
    CHECK((told.speaker == 3 || told.speaker == 0));
    nobody += told.speaker == 0;
    plain += told.style == 0;
    both += told.speaker == 0 && told.style == 0;
    other += !(draw(0.3, 8, i / 100, i % 100) == told);
    REQUIRE(draw(0.3, 7, i / 100, i % 100) == told);
    REQUIRE(draw(0, 7, i / 100, i % 100) == told_by_labels(v, store, 0));
  }
  CHECK(nobody == Approx(0.3 * kDraws).epsilon(0.05));
  CHECK(plain == Approx(0.3 * kDraws).epsilon(0.05));
  CHECK(both == Approx(0.09 * kDraws).epsilon(0.1));  // one draw each
  CHECK(other > kDraws / 4);                          // another seed, other rows
}

TEST_CASE("condition: the vector is the speaker's row and a way from the neutral to the style's",
          "[models]") {
  const at::NoGradGuard no_grad;
  torch::manual_seed(3);
  Condition condition(kTwoEach, true);
  const auto named = condition.named_parameters();
  REQUIRE(named.size() == 2);
  auto s = named["speaker"], p = named["style"];
  REQUIRE(s.sizes() == at::IntArrayRef({3, 3}));
  CHECK(s[0].abs().max().item<double>() == 0);  // the pivot begins as nothing
  CHECK(s[1].abs().max().item<double>() > 0);
  s.normal_();
  p.normal_();
  const auto v =
      condition.forward({{0, 0, 1}, {1, 2, 1}, {2, 1, 0.25}, {0, 2, 0}, {1, 1, 3}, {0, 0, 9}});
  CHECK(distance(v[0], s[0] + p[0]) <= 1e-6);
  CHECK(distance(v[1], s[1] + p[2]) <= 1e-6);
  CHECK(distance(v[2], s[2] + p[0] + 0.25 * (p[1] - p[0])) <= 1e-6);
  CHECK(distance(v[3], s[0] + p[0]) <= 1e-6);
  CHECK(distance(v[4], s[1] + p[0] + 3 * (p[1] - p[0])) <= 1e-6);
  CHECK(distance(v[5], s[0] + p[0]) <= 1e-5);
}

TEST_CASE("condition: under a solved head a name is a one in a place of its own", "[models]") {
  const Condition condition({4, true, {"anna", "bob"}, {"calm", "loud"}}, false);
  CHECK(condition.parameters().empty());
  const auto v = condition.forward({{0, 0, 1}, {2, 0, 1}, {1, 2, 0.5}});
  CHECK(at::equal(
      v, at::tensor({0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.5F})
             .view({3, 4})));
  CHECK_THROWS_AS(condition.forward({{3, 0, 1}}), std::logic_error);
}

TEST_CASE("condition: gradients are those of differences", "[models]") {
  torch::manual_seed(4);
  Condition condition(kTwoEach, true);
  condition.to(at::kDouble);
  const auto weight = at::randn({3, 3}, at::kDouble);
  const auto loss = [&] {
    return (condition.forward({{1, 2, 0.5}, {0, 1, 1}, {1, 0, 2}}).sin() * weight).sum();
  };
  loss().backward();
  const at::NoGradGuard no_grad;
  for (const auto& item : condition.named_parameters()) {
    auto flat = item.value().view({-1});
    const auto gradient = item.value().grad().view({-1});
    for (int64_t i = 0; i < flat.size(0); ++i) {
      const double before = flat[i].item<double>();
      flat[i] = before + 1e-6;
      const double up = loss().item<double>();
      flat[i] = before - 1e-6;
      const double down = loss().item<double>();
      flat[i] = before;
      INFO(item.key() << "[" << i << "]");
      CHECK(gradient[i].item<double>() == Approx((up - down) / 2e-6).margin(1e-7));
    }
  }
}

TEST_CASE("condition: a model that is told nothing has no part for it, another has its tables",
          "[models]") {
  BilstmKind kind;
  torch::manual_seed(5);
  const auto plain = told_model(kind, kTinyBilstm, {});
  torch::manual_seed(5);
  const auto told = told_model(kind, kTinyBilstm, kTwoEach);
  CHECK(plain->metadata().count("condition") == 0);
  CHECK(told->metadata().at("condition") == to_text(kTwoEach));
  CHECK(told->tensors().size() == plain->tensors().size() + 2);
  for (const auto& [name, value] : plain->tensors())
    CHECK(name.find("condition") == std::string::npos);
  CHECK(tensor_of(*told, "condition.speaker").sizes() == at::IntArrayRef({3, 3}));
  // Two tables, and three more columns of the first layer.
  CHECK(told->parameter_count() == plain->parameter_count() + 2 * 9 + 3 * 8);
  // What is said to a model that is told nothing is not heard.
  const at::NoGradGuard no_grad;
  const auto x = at::randn({1, 5, features::dim(plain->card().features)});
  const auto n = at::tensor({5}, at::kLong);
  CHECK(at::equal(plain->forward(x, n, {{2, 1, 0.5}}), plain->forward(x, n)));
  CHECK_THROWS_AS(told->forward(x, n, {{}, {}}), std::logic_error);
}

TEST_CASE("condition: the head is given the vector with every frame, zero beyond a clip's end",
          "[models]") {
  const at::NoGradGuard no_grad;
  BilstmKind kind;
  torch::manual_seed(6);
  const auto model = told_model(kind, kTinyBilstm, kTwoEach);
  const int64_t dim = features::dim(model->card().features);
  const auto x = at::randn({2, 6, dim});
  const auto lengths = at::tensor({6, 4}, at::kLong);
  const std::vector<Told> told = {{1, 0, 1}, {2, 1, 0.5}};
  const auto given = model->normalise(x, lengths, told);
  REQUIRE(given.sizes() == at::IntArrayRef({2, 6, dim + 3}));
  const auto s = tensor_of(*model, "condition.speaker"), p = tensor_of(*model, "condition.style");
  for (int64_t t = 0; t < 6; ++t) {
    CHECK(distance(given[0][t].slice(0, dim), s[1] + p[0]) <= 1e-6);
    if (t < 4) CHECK(distance(given[1][t].slice(0, dim), s[2] + (p[0] + p[1]) / 2) <= 1e-6);
  }
  CHECK(given[1].slice(0, 4).abs().max().item<double>() == 0);
  // What tell() said holds where a call says nothing.
  model->tell({2, 2, 1});
  CHECK(at::equal(model->normalise(x, lengths),
                  model->normalise(x, lengths, {{2, 2, 1}, {2, 2, 1}})));
}

TEST_CASE("condition: a clip in a batch of others told otherwise is the clip alone", "[models]") {
  const at::NoGradGuard no_grad;
  BilstmKind bilstm;
  LstmKind lstm;
  TcnKind tcn;
  const std::vector<std::pair<HeadKind*, std::vector<std::string>>> heads = {
      {&bilstm, kTinyBilstm},
      {&lstm, {"model.lstm.projection=[8]", "model.lstm.hidden=6", "model.lstm.output=[8]"}},
      {&tcn, {"model.tcn.width=8", "model.tcn.blocks=2"}}};
  const std::vector<int64_t> lengths = {9, 4, 1, 6};
  const std::vector<Told> told = {{1, 2, 0.5}, {2, 0, 1}, {0, 1, 1}, {0, 0, 1}};
  for (const auto& [kind, overrides] : heads) {
    torch::manual_seed(7);
    const auto model = told_model(*kind, overrides, kTwoEach);
    auto x = at::randn({4, 9, features::dim(model->card().features)});
    const auto together = model->forward(x, at::tensor(lengths, at::kLong), told);
    for (size_t i = 0; i < 4; ++i) {
      const auto row = static_cast<int64_t>(i);
      const auto own = x[row].slice(0, 0, lengths[i]).unsqueeze(0);
      const auto alone = model->forward(own, at::tensor({lengths[i]}, at::kLong), {told[i]})[0];
      INFO(kind->name() << ", clip " << i);
      CHECK(distance(together[row].slice(0, 0, lengths[i]), alone) <= 1e-6);
      const auto otherwise =
          model->forward(own, at::tensor({lengths[i]}, at::kLong), {{1, 1, 1}})[0];
      CHECK(distance(otherwise, alone) > 2e-5);
    }
  }
}

TEST_CASE("condition: sound in pieces gives the curves of the whole, told the same", "[models]") {
  torch::manual_seed(8);
  LstmKind lstm;
  TcnKind tcn;
  const std::vector<std::shared_ptr<Model>> all = {
      told_model(lstm,
                 {"model.lstm.projection=[16]", "model.lstm.hidden=12", "model.lstm.output=[8]",
                  "model.lstm.lookahead=3"},
                 kTwoEach),
      told_model(tcn, {"model.tcn.width=8", "model.tcn.blocks=3"}, kTwoEach)};
  const auto heard = test_heard::swelling_noise(16000 * 2 + 77);
  for (const auto& model : all) {
    std::vector<Matrix> wholes;
    for (const Told& told : {Told{}, Told{1, 2, 0.5}, Told{2, 1, 1}}) {
      model->tell(told);
      wholes.push_back(test_heard::at_once(*model, heard));
      for (const size_t piece : {160, 1000, 16000}) {
        INFO(model->card().head << " in pieces of " << piece);
        test_heard::check_equal(test_heard::live_in_pieces(*model, heard, piece), wholes.back(),
                                1e-5);
      }
    }
    CHECK(wholes[0].data != wholes[1].data);
    CHECK(wholes[1].data != wholes[2].data);
    // A stream keeps to what was told when it began.
    model->tell({1, 2, 0.5});
    Live live(*model, "run");
    model->tell({2, 1, 1});
    auto got = live.push(heard);
    const auto rest = live.finish();
    append_rows(got, rest);
    test_heard::check_equal(got, wholes[1], 1e-5);
  }
}
