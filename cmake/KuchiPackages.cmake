# Libraries from the system, each as one imported target, so that no room spells a path. Used by the
# build and, installed, by find_package(kuchi), which names the same targets.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
add_library(sndfile::sndfile ALIAS PkgConfig::SNDFILE)
pkg_check_modules(SAMPLERATE REQUIRED IMPORTED_TARGET samplerate)
add_library(samplerate::samplerate ALIAS PkgConfig::SAMPLERATE)
pkg_check_modules(YAMLCPP REQUIRED IMPORTED_TARGET yaml-cpp)
add_library(yaml-cpp::yaml ALIAS PkgConfig::YAMLCPP)
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo)
add_library(cairo::cairo ALIAS PkgConfig::CAIRO)
find_package(nlohmann_json 3.10 REQUIRED)
find_package(ZLIB REQUIRED)

set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 1.10 REQUIRED COMPONENTS C)
add_library(hdf5::c INTERFACE IMPORTED)
target_include_directories(hdf5::c SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(hdf5::c INTERFACE ${HDF5_C_LIBRARIES})

# Header-only
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)
add_library(xxhash::headers INTERFACE IMPORTED)
target_include_directories(xxhash::headers SYSTEM INTERFACE ${XXHASH_INCLUDE})
if(NOT KUCHI_INSTALLED)  # for the program only
  find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
  add_library(CLI11::headers INTERFACE IMPORTED)
  target_include_directories(CLI11::headers SYSTEM INTERFACE ${CLI11_INCLUDE})
endif()
