#include <ATen/ATen.h>

#include <set>

#include "core/error.h"
#include "core/text.h"
#include "encoders/load.h"
#include "io/atomic_file.h"
#include "io/draft.h"

namespace kuchi::encoders {
namespace {

namespace fs = std::filesystem;

/// What an encoder's folder may hold that force may remove: itself. Anything else, as a tokenizer
/// or a person's notes, is not ours to remove.
void refuse_others(const fs::path& directory) {
  static const std::set<std::string> kOwn = {"config.json",           "preprocessor_config.json",
                                             "processor_config.json", "model.safetensors",
                                             "pytorch_model.bin",     "pretraining.json"};
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(directory, ec)) {
    const auto name = entry.path().filename().string();
    if (kOwn.count(name) == 0) {
      fail_config(
          {directory.string()},
          cat("holds \"", printable(name),
              "\" beside an encoder, so --force does not replace the folder; choose another "
              "place"));
    }
  }
}

/// The positional convolution as transformers keeps it: w = g · v / ‖v‖, a length a tap. The norms
/// are those that the folding on reading computes, so that the weights come back bit for bit.
void add_weight_norm(edge::NamedTensors& out, const at::Tensor& weight) {
  const std::string name = "encoder.pos_conv_embed.conv.parametrizations.weight.original";
  const auto w = weight.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto unit = at::ones({1, 1, w.size(2)}, at::kFloat);
  const auto norms = std::get<1>(at::_weight_norm_interface(w, unit, 2)).view({1, 1, w.size(2)});
  const auto zero = norms == 0;  // a tap without a direction takes any, and no length
  out.emplace_back(name + "0", norms);
  out.emplace_back(name + "1", at::where(zero, at::ones_like(w), w));
}

edge::NamedTensors stored_tensors(const Encoder& encoder) {
  const auto& config = encoder.config();
  const bool weight_norm = config.family != Family::data2vec && !config.position_batch_norm;
  edge::NamedTensors out;
  for (const auto& [name, tensor] : encoder.tensors()) {
    if (weight_norm && name == "encoder.pos_conv_embed.conv.weight") {
      add_weight_norm(out, tensor);
    } else {
      out.emplace_back(name, tensor.detach().to(at::kCPU, at::kFloat));
    }
  }
  if (config.position_batch_norm) {  // a count that PyTorch keeps and nothing here reads
    out.emplace_back("encoder.pos_conv_embed.batch_norm.num_batches_tracked",
                     at::zeros({}, at::kLong));
  }
  return out;
}

}  // namespace

void check_place(const fs::path& directory, bool force) {
  std::error_code ec;
  if (force && fs::is_directory(directory, ec)) refuse_others(directory);
  const io::Draft draft(directory, {"config.json", "encoder"}, force);
}

void save(const Encoder& encoder, const fs::path& directory, bool force,
          const nlohmann::ordered_json& pretraining) {
  std::error_code ec;
  if (force && fs::is_directory(directory, ec)) refuse_others(directory);
  io::Draft draft(directory, {"config.json", "encoder"}, force);
  const auto json = [&](const char* name, const nlohmann::ordered_json& value) {
    io::write_atomically(draft.path() / name, value.dump(2) + "\n");
  };
  json("config.json", config_json(encoder.config()));
  json("preprocessor_config.json", preprocessor_json(encoder.config()));
  if (!pretraining.is_null()) json("pretraining.json", pretraining);
  edge::save_tensors(draft.path() / "model.safetensors", stored_tensors(encoder),
                     {{"format", "pt"}});
  draft.publish();
}

}  // namespace kuchi::encoders
