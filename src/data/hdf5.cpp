#include "data/hdf5.h"

#include <algorithm>

namespace kuchi::data::h5 {
namespace {

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "text type");
  check(H5Tset_size(type, H5T_VARIABLE), "text type");
  check(H5Tset_cset(type, H5T_CSET_UTF8), "text type");
  return type;
}

Handle extent(const std::vector<hsize_t>& dims) {
  return {dims.empty() ? H5Screate(H5S_SCALAR)
                       : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
          H5Sclose, "extent"};
}

void put(hid_t at, const char* name, hid_t file_type, hid_t memory_type,
         const std::vector<hsize_t>& dims, const void* values) {
  const Handle space = extent(dims);
  const Handle attribute(H5Acreate2(at, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                         name);
  check(H5Awrite(attribute, memory_type, values), name);
}

std::vector<const char*> pointers(const std::vector<std::string>& values) {
  std::vector<const char*> out;
  for (const auto& value : values) out.push_back(value.c_str());
  return out;
}

Handle open_attribute(hid_t at, const char* name, H5T_class_t wanted) {
  Handle attribute(H5Aopen(at, name, H5P_DEFAULT), H5Aclose, name);
  const Handle type(H5Aget_type(attribute), H5Tclose, name);
  const Handle space(H5Aget_space(attribute), H5Sclose, name);
  const bool fits = H5Tget_class(type) == wanted && H5Sget_simple_extent_npoints(space) == 1 &&
                    (wanted != H5T_STRING || H5Tis_variable_str(type) > 0);
  if (!fits) throw Failure{name};
  return attribute;
}

void write_table(hid_t at, const char* name, hid_t file_type, hid_t memory_type, size_t count,
                 const void* values) {
  const Handle space = extent({count});
  const Handle dataset(
      H5Dcreate2(at, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
      name);
  if (count > 0) check(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), name);
}

// Opens a one-dimensional table and checks type and size before anyone allocates for it.
Handle open_table(hid_t at, const char* name, H5T_class_t wanted, uint64_t limit_bytes,
                  size_t& count) {
  Handle dataset(H5Dopen2(at, name, H5P_DEFAULT), H5Dclose, name);
  const Handle type(H5Dget_type(dataset), H5Tclose, name);
  const Handle space(H5Dget_space(dataset), H5Sclose, name);
  if (H5Tget_class(type) != wanted || H5Sget_simple_extent_ndims(space) != 1) throw Failure{name};
  if (wanted == H5T_STRING && H5Tis_variable_str(type) <= 0) throw Failure{name};
  const hssize_t points = H5Sget_simple_extent_npoints(space);
  if (points < 0 || static_cast<uint64_t>(points) > limit_bytes / 8) throw Failure{name};
  count = static_cast<size_t>(points);
  return dataset;
}

}  // namespace

void prepare_library() {
  // After a write that failed (a full disk) HDF5 1.10 keeps the file half closed and crashes in
  // its own exit handler. Handles close themselves here, so the handler has nothing to do.
  static const herr_t first = H5dont_atexit();
  static_cast<void>(first);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Handle::Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
  if (id < 0) throw Failure{what};
}

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    id_ = std::exchange(other.id_, -1);
    close_ = other.close_;
  }
  return *this;
}

void Handle::reset() noexcept {
  if (id_ >= 0) close_(id_);
  id_ = -1;
}

void Handle::close(const std::string& what) { check(close_(std::exchange(id_, -1)), what); }

void check(herr_t status, const std::string& what) {
  if (status < 0) throw Failure{what};
}

void put_text(hid_t at, const char* name, const std::string& value) {
  const Handle type = text_type();
  const char* pointer = value.c_str();
  put(at, name, type, type, {}, &pointer);
}

void put_texts(hid_t at, const char* name, const std::vector<std::string>& values) {
  const Handle type = text_type();
  put(at, name, type, type, {values.size()}, pointers(values).data());
}

void put_integer(hid_t at, const char* name, int64_t value) {
  put(at, name, H5T_STD_I64LE, H5T_NATIVE_INT64, {}, &value);
}

void put_number(hid_t at, const char* name, double value) {
  put(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {}, &value);
}

void put_table(hid_t at, const char* name, const std::vector<double>& values, hsize_t cols) {
  put(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {values.size() / cols, cols}, values.data());
}

bool has(hid_t at, const char* name) { return H5Aexists(at, name) > 0; }

std::string get_text(hid_t at, const char* name) {
  const Handle attribute = open_attribute(at, name, H5T_STRING);
  const Handle type = text_type();
  const Handle space(H5Aget_space(attribute), H5Sclose, name);
  char* pointer = nullptr;
  check(H5Aread(attribute, type, &pointer), name);
  std::string value = pointer != nullptr ? pointer : "";
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, &pointer);
  return value;
}

int64_t get_integer(hid_t at, const char* name) {
  int64_t value = 0;
  check(H5Aread(open_attribute(at, name, H5T_INTEGER), H5T_NATIVE_INT64, &value), name);
  return value;
}

double get_number(hid_t at, const char* name) {
  double value = 0;
  check(H5Aread(open_attribute(at, name, H5T_FLOAT), H5T_NATIVE_DOUBLE, &value), name);
  return value;
}

void write_integers(hid_t at, const char* name, const std::vector<int64_t>& values) {
  write_table(at, name, H5T_STD_I64LE, H5T_NATIVE_INT64, values.size(), values.data());
}

void write_numbers(hid_t at, const char* name, const std::vector<double>& values) {
  write_table(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.size(), values.data());
}

void write_texts(hid_t at, const char* name, const std::vector<std::string>& values) {
  const Handle type = text_type();
  write_table(at, name, type, type, values.size(), pointers(values).data());
}

std::vector<int64_t> read_integers(hid_t at, const char* name, uint64_t limit_bytes) {
  size_t count = 0;
  const Handle dataset = open_table(at, name, H5T_INTEGER, limit_bytes, count);
  std::vector<int64_t> out(count);
  if (count > 0) {
    check(H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()), name);
  }
  return out;
}

std::vector<double> read_numbers(hid_t at, const char* name, uint64_t limit_bytes) {
  size_t count = 0;
  const Handle dataset = open_table(at, name, H5T_FLOAT, limit_bytes, count);
  std::vector<double> out(count);
  if (count > 0) {
    check(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()), name);
  }
  return out;
}

std::vector<std::string> read_texts(hid_t at, const char* name, uint64_t limit_bytes) {
  size_t count = 0;
  const Handle dataset = open_table(at, name, H5T_STRING, limit_bytes, count);
  if (count == 0) return {};
  const Handle type = text_type();
  const Handle space(H5Dget_space(dataset), H5Sclose, name);
  std::vector<char*> texts(count, nullptr);
  const herr_t status = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data());
  std::vector<std::string> out;
  if (status >= 0) {
    for (const char* text : texts) out.emplace_back(text != nullptr ? text : "");
  }
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts.data());
  check(status, name);
  return out;
}

std::vector<std::string> links(hid_t group) {
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
    static_cast<std::vector<std::string>*>(to)->emplace_back(name);
    return 0;
  };
  check(H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &names), "links");
  std::sort(names.begin(), names.end());
  return names;
}

Handle make_floats(hid_t at, const char* name, hsize_t cols) {
  constexpr hsize_t kChunkBytes = 128 << 10;
  const int rank = cols == 0 ? 1 : 2;
  const hsize_t row_bytes = 4 * std::max<hsize_t>(cols, 1);
  const hsize_t dims[] = {0, cols}, most[] = {H5S_UNLIMITED, cols};
  const hsize_t chunk[] = {std::max<hsize_t>(kChunkBytes / row_bytes, 1), cols};
  const Handle space(H5Screate_simple(rank, dims, most), H5Sclose, name);
  const Handle layout(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, name);
  check(H5Pset_chunk(layout, rank, chunk), name);
  return {H5Dcreate2(at, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, layout, H5P_DEFAULT), H5Dclose,
          name};
}

void append_floats(hid_t dataset, hsize_t rows_before, hsize_t rows, hsize_t cols,
                   const float* values) {
  if (rows == 0) return;
  const int rank = cols == 0 ? 1 : 2;
  const hsize_t dims[] = {rows_before + rows, cols};
  const hsize_t start[] = {rows_before, 0}, count[] = {rows, cols};
  check(H5Dset_extent(dataset, dims), "growing a dataset");
  const Handle memory(H5Screate_simple(rank, count, nullptr), H5Sclose, "rows");
  const Handle space(H5Dget_space(dataset), H5Sclose, "rows");
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr), "rows");
  check(H5Dwrite(dataset, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, values), "writing rows");
}

Handle open_floats(hid_t at, const char* name, hsize_t cols, uint64_t limit_bytes, int64_t& rows) {
  Handle dataset(H5Dopen2(at, name, H5P_DEFAULT), H5Dclose, name);
  const Handle type(H5Dget_type(dataset), H5Tclose, name);
  const Handle space(H5Dget_space(dataset), H5Sclose, name);
  const int rank = cols == 0 ? 1 : 2;
  hsize_t dims[2] = {0, 0};
  if (H5Tget_class(type) != H5T_FLOAT || H5Sget_simple_extent_ndims(space) != rank) {
    throw Failure{name};
  }
  check(H5Sget_simple_extent_dims(space, dims, nullptr), name);
  const hsize_t row_bytes = 4 * std::max<hsize_t>(cols, 1);
  if ((cols != 0 && dims[1] != cols) || dims[0] > limit_bytes / row_bytes) throw Failure{name};
  rows = static_cast<int64_t>(dims[0]);
  return dataset;
}

void read_floats(hid_t dataset, hsize_t begin, hsize_t rows, hsize_t cols, float* values) {
  if (rows == 0) return;
  const int rank = cols == 0 ? 1 : 2;
  const hsize_t start[] = {begin, 0}, count[] = {rows, cols};
  const Handle memory(H5Screate_simple(rank, count, nullptr), H5Sclose, "rows");
  const Handle space(H5Dget_space(dataset), H5Sclose, "rows");
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr), "rows");
  check(H5Dread(dataset, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, values), "reading rows");
}

}  // namespace kuchi::data::h5
