// Directories of speech encoders from outside: made, looked at, and refused where they are bad.
#include "../torch_writer.h"
#include "io/safetensors.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const std::string kConfig = R"({
  "model_type": "wav2vec2", "conv_dim": [8, 8, 12], "conv_kernel": [10, 3, 2],
  "conv_stride": [5, 2, 2], "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
  "intermediate_size": 24, "num_conv_pos_embeddings": 6, "num_conv_pos_embedding_groups": 4
})";

/// The program under a limit of 3 GiB of address space, half of which its libraries take: a size
/// in a file that was believed would end it otherwise than with a sentence.
Ran limited(const std::vector<std::string>& arguments) {
  std::string line = "ulimit -v 3145728; exec " + quoted(program());
  for (const auto& a : arguments) line += " " + quoted(fs::path(a));
  return shell(line);
}

void refused(const fs::path& path, const std::string& said) {
  const auto ran = limited({"inspect", path.string()});
  INFO(path << ": " << ran.out << ran.err);
  CHECK(ran.code == 3);
  CHECK(ran.out.empty());
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, said));
}

/// An encoder that a test may spoil.
struct Fresh {
  TempDir dir;
  fs::path path = dir / "e";
  Fresh() {
    write(dir / "config.json", kConfig);
    const auto ran = call({"encoder", "init", "--config", (dir / "config.json").string(), "--seed",
                           "3", path.string()});
    INFO(ran.err);
    REQUIRE(ran.code == 0);
  }
  /// With its weights as a pytorch_model.bin instead.
  void use_bin(const std::string& content) const {
    fs::remove(path / "model.safetensors");
    write(path / "pytorch_model.bin", content);
  }
  void use_safetensors(const std::string& content) const {
    write(path / "model.safetensors", content);
  }
};

std::string with_header(const std::string& header, const std::string& data) {
  return little(header.size(), 8) + header + data;
}

}  // namespace

TEST_CASE("cli: encoder init makes the same encoder of the same seed, and inspect tells it",
          "[cli]") {
  NEEDS_PROGRAM();
  const Fresh one, two;
  const auto weights = content(one.path / "model.safetensors");
  CHECK(weights == content(two.path / "model.safetensors"));
  const std::vector<std::string> again = {"encoder", "init", "--config",
                                          (one.dir / "config.json").string(), one.path.string()};
  const auto exists = call(again);
  CHECK(exists.code == 2);
  CHECK(has(exists.err, "exists already"));
  auto forced = again;
  forced.insert(forced.end(), {"--force", "--seed", "4"});
  CHECK(call(forced).code == 0);
  CHECK(weights != content(one.path / "model.safetensors"));

  const auto told = call({"inspect", two.path.string(), "--json", "-", "--verify"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto json = told.json();
  CHECK(json.at("kind") == "encoder");
  CHECK(json.at("family") == "wav2vec2");
  CHECK(json.at("layers") == 2);
  CHECK(json.at("hidden") == 16);
  CHECK(json.at("hop_s") == 0.00125);
  CHECK(json.at("receptive_samples") == 30);
  CHECK(json.at("dtypes") == Json{"F32"});
  CHECK(json.at("hash").get<std::string>().size() == 16);
  // Every value that is used, counted in the file: weight norm there has a length a tap more.
  const auto file = io::read_safetensors(two.path / "model.safetensors");
  int64_t values = -6;
  for (const auto& t : file.tensors) values += static_cast<int64_t>(t.bytes.size()) / 4;
  CHECK(json.at("parameters") == values);
  CHECK(has(call({"inspect", two.path.string()}).out, "family: wav2vec2\n"));
}

TEST_CASE("cli: encoder's own verbs and options are checked as others are", "[cli]") {
  NEEDS_PROGRAM();
  const auto says = [](const std::vector<std::string>& arguments, const std::string& said) {
    const auto ran = call(arguments);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, said));
  };
  says({"encoder"}, "see kuchi encoder --help");
  says({"encoder", "inti"}, "unknown command \"inti\"; did you mean \"init\"?");
  says({"encoder", "init", "d"}, "--config");
  says({"encoder", "init", "d", "--cnofig", "x"}, "did you mean \"--config\"?");
  says({"encoder", "init", "d", "--config", "x", "train.lr=1"}, "takes no section.key=value");
  const auto missing = call({"encoder", "init", "d", "--config", "/no/such.json"});
  CHECK(missing.code == 3);
  CHECK(missing.err == "/no/such.json: no such file\n");
  CHECK(has(call({"encoder", "init", "--help"}).out, "Example:"));
}

TEST_CASE("cli: a pytorch_model.bin that would run code is refused and nothing runs", "[cli]") {
  NEEDS_PROGRAM();
  const Fresh e;
  for (const auto* name : {"os_system.bin", "os_system4.bin"}) {
    e.use_bin(content(source(std::string("tests/golden/torch/") + name)));
    refused(e.path, "asks for \"posix.system\"");
  }
  const auto marker = (e.dir / "was_run").string();
  e.use_bin(torch_zip(
      pickled_dict({{"w", "cos\nsystem\n(" + pickled_text("touch " + marker) + "tR"}}), ""));
  refused(e.path, "asks for \"os.system\"");
  refused(e.path / "pytorch_model.bin", "asks for \"os.system\"");
  CHECK_FALSE(fs::exists(marker));
  CHECK_FALSE(fs::exists("kuchi_was_run"));
  e.use_bin(content(source("tests/golden/torch/legacy.bin")));
  refused(e.path, "before 1.6");
}

TEST_CASE("cli: broken and absurd encoders are refused in a sentence, without a big allocation",
          "[cli]") {
  NEEDS_PROGRAM();
  const Fresh e;
  const auto whole = content(e.path / "model.safetensors");
  e.use_safetensors(whole.substr(0, whole.size() / 2));
  refused(e.path, "no whole safetensors file");
  e.use_safetensors(little(uint64_t{1} << 40, 8) + whole.substr(8));
  refused(e.path, "longer than the file");
  const auto two = [](const std::string& a, const std::string& b, const std::string& type = "F32") {
    return R"({"a":{"dtype":")" + type + R"(","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"F32","shape":[4],"data_offsets":)" + b + "}}";
  };
  const std::string data(32, '\0');
  e.use_safetensors(with_header(two("[0,16]", "[8,24]"), data));
  refused(e.path, "overlaps");
  e.use_safetensors(with_header(two("[0,16]", "[1099511627776,1099511627792]"), data));
  refused(e.path, "outside the file");
  e.use_safetensors(with_header(two("[0,16]", "[16,32]", "F31"), data));
  refused(e.path, "unknown type F31");
  auto integers = whole;
  const auto at = integers.find("\"F32\"", integers.find("encoder.layer_norm.bias"));
  e.use_safetensors(integers.replace(at, 5, "\"I32\""));
  refused(e.path, "\"encoder.layer_norm.bias\" has type I32");

  e.use_safetensors(whole);
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"hidden_size", "1099511627776"},
                                                        {"num_hidden_layers", "-1"},
                                                        {"num_hidden_layers", "1000000000"},
                                                        {"conv_dim", "[1e30]"},
                                                        {"conv_stride", "[5, 2, 0]"},
                                                        {"num_attention_heads", "0"}}) {
    auto config = nlohmann::json::parse(kConfig);
    config[key] = nlohmann::json::parse(value);
    write(e.path / "config.json", config.dump(2));
    refused(e.path, "\"" + key + "\"");
  }
  // Sizes that are allowed, but are not the file's: 7e9 weights.
  write(e.path / "config.json",
        R"({"model_type":"wav2vec2","hidden_size":8192,"num_attention_heads":64,)"
        R"("num_hidden_layers":8,"intermediate_size":32768})");
  refused(e.path, "config.json makes it");
}
