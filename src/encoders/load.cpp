#include "encoders/load.h"

#include <ATen/ATen.h>

#include <set>

#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "encoders/shapes.h"
#include "encoders/weights.h"

namespace kuchi::encoders {
namespace {

namespace fs = std::filesystem;

/// In files its weight norm may be unfolded: see expect_weight_norm().
const std::string kPositionWeight = "encoder.pos_conv_embed.conv.weight";

using Entry = Weights::Entry;
using Shape = std::vector<int64_t>;
using edge::shape_text;

/// The name that a bare model gives; a model with a head puts its family's before it.
std::string without_prefix(const std::string& name) {
  for (const std::string prefix : {"wav2vec2.", "hubert.", "wavlm.", "data2vec_audio."}) {
    if (name.rfind(prefix, 0) == 0) return name.substr(prefix.size());
  }
  return name;
}

/// Whether a name (without prefix) is the encoder's own; all else is a head (that of x-vectors has
/// a "feature_extractor.weight").
bool of_encoder(const std::string& name) {
  if (name.find("num_batches_tracked") != std::string::npos) return false;  // counts, no weights
  for (const std::string part :
       {"feature_extractor.conv_layers.", "feature_projection.", "encoder."}) {
    if (name.rfind(part, 0) == 0) return true;
  }
  return name == "masked_spec_embed";
}

/// The entries of one directory that an encoder needs, by canonical name, and what is wrong.
class Plan {
 public:
  Plan(const EncoderConfig& config, const Weights& weights, const fs::path& directory)
      : weights_(weights), directory_(directory) {
    for (const auto& [name, entry] : weights.entries()) {
      const auto plain = without_prefix(name);
      if (of_encoder(plain) && !found_.emplace(plain, &entry).second) {
        mistakes_.push_back(cat("tensor \"", plain, "\" is there with and without a prefix"));
      }
    }
    for (const auto& [name, shape] : tensor_shapes(config)) expect(name, shape, config);
    for (const auto& [name, entry] : found_) {
      mistakes_.push_back(cat("tensor \"", entry->tensor.name, "\" ",
                              shape_text(entry->tensor.shape),
                              " fits nowhere in what config.json describes"));
    }
    if (!mistakes_.empty()) complain();
    check_size();
  }

  std::vector<std::string> dtypes() const {
    std::set<std::string> out;
    for (const auto& [name, entry] : plan_) out.insert(entry->tensor.dtype);
    return {out.begin(), out.end()};
  }

  const Entry* find(const std::string& name) const {
    const auto it = plan_.find(name);
    return it == plan_.end() ? nullptr : it->second;
  }

 private:
  void expect(const std::string& name, const Shape& shape, const EncoderConfig& config) {
    if (name == kPositionWeight && !config.position_batch_norm && expect_weight_norm(shape)) {
      return;
    }
    if (name == "masked_spec_embed" && found_.count(name) == 0) return;  // stays zero
    take(name, shape);
  }

  /// The positional convolution's weight as length and direction; false if it is stored plainly.
  bool expect_weight_norm(const Shape& shape) {
    const auto known = [&](const std::string& name) { return found_.count(name) > 0; };
    std::string length = "encoder.pos_conv_embed.conv.weight_g";
    std::string direction = "encoder.pos_conv_embed.conv.weight_v";
    if (!known(length) && !known(direction)) {
      if (known(kPositionWeight)) return false;
      length = "encoder.pos_conv_embed.conv.parametrizations.weight.original0";
      direction = "encoder.pos_conv_embed.conv.parametrizations.weight.original1";
    }
    take(length, {1, 1, shape[2]}, "length");
    take(direction, shape, "direction");
    return true;
  }

  void take(const std::string& name, const Shape& shape, const std::string& as = "") {
    const auto it = found_.find(name);
    if (it == found_.end()) {
      mistakes_.push_back(cat("tensor \"", name, "\" ", shape_text(shape), " is missing"));
      return;
    }
    const auto& stored = it->second->tensor;
    if (stored.shape != shape) {
      mistakes_.push_back(cat("tensor \"", stored.name, "\" is ", shape_text(stored.shape),
                              ", config.json makes it ", shape_text(shape)));
    } else {
      check_dtype(weights_.path(*it->second), stored);
    }
    plan_[as.empty() ? name : as] = it->second;
    found_.erase(it);
  }

  [[noreturn]] void complain() {
    if (mistakes_.size() > 4) {
      const auto more = mistakes_.size() - 4;
      mistakes_.resize(4);
      mistakes_.push_back(cat("and ", more, " more"));
    }
    const auto files = weight_files(directory_);
    fail_data(files.size() == 1 ? files.front() : directory_,
              join(mistakes_, "; ") + "; do weights and config.json belong together?");
  }

  /// Tensors may share their values in a pickle; a small file must not become a large model.
  void check_size() const {
    uint64_t bytes = 0;
    for (const auto& [name, entry] : plan_) bytes += entry->tensor.bytes;
    if (bytes > weights_.bytes()) {
      fail_data(directory_, "has weights that are larger than their files, which is not supported");
    }
  }

  const Weights& weights_;
  fs::path directory_;
  std::map<std::string, const Entry*> found_;  // not yet taken
  std::map<std::string, const Entry*> plan_;
  std::vector<std::string> mistakes_;
};

/// w = g · v / ‖v‖, a norm a tap (Salimans & Kingma, NeurIPS 2016; dim 2).
void read_weight_norm(const at::Tensor& target, const Weights& weights, const Entry& length,
                      const Entry& direction) {
  const at::NoGradGuard no_grad;
  auto g = at::empty({1, 1, target.size(2)}, at::kFloat);
  auto v = at::empty(target.sizes(), at::kFloat);
  weights.read_into(g, length);
  weights.read_into(v, direction);
  const auto folded = at::_weight_norm(v, g, 2);
  if (!at::isfinite(folded).all().item<bool>()) {
    fail_data(weights.path(direction), cat("tensor \"", direction.tensor.name,
                                           "\" has a tap of length 0; the weights are broken"));
  }
  target.detach().copy_(folded);
}

}  // namespace

std::shared_ptr<Encoder> load(const fs::path& directory) {
  const auto config = read_config(directory);
  const Weights weights(directory);
  const Plan plan(config, weights, directory);  // before anything of the model's size is made
  std::error_code ec;
  if (!fs::exists(directory / "preprocessor_config.json", ec) &&
      !fs::exists(directory / "processor_config.json", ec)) {
    note(
        cat(directory.string(),
            ": no preprocessor_config.json; audio is normalised, as transformers does by default"));
  }
  auto encoder = std::make_shared<Encoder>(config, Start::zero);
  for (const auto& [name, target] : encoder->tensors()) {
    check_interrupt();
    const auto* entry = plan.find(name);
    if (entry != nullptr) {
      weights.read_into(target, *entry);
    } else if (name == kPositionWeight) {
      read_weight_norm(target, weights, *plan.find("length"), *plan.find("direction"));
    } else if (name == "masked_spec_embed") {
      const at::NoGradGuard no_grad;
      target.detach().zero_();
    } else {
      throw std::logic_error("tensor of an encoder that no shape was known of: " + name);
    }
  }
  return encoder;
}

Summary summarise(const fs::path& directory) {
  Summary out;
  out.config = read_config(directory);
  out.parameters = value_count(out.config);
  out.files = weight_files(directory);
  const Weights weights(directory);
  out.dtypes = Plan(out.config, weights, directory).dtypes();
  return out;
}

bool is_encoder(const fs::path& path) {
  std::error_code ec;
  return fs::is_regular_file(path / "config.json", ec);
}

std::string hash(const fs::path& directory) {
  const auto config = read_config(directory);
  Hasher hasher;
  hasher.add(config_json(config).dump());
  hasher.add(preprocessor_json(config).dump());
  std::vector<std::byte> buffer(size_t{4} << 20);
  for (const auto& path : weight_files(directory)) {
    const io::InputFile file(path);
    for (uint64_t at = 0; at < file.size(); at += buffer.size()) {
      check_interrupt();
      const auto piece = std::span(buffer).first(
          static_cast<size_t>(std::min<uint64_t>(buffer.size(), file.size() - at)));
      file.read(at, piece);
      hasher.add(piece.data(), piece.size());
    }
  }
  return hasher.hex().substr(0, 16);
}

}  // namespace kuchi::encoders
