#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

/// The little of HDF5's C interface that a store needs, with handles that close themselves and
/// errors as exceptions.
namespace kuchi::data::h5 {

/// An HDF5 call failed. The store's reader and writer turn it into a UserError that names the file.
struct Failure {
  std::string what;
};

/// To be called before other HDF5 functions, in each thread: its error stack stays off stderr and
/// its exit handler is not installed.
void prepare_library();

/// Owns an identifier; throws Failure(what) if it is not valid.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close, const std::string& what);
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { reset(); }
  operator hid_t() const { return id_; }  // NOLINT: meant to be passed to H5 calls
  /// Closes now; Failure if that fails (a full disk shows here).
  void close(const std::string& what);

 private:
  void reset() noexcept;
  hid_t id_;
  Close close_;
};

void check(herr_t status, const std::string& what);

// Attributes.
void put_text(hid_t at, const char* name, const std::string& value);
void put_texts(hid_t at, const char* name, const std::vector<std::string>& values);
void put_integer(hid_t at, const char* name, int64_t value);
void put_number(hid_t at, const char* name, double value);
void put_table(hid_t at, const char* name, const std::vector<double>& values, hsize_t cols);
bool has(hid_t at, const char* name);
std::string get_text(hid_t at, const char* name);
int64_t get_integer(hid_t at, const char* name);
double get_number(hid_t at, const char* name);

// Whole one-dimensional datasets, small: tables with a row a clip.
void write_integers(hid_t at, const char* name, const std::vector<int64_t>& values);
void write_numbers(hid_t at, const char* name, const std::vector<double>& values);
void write_texts(hid_t at, const char* name, const std::vector<std::string>& values);
/// limit_bytes: what the file can hold at most; a header that claims more is a Failure.
std::vector<int64_t> read_integers(hid_t at, const char* name, uint64_t limit_bytes);
std::vector<double> read_numbers(hid_t at, const char* name, uint64_t limit_bytes);
std::vector<std::string> read_texts(hid_t at, const char* name, uint64_t limit_bytes);
/// Names of the links in a group, sorted.
std::vector<std::string> links(hid_t group);

/// A growing float32 dataset, [rows, cols], or [rows] where cols is 0.
Handle make_floats(hid_t at, const char* name, hsize_t cols);
void append_floats(hid_t dataset, hsize_t rows_before, hsize_t rows, hsize_t cols,
                   const float* values);
/// Opens one and checks that it is floats of that many columns; gives its rows.
Handle open_floats(hid_t at, const char* name, hsize_t cols, uint64_t limit_bytes, int64_t& rows);
void read_floats(hid_t dataset, hsize_t begin, hsize_t rows, hsize_t cols, float* values);

}  // namespace kuchi::data::h5
