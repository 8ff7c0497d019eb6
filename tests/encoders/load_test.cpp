#include "encoders/load.h"

#include <ATen/ATen.h>
#include <sys/resource.h>

#include <functional>

#include "../caught.h"
#include "catch.h"
#include "encoders/shapes.h"
#include "tiny.h"
#include "torch_writer.h"

using namespace kuchi;
using namespace kuchi::encoders;
using namespace kuchi::test;

namespace {

using Tensors = std::map<std::string, at::Tensor>;

const std::string kConv = "encoder.pos_conv_embed.conv";
const std::string kLength = kConv + ".parametrizations.weight.original0";
const std::string kDirection = kConv + ".parametrizations.weight.original1";

Tensors map_of(const Encoder& encoder) {
  Tensors out;
  for (const auto& [name, tensor] : encoder.tensors()) out[name] = tensor.detach();
  return out;
}

bool same(const Tensors& a, const Tensors& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const auto& item) {
    return b.count(item.first) > 0 && at::equal(item.second, b.at(item.first));
  });
}

edge::NamedTensors listed(const Tensors& tensors) { return {tensors.begin(), tensors.end()}; }

/// A saved encoder whose file can be changed.
struct Saved {
  TempDir dir;
  std::shared_ptr<Encoder> encoder;
  explicit Saved(const EncoderConfig& config = tiny_encoder())
      : encoder(std::make_shared<Encoder>(config)) {
    save(*encoder, dir / "e");
  }
  fs::path path() const { return dir / "e"; }
  fs::path file() const { return path() / "model.safetensors"; }
  Tensors stored() const { return edge::load_tensors(file()).tensors; }
  void change(const std::function<void(Tensors&)>& how) const {
    auto tensors = stored();
    how(tensors);
    edge::save_tensors(file(), listed(tensors));
  }
};

std::string mistake(const fs::path& dir) {
  try {
    load(dir);
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::data);
    const std::string text = e.what();
    CHECK(text.find(dir.string()) == 0);
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return "";
}

/// What is said of an encoder after a change of its tensors.
std::string mistake_after(const std::function<void(Tensors&)>& how) {
  const Saved saved;
  saved.change(how);
  return mistake(saved.path());
}

void rename(Tensors& tensors, const std::string& from, const std::string& to) {
  auto node = tensors.extract(from);
  REQUIRE_FALSE(node.empty());
  node.key() = to;
  tensors.insert(std::move(node));
}

int64_t peak_mib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/// The tensors as a pytorch_model.bin, all in one storage, every second matrix transposed.
std::string as_torch_zip(const Tensors& tensors) {
  std::string data;
  std::vector<std::pair<std::string, std::string>> items;
  int64_t total = 0;
  for (const auto& [name, tensor] : tensors) total += tensor.numel();
  bool transpose = false;
  for (const auto& [name, tensor] : tensors) {
    transpose = !transpose && tensor.dim() == 2;
    const auto flat = (transpose ? tensor.t() : tensor).contiguous();
    PickledView view;
    view.values = total;
    view.offset = static_cast<int64_t>(data.size() / 4);
    view.shape = tensor.sizes().vec();
    view.strides = (transpose ? flat.t() : flat).strides().vec();
    items.emplace_back(name, pickled_tensor(view));
    data.append(static_cast<const char*>(flat.const_data_ptr()), flat.nbytes());
  }
  return torch_zip(pickled_dict(items), data);
}

}  // namespace

TEST_CASE("encoder load: shapes are known before an encoder is made", "[encoders]") {
  for (const auto& [name, config] : tiny_encoders()) {
    INFO(name);
    std::map<std::string, std::vector<int64_t>> made, known;
    for (const auto& [key, tensor] : Encoder(config).tensors()) made[key] = tensor.sizes().vec();
    for (const auto& [key, shape] : tensor_shapes(config)) known[key] = shape;
    CHECK(made == known);
  }
}

TEST_CASE("encoder load: what is saved is loaded bit for bit", "[encoders]") {
  for (const auto& [name, config] : tiny_encoders()) {
    INFO(name);
    const Saved saved(config);
    const auto back = load(saved.path());
    CHECK(same(map_of(*back), map_of(*saved.encoder)));
    CHECK(config_json(back->config()) == config_json(config));
    CHECK(back->config().normalise == config.normalise);
  }
}

TEST_CASE("encoder load: draws no random numbers, so that what is drawn after it stays",
          "[encoders]") {
  const Saved saved;
  at::manual_seed(5);
  const auto expected = at::rand({4});
  at::manual_seed(5);
  load(saved.path());
  CHECK(at::equal(at::rand({4}), expected));
}

TEST_CASE("encoder load: weight norm of either naming is folded, or stands plainly", "[encoders]") {
  const Saved saved;
  saved.change([](Tensors& t) { t[kLength] = t[kLength] * 1.5 + 0.25; });
  const auto stored = saved.stored();
  const auto g = stored.at(kLength).to(at::kDouble), v = stored.at(kDirection).to(at::kDouble);
  const auto folded = g * v / v.square().sum(at::IntArrayRef{0, 1}, true).sqrt();
  const auto loaded = map_of(*load(saved.path()));
  CHECK(at::allclose(loaded.at(kConv + ".weight").to(at::kDouble), folded, 1e-6, 1e-8));
  saved.change([](Tensors& t) {
    rename(t, kLength, kConv + ".weight_g");
    rename(t, kDirection, kConv + ".weight_v");
  });
  CHECK(same(map_of(*load(saved.path())), loaded));
  saved.change([&](Tensors& t) {
    t.erase(kConv + ".weight_g");
    t.erase(kConv + ".weight_v");
    t[kConv + ".weight"] = loaded.at(kConv + ".weight");
  });
  CHECK(same(map_of(*load(saved.path())), loaded));
}

TEST_CASE("encoder load: prefixes fall and heads are passed over", "[encoders]") {
  for (const auto family : {Family::wav2vec2, Family::hubert, Family::wavlm, Family::data2vec}) {
    const Saved saved(tiny_encoder(family));
    const std::string prefix =
        family == Family::data2vec ? "data2vec_audio." : to_text(family) + ".";
    saved.change([&](Tensors& t) {
      for (const auto& [name, tensor] : Tensors(t)) rename(t, name, prefix + name);
      for (const auto* head :
           {"lm_head.weight", "quantizer.codevectors", "project_q.bias", "project_hid.weight",
            "classifier.weight", "projector.bias", "layer_weights", "tdnn.0.kernel.weight",
            "feature_extractor.weight" /* x-vector's */, "adapter.proj.weight"}) {
        t[head] = at::full({3}, std::nan(""));
      }
      t["lm_head.count"] = at::ones({2}, at::kLong);
    });
    CHECK(same(map_of(*load(saved.path())), map_of(*saved.encoder)));
  }
}

TEST_CASE("encoder load: float16, bfloat16 and float64 become float32", "[encoders]") {
  for (const auto type : {at::kHalf, at::kBFloat16, at::kDouble}) {
    const Saved saved;
    saved.change([&](Tensors& t) {
      for (auto& [name, tensor] : t) tensor = tensor.to(type);
    });
    auto expected = map_of(*saved.encoder);
    const auto loaded = map_of(*load(saved.path()));
    for (auto& [name, tensor] : expected) {
      if (name == kConv + ".weight") continue;  // folded from rounded parts
      CHECK(loaded.at(name).scalar_type() == at::kFloat);
      CHECK(at::equal(loaded.at(name), tensor.to(type).to(at::kFloat)));
    }
    CHECK(at::allclose(loaded.at(kConv + ".weight"), expected.at(kConv + ".weight"), 0.02, 1e-3));
  }
}

TEST_CASE("encoder load: shards by their index", "[encoders]") {
  const Saved saved;
  Tensors first, second;
  nlohmann::json map;
  for (const auto& [name, tensor] : saved.stored()) {
    auto& shard = first.size() <= second.size() ? first : second;
    map[name] = &shard == &first ? "model-1.safetensors" : "model-2.safetensors";
    shard[name] = tensor;
  }
  edge::save_tensors(saved.path() / "model-1.safetensors", listed(first));
  edge::save_tensors(saved.path() / "model-2.safetensors", listed(second));
  fs::remove(saved.file());
  const auto index = saved.path() / "model.safetensors.index.json";
  const auto write_map = [&](const nlohmann::json& m) {
    io::write_atomically(index, nlohmann::json{{"metadata", {}}, {"weight_map", m}}.dump());
  };
  write_map(map);
  CHECK(same(map_of(*load(saved.path())), map_of(*saved.encoder)));

  for (const auto* name : {"../model-1.safetensors", "/etc/passwd", "a/b", "..", "", "a\\b"}) {
    auto bad = map;
    bad["masked_spec_embed"] = name;
    write_map(bad);
    CHECK(has(mistake(saved.path()), "must lie in the directory itself"));
  }
  write_map({{"x", 5}});
  CHECK(has(mistake(saved.path()), "no text"));
  write_map(nlohmann::json::array());
  CHECK(has(mistake(saved.path()), "no \"weight_map\" object"));
  write_map(nlohmann::json::object());
  CHECK(has(mistake(saved.path()), "lists no weight files"));
  write_map(map);
  second[first.begin()->first] = first.begin()->second;
  edge::save_tensors(saved.path() / "model-2.safetensors", listed(second));
  CHECK(has(mistake(saved.path()), "another file has too"));
  fs::remove(saved.path() / "model-2.safetensors");
  CHECK(has(mistake(saved.path()), "model-2.safetensors: this part of the weights is missing"));
}

TEST_CASE("encoder load: pytorch_model.bin gives what safetensors gives", "[encoders]") {
  const Saved saved;
  const auto bin = saved.path() / "pytorch_model.bin";
  io::write_atomically(bin, as_torch_zip(saved.stored()));
  fs::remove(saved.file());
  CHECK(same(map_of(*load(saved.path())), map_of(*saved.encoder)));
  io::write_atomically(bin, pickled_dict({{"w", "cos\nsystem\n(" + pickled_text("x") + "tR"}}));
  CHECK(has(mistake(saved.path()), "no whole zip"));
  io::write_atomically(
      bin, torch_zip(pickled_dict({{"w", "cos\nsystem\n(" + pickled_text("x") + "tR"}}), ""));
  CHECK(has(mistake(saved.path()), "\"os.system\""));
}

TEST_CASE("encoder load: a missing, misshapen or unknown tensor is named", "[encoders]") {
  const std::string q = "encoder.layers.1.attention.q_proj.weight";
  CHECK(has(mistake_after([&](Tensors& t) { t.erase(q); }),
            "model.safetensors: tensor \"" + q + "\" [16, 16] is missing; do weights"));
  CHECK(has(mistake_after([&](Tensors& t) {
              t[q] = at::zeros({16, 15});
            }),
            "tensor \"" + q + "\" is [16, 15], config.json makes it [16, 16]"));
  CHECK(has(mistake_after([&](Tensors& t) {
              rename(t, "encoder.layer_norm.bias", "encoder.layers.2.layer_norm.bias");
            }),
            "\"encoder.layers.2.layer_norm.bias\" [16] fits nowhere"));
  CHECK(has(mistake_after([&](Tensors& t) { t["wav2vec2." + q] = t[q]; }), "without a prefix"));
  CHECK(has(mistake_after([](Tensors& t) { t.erase(kLength); }), kLength + "\" [1, 1, 6] is miss"));
  CHECK(has(mistake_after([](Tensors& t) {
              t[kLength] = at::ones({16, 1, 1});
            }),
            kLength + "\" is [16, 1, 1]"));
  CHECK(has(mistake_after([](Tensors& t) { t.clear(); }), "and "));
  CHECK(has(mistake_after([](Tensors& t) {
              for (auto& [name, tensor] : t) tensor = at::zeros({1, 2, 3, 4});
            }),
            " more; do weights and config.json belong together?"));
}

TEST_CASE("encoder load: weights that are no finite floats are refused", "[encoders]") {
  const std::string name = "feature_projection.projection.bias";
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (const auto type : {at::kFloat, at::kHalf, at::kDouble}) {
      CHECK(has(mistake_after([&](Tensors& t) {
                  t[name] = t[name].to(type);
                  t[name][3] = bad;
                }),
                "\"" + name + "\" holds values that are no finite numbers"));
    }
  }
  CHECK(has(mistake_after([&](Tensors& t) { t[name] = at::full({16}, 1e300, at::kDouble); }),
            "no finite numbers"));
  CHECK(has(mistake_after([&](Tensors& t) { t[name] = at::ones({16}, at::kLong); }),
            "\"" + name + "\" has type I64; a weight must be F16, BF16, F32 or F64"));
  CHECK(has(mistake_after([&](Tensors& t) { t[kDirection].select(2, 1).zero_(); }),
            "has a tap of length 0"));
}

TEST_CASE("encoder load: without a mask embedding it is zero", "[encoders]") {
  const Saved saved;
  saved.change([](Tensors& t) { t.erase("masked_spec_embed"); });
  CHECK(at::equal(map_of(*load(saved.path())).at("masked_spec_embed"), at::zeros({16})));
}

TEST_CASE("encoder load: bad files are refused before anything large is made", "[encoders]") {
  const Saved saved;
  const auto before = peak_mib();
  const auto whole = io::read_text(saved.file());
  for (const size_t size :
       {size_t{0}, size_t{7}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    io::write_atomically(saved.file(), whole.substr(0, size));
    CHECK(has(mistake(saved.path()), "no whole safetensors file"));
  }
  io::write_atomically(saved.file(), little(uint64_t{1} << 40, 8) + whole.substr(8));
  CHECK(has(mistake(saved.path()), "longer than the file"));
  io::write_atomically(saved.file(), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
  CHECK(has(mistake(saved.path()), "git lfs pull"));
  fs::remove(saved.file());
  CHECK(has(mistake(saved.path()), "has no weights"));

  // A configuration of 7e9 weights, allowed by its sizes, over a small file.
  io::write_atomically(saved.file(), whole);
  io::write_atomically(saved.path() / "config.json",
                       R"({"model_type":"wav2vec2","hidden_size":8192,"num_attention_heads":64,)"
                       R"("num_hidden_layers":8,"intermediate_size":32768})");
  CHECK(has(mistake(saved.path()), "config.json makes it"));
  // Tensors that share their values: a model larger than its file.
  fs::remove(saved.file());
  std::vector<std::pair<std::string, std::string>> items;
  auto config = tiny_encoder();
  config.hidden = 256;
  io::write_atomically(saved.path() / "config.json", config_json(config).dump());
  for (const auto& [name, shape] : tensor_shapes(config)) {
    PickledView view;
    view.values = 256 * 64 * 6;
    view.shape = shape;
    int64_t stride = 1;
    for (size_t i = shape.size(); i-- > 0; stride *= shape[i]) {
      view.strides.insert(view.strides.begin(), stride);
    }
    items.emplace_back(name, pickled_tensor(view));
  }
  io::write_atomically(saved.path() / "pytorch_model.bin",
                       torch_zip(pickled_dict(items), std::string(256 * 64 * 6 * 4, '\0')));
  CHECK(has(mistake(saved.path()), "larger than their files"));
  CHECK(peak_mib() - before < 64);
}

TEST_CASE("encoder save: force replaces an encoder, and nothing else", "[encoders]") {
  const Saved saved;
  const auto refused = [&](const fs::path& dir, bool force) {
    try {
      save(*saved.encoder, dir, force);
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::config);
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(has(refused(saved.path(), false), "exists already"));
  CHECK(refused(saved.path(), true).empty());
  CHECK(same(map_of(*load(saved.path())), map_of(*saved.encoder)));
  io::write_atomically(saved.path() / "notes.txt", "mine");
  CHECK(has(refused(saved.path(), true), "holds \"notes.txt\""));
  CHECK(fs::exists(saved.path() / "notes.txt"));
  fs::create_directories(saved.dir / "other/empty");
  CHECK(has(refused(saved.dir / "other", true), "\"empty\""));
  CHECK(refused(saved.dir / "other/empty", false).empty());
}

TEST_CASE("encoder hash: follows weights and configuration", "[encoders]") {
  const Saved saved;
  const auto first = hash(saved.path());
  CHECK(first.size() == 16);
  CHECK(first == hash(saved.path()));
  fs::copy(saved.path(), saved.dir / "copy");
  CHECK(first == hash(saved.dir / "copy"));
  io::write_atomically(saved.dir / "copy/preprocessor_config.json", R"({"do_normalize": false})");
  CHECK(first != hash(saved.dir / "copy"));
  saved.change([](Tensors& t) { t["encoder.layer_norm.bias"][0] += 1e-6; });
  CHECK(first != hash(saved.path()));
  CHECK(is_encoder(saved.path()));
  CHECK_FALSE(is_encoder(saved.dir.path));
}
