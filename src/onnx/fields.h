// src/onnx/fields.h
#pragma once

/// Field numbers of onnx.proto (ONNX 1.17), message by message: only those that are used.
namespace kuchi::onnx::field {

namespace model {
inline constexpr int ir_version = 1, producer = 2, producer_version = 3, doc = 6, graph = 7,
                     opset_import = 8, metadata = 14;
}
namespace opset {
inline constexpr int domain = 1, version = 2;
}
namespace entry {
inline constexpr int key = 1, value = 2;
}
namespace graph {
inline constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node {
inline constexpr int input = 1, output = 2, name = 3, op_type = 4, attribute = 5;
}
namespace attribute {
inline constexpr int name = 1, f = 2, i = 3, s = 4, ints = 8, type = 20;
inline constexpr int kFloat = 1, kInt = 2, kString = 3, kInts = 7;  // of `type`
}  // namespace attribute
namespace tensor {
inline constexpr int dims = 1, data_type = 2, name = 8, raw_data = 9;
}
namespace value_info {
inline constexpr int name = 1, type = 2, doc = 3;
}
namespace type {
inline constexpr int tensor = 1;
}
namespace tensor_type {
inline constexpr int elem_type = 1, shape = 2;
}
namespace shape {
inline constexpr int dim = 1;
}
namespace dimension {
inline constexpr int value = 1, param = 2;
}

}  // namespace kuchi::onnx::field
