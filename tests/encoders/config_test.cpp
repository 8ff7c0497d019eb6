#include "encoders/config.h"

#include <nlohmann/json.hpp>

#include "../caught.h"
#include "catch.h"
#include "encoders/shapes.h"
#include "tiny.h"

using namespace kuchi;
using namespace kuchi::encoders;
using namespace kuchi::test;

namespace {

using Json = nlohmann::json;

/// What read_config says of a config.json, and, where given, a preprocessor_config.json.
std::string mistake(const std::string& config, const std::string& preprocessor = "") {
  const TempDir dir;
  write(dir / "config.json", config);
  if (!preprocessor.empty()) write(dir / "preprocessor_config.json", preprocessor);
  try {
    read_config(dir.path);
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::data);
    CHECK(std::string(e.what()).find(dir.path.string()) == 0);
    return std::string(e.what()).substr(dir.path.string().size() + 1);
  }
  return "";
}

/// A wav2vec 2.0 configuration with one key set.
std::string mistake_of(const std::string& key, const Json& value,
                       const std::string& type = "wav2vec2") {
  return mistake(Json{{"model_type", type}, {key, value}}.dump());
}

}  // namespace

TEST_CASE("encoder config: what a file leaves out is as transformers has it", "[encoders]") {
  const TempDir dir;
  write(dir / "config.json", R"({"model_type": "wav2vec2"})");
  const auto base = read_config(dir.path);
  CHECK(base.conv_kernel == std::vector<int64_t>{10, 3, 3, 3, 3, 2, 2});
  CHECK(base.hop_samples() == 320);
  CHECK(base.receptive_samples() == 400);
  CHECK(base.frames(16000) == 49);
  CHECK(base.frames(399) == 0);
  CHECK(base.frames(400) == 1);
  CHECK(base.frames(719) == 1);
  CHECK(base.frames(720) == 2);
  CHECK(base.first_frame_s() == 0.0125);
  CHECK(base.hop_s() == 0.02);
  CHECK(base.normalise);
  // transformers' num_parameters() of wav2vec 2.0 base, less the weight norm's 128 lengths.
  CHECK(value_count(base) == 94371712 - 128);
  write(dir / "config.json", R"({"model_type": "data2vec-audio"})");
  const auto data2vec = read_config(dir.path);
  CHECK(data2vec.position_kernel == 19);
  CHECK(data2vec.position_layers == 5);
  CHECK(data2vec.conv_norm == ConvNorm::layer);
}

TEST_CASE("encoder config: every kind is written and read back the same", "[encoders]") {
  for (const auto& [name, config] : tiny_encoders()) {
    INFO(name);
    const TempDir dir;
    write(dir / "config.json", config_json(config).dump(2));
    write(dir / "preprocessor_config.json", preprocessor_json(config).dump(2));
    const auto back = read_config(dir.path);
    CHECK(config_json(back) == config_json(config));
    CHECK(back.normalise == config.normalise);
    CHECK(tensor_shapes(back) == tensor_shapes(config));
  }
}

TEST_CASE("encoder config: the feature extractor stands in either of transformers' files",
          "[encoders]") {
  const TempDir dir;
  write(dir / "config.json", R"({"model_type": "hubert"})");
  write(dir / "preprocessor_config.json", R"({"do_normalize": false})");
  CHECK_FALSE(read_config(dir.path).normalise);
  write(dir / "processor_config.json", R"({"feature_extractor": {"do_normalize": true}})");
  CHECK(read_config(dir.path).normalise);
  write(dir / "processor_config.json", R"({"processor_class": "Wav2Vec2Processor"})");
  CHECK_FALSE(read_config(dir.path).normalise);
}

TEST_CASE("encoder config: a mistake is told with file, line and key", "[encoders]") {
  CHECK(mistake("{\n  \"model_type\": \"wav2vec2\",\n  \"hidden_size\": -1\n}") ==
        "config.json:3:3: \"hidden_size\" is -1; it must be from 1 to 32768");
  CHECK(mistake("{\n  \"model_type\" \"wav2vec2\"\n}") ==
        "config.json:2:25: is no valid JSON here; mend it or fetch the file again");
  CHECK(has(mistake("[]"), "no JSON object"));
  CHECK(has(mistake(""), "no valid JSON"));
  CHECK(has(mistake(std::string(100000, '[')), "no valid JSON"));
  CHECK(has(mistake("{}"), "no \"model_type\""));
  CHECK(has(mistake(R"({"model_type": "bert"})"), "is \"bert\"; known are wav2vec2"));
  CHECK(has(mistake(R"({"model_type": 5})"), "must be a text, is 5"));
  CHECK(has(mistake_of("hidden_act", "quick_gelu"), "quick_gelu"));
  CHECK(has(mistake_of("feat_extract_norm", "batch"), "known are group and layer"));
  CHECK(has(mistake_of("conv_bias", "yes"), "must be true or false, is \"yes\""));
  CHECK(has(mistake_of("add_adapter", true), "not supported"));
  CHECK(has(mistake_of("adapter_attn_dim", 16), "not supported"));
  CHECK(mistake_of("adapter_attn_dim", nullptr).empty());
  CHECK(mistake_of("add_adapter", false).empty());
  const std::string good = R"({"model_type": "wavlm"})";
  CHECK(has(mistake(good, R"({"sampling_rate": 8000})"), "\"sampling_rate\" is 8000"));
  CHECK(has(mistake(good, R"({"do_normalize": 1})"), "must be true or false"));
  CHECK(has(mistake(good, "{"), "preprocessor_config.json:1:2: is no valid JSON"));
  const TempDir empty;
  CHECK_THROWS_AS(read_config(empty.path), UserError);
  CHECK_THROWS_AS(read_config(empty / "none"), UserError);
}

TEST_CASE("encoder config: absurd sizes are refused", "[encoders]") {
  for (const auto* key :
       {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "num_conv_pos_embeddings", "num_conv_pos_embedding_groups"}) {
    for (const Json& value :
         {Json(0), Json(-1), Json(int64_t{1} << 40), Json(~uint64_t{0}), Json(1e300), Json(12.5),
          Json("12"), Json(nullptr), Json(true), Json(std::numeric_limits<int64_t>::min())}) {
      INFO(key << " " << value.dump());
      CHECK(has(mistake_of(key, value), key));
    }
  }
  CHECK(has(mistake_of("num_hidden_layers", 1'000'000'000), "from 1 to"));
  CHECK(has(mistake_of("num_attention_heads", 7), "does not divide \"hidden_size\" 768"));
  CHECK(has(mistake_of("num_conv_pos_embedding_groups", 7), "does not divide"));
  for (const Json& eps : {Json(0), Json(-1e-5), Json(2), Json("x")}) {
    CHECK(has(mistake_of("layer_norm_eps", eps), "layer_norm_eps"));
  }
  const Json huge = int64_t{1} << 40;
  for (const Json& list : {Json::array(), Json({512, 512}), Json({0, 2, 2, 2, 2, 2, 2}),
                           Json({huge, 2, 2, 2, 2, 2, 2}), Json({-1, 2, 2, 2, 2, 2, 2}),
                           Json({1.5, 2, 2, 2, 2, 2, 2}), Json(5), Json("x")}) {
    for (const auto* key : {"conv_dim", "conv_kernel", "conv_stride"}) {
      INFO(key << " " << list.dump());
      CHECK(has(mistake_of(key, list), "\"conv_"));
    }
  }
  CHECK(has(mistake_of("conv_stride", {900, 900, 900, 900, 900, 900, 900}), "10 s"));
  CHECK(has(mistake_of("conv_kernel", {4096, 4096, 4096, 4096, 4096, 4096, 4096}), "10 s"));
  CHECK(
      has(mistake(R"({"model_type": "wav2vec2", "hidden_size": 24576, "num_hidden_layers": 512})"),
          "weights; more than"));
  CHECK(has(mistake_of("num_buckets", 3, "wavlm"), "num_buckets"));
  CHECK(has(mistake_of("max_bucket_distance", 80, "wavlm"), "max_bucket_distance"));
  CHECK(has(mistake_of("num_conv_pos_embeddings", 0, "data2vec-audio"), "num_conv_pos_embeddings"));
  CHECK(mistake_of("num_buckets", 3).empty());  // WavLM's alone
}
