#include "onnx/model_file.h"

#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/protobuf.h"
#include "onnx/fields.h"

namespace kuchi::onnx {
namespace {

using io::ProtoMessage;

/// The oldest IR version that may carry an opset: runtimes refuse newer ones than they know.
int64_t ir_version(int64_t opset) {
  if (opset >= 21) return 10;
  return opset >= 19 ? 9 : 8;
}

ProtoMessage attribute(const Attribute& a) {
  ProtoMessage out;
  out.text(field::attribute::name, a.name);
  if (const auto* whole = std::get_if<int64_t>(&a.value)) {
    out.integer(field::attribute::i, *whole);
    out.integer(field::attribute::type, field::attribute::kInt);
  } else if (const auto* real = std::get_if<float>(&a.value)) {
    out.float32(field::attribute::f, *real);
    out.integer(field::attribute::type, field::attribute::kFloat);
  } else if (const auto* text = std::get_if<std::string>(&a.value)) {
    out.text(field::attribute::s, *text);
    out.integer(field::attribute::type, field::attribute::kString);
  } else {
    // Not packed: the field is declared without [packed].
    for (const int64_t value : std::get<std::vector<int64_t>>(a.value)) {
      out.integer(field::attribute::ints, value);
    }
    out.integer(field::attribute::type, field::attribute::kInts);
  }
  return out;
}

ProtoMessage node(const Node& n) {
  ProtoMessage out;
  for (const auto& input : n.inputs) out.text(field::node::input, input);
  for (const auto& output : n.outputs) out.text(field::node::output, output);
  out.text(field::node::name, n.name);
  out.text(field::node::op_type, n.op);
  for (const auto& a : n.attributes) out.message(field::node::attribute, attribute(a));
  return out;
}

ProtoMessage tensor(const Constant& c) {
  ProtoMessage out;
  for (const int64_t size : c.shape) out.integer(field::tensor::dims, size);
  out.integer(field::tensor::data_type, static_cast<int64_t>(c.type));
  out.text(field::tensor::name, c.name);
  out.borrow(field::tensor::raw_data, c.bytes);
  return out;
}

ProtoMessage value_info(const Port& port) {
  ProtoMessage shape;
  for (const auto& dim : port.dims) {
    ProtoMessage d;
    if (const auto* size = std::get_if<int64_t>(&dim)) {
      d.integer(field::dimension::value, *size);
    } else {
      d.text(field::dimension::param, std::get<std::string>(dim));
    }
    shape.message(field::shape::dim, std::move(d));
  }
  ProtoMessage tensor_type, type, out;
  tensor_type.integer(field::tensor_type::elem_type, static_cast<int64_t>(port.type));
  tensor_type.message(field::tensor_type::shape, std::move(shape));
  type.message(field::type::tensor, std::move(tensor_type));
  out.text(field::value_info::name, port.name);
  out.message(field::value_info::type, std::move(type));
  if (!port.doc.empty()) out.text(field::value_info::doc, port.doc);
  return out;
}

ProtoMessage graph_message(const Graph& graph, const std::string& name) {
  ProtoMessage out;
  for (const auto& n : graph.nodes()) out.message(field::graph::node, node(n));
  out.text(field::graph::name, name);
  for (const auto& c : graph.constants()) out.message(field::graph::initializer, tensor(c));
  for (const auto& p : graph.inputs()) out.message(field::graph::input, value_info(p));
  for (const auto& p : graph.outputs()) out.message(field::graph::output, value_info(p));
  return out;
}

ProtoMessage model_message(const Graph& graph, const ModelInfo& info) {
  ProtoMessage out, opset;
  out.integer(field::model::ir_version, ir_version(info.opset));
  out.text(field::model::producer, info.producer);
  out.text(field::model::producer_version, info.producer_version);
  out.text(field::model::doc, info.doc);
  opset.text(field::opset::domain, "");
  opset.integer(field::opset::version, info.opset);
  out.message(field::model::opset_import, std::move(opset));
  for (const auto& [key, value] : info.metadata) {
    ProtoMessage entry;
    entry.text(field::entry::key, key);
    entry.text(field::entry::value, value);
    out.message(field::model::metadata, std::move(entry));
  }
  out.message(field::model::graph, graph_message(graph, info.name));
  return out;
}

// ------------------------------------------------------------------------------------- reading

/// A damaged message anywhere inside the file.
struct Broken {};

template <typename Take>
void each_field(std::string_view bytes, const Take& take) {
  io::ProtoReader reader(bytes);
  while (const auto f = reader.next()) take(*f);
  if (reader.broken()) throw Broken{};
}

std::vector<Dim> read_dims(std::string_view bytes) {
  std::vector<Dim> dims;
  each_field(bytes, [&](const auto& f) {
    if (f.number != field::shape::dim) return;
    Dim dim = std::string("?");
    each_field(f.bytes, [&](const auto& d) {
      if (d.number == field::dimension::value) dim = static_cast<int64_t>(d.value);
      if (d.number == field::dimension::param) dim = std::string(d.bytes);
    });
    dims.push_back(dim);
  });
  return dims;
}

Port read_port(std::string_view bytes) {
  Port port;
  port.type = static_cast<Type>(0);  // until the file says: sequences and maps have none
  each_field(bytes, [&](const auto& f) {
    if (f.number == field::value_info::name) port.name = f.bytes;
    if (f.number == field::value_info::doc) port.doc = f.bytes;
    if (f.number != field::value_info::type) return;
    each_field(f.bytes, [&](const auto& t) {
      if (t.number != field::type::tensor) return;
      each_field(t.bytes, [&](const auto& e) {
        if (e.number == field::tensor_type::elem_type) port.type = static_cast<Type>(e.value);
        if (e.number == field::tensor_type::shape) port.dims = read_dims(e.bytes);
      });
    });
  });
  return port;
}

int64_t count_values(std::string_view tensor_bytes) {
  // Sizes that overflow are a damaged file's; so is a negative one.
  uint64_t values = 1;
  const auto times = [&](uint64_t size) {
    if (size != 0 && values > std::numeric_limits<int64_t>::max() / size) throw Broken{};
    values *= size;
  };
  each_field(tensor_bytes, [&](const auto& f) {
    if (f.number != field::tensor::dims) return;
    if (!f.delimited) return times(f.value);
    io::ProtoReader packed(f.bytes);  // as other exporters may write them
    for (const uint64_t size : packed.rest_as_numbers()) times(size);
    if (packed.broken()) throw Broken{};
  });
  return static_cast<int64_t>(values);
}

void read_graph(std::string_view bytes, ModelSummary& summary) {
  each_field(bytes, [&](const auto& f) {
    switch (f.number) {
      case field::graph::node:
        each_field(f.bytes, [&](const auto& n) {
          if (n.number == field::node::op_type) ++summary.operators[std::string(n.bytes)];
        });
        break;
      case field::graph::name:
        summary.info.name = f.bytes;
        break;
      case field::graph::initializer:
        if (__builtin_add_overflow(summary.values, count_values(f.bytes), &summary.values)) {
          throw Broken{};
        }
        break;
      case field::graph::input:
        summary.inputs.push_back(read_port(f.bytes));
        break;
      case field::graph::output:
        summary.outputs.push_back(read_port(f.bytes));
        break;
      default:
        break;
    }
  });
}

std::pair<std::string, std::string> read_entry(std::string_view bytes) {
  std::pair<std::string, std::string> out;
  each_field(bytes, [&](const auto& f) {
    if (f.number == field::entry::key) out.first = f.bytes;
    if (f.number == field::entry::value) out.second = f.bytes;
  });
  return out;
}

void read_opset(std::string_view bytes, ModelSummary& summary) {
  std::string domain;
  int64_t version = 0;
  each_field(bytes, [&](const auto& f) {
    if (f.number == field::opset::domain) domain = f.bytes;
    if (f.number == field::opset::version) version = static_cast<int64_t>(f.value);
  });
  if (domain.empty() || domain == "ai.onnx") summary.info.opset = version;
}

}  // namespace

void write_model(const std::filesystem::path& file, const Graph& graph, const ModelInfo& info) {
  const auto message = model_message(graph, info);
  if (message.size() > std::numeric_limits<int32_t>::max()) {
    throw UserError(Exit::config, cat(file.string(), ": the model takes ", message.size() >> 20,
                                      " MiB and one ONNX file holds at most 2047; export a "
                                      "smaller model or fewer runs"));
  }
  io::write_atomically(file, [&](std::ostream& out) { message.write(out); });
}

ModelSummary read_summary(const std::filesystem::path& file) {
  const std::string bytes = io::read_text(file, size_t{1} << 31);
  ModelSummary summary;
  bool graph = false;
  try {
    each_field(bytes, [&](const auto& f) {
      switch (f.number) {
        case field::model::ir_version:
          summary.ir_version = static_cast<int64_t>(f.value);
          break;
        case field::model::producer:
          summary.info.producer = f.bytes;
          break;
        case field::model::producer_version:
          summary.info.producer_version = f.bytes;
          break;
        case field::model::doc:
          summary.info.doc = f.bytes;
          break;
        case field::model::graph:
          graph = true;
          read_graph(f.bytes, summary);
          break;
        case field::model::opset_import:
          read_opset(f.bytes, summary);
          break;
        case field::model::metadata:
          summary.info.metadata.push_back(read_entry(f.bytes));
          break;
        default:
          break;
      }
    });
  } catch (const Broken&) {
    graph = false;
  }
  if (!graph || summary.ir_version <= 0 || summary.ir_version > 1000) {
    fail_data(file, "is no ONNX model, or is damaged; export it again");
  }
  return summary;
}

}  // namespace kuchi::onnx
