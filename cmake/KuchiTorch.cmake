# LibTorch as imported targets of our own. find_package(Torch) would change flags and CUDA
# variables and link CUDA; the program links libtorch_cpu and libc10 only and runs everywhere.
#   torch::cpu         what every LibTorch room links
#   torch::cuda        what the CUDA plug-in links (only where the wheel's CUDA libraries are)
#   kuchi_use_torch(target)   links torch::cpu, reuses the one precompiled header, sets the RPATH

# Where: -DKUCHI_LIBTORCH=DIR, else the environment, else what scripts/setup.sh noted.
set(KUCHI_LIBTORCH "" CACHE PATH "LibTorch: the folder that holds include/ and lib/")
set(_torch "${KUCHI_LIBTORCH}")
set(_torch_by "KUCHI_LIBTORCH")
if(NOT _torch AND DEFINED ENV{KUCHI_LIBTORCH})
  set(_torch "$ENV{KUCHI_LIBTORCH}")
  set(_torch_by "environment")
endif()
set(_setup_note ${PROJECT_SOURCE_DIR}/build/setup.env)
if(NOT _torch AND EXISTS ${_setup_note})
  file(STRINGS ${_setup_note} _line REGEX "^KUCHI_LIBTORCH=")
  string(REGEX REPLACE "^KUCHI_LIBTORCH='?([^']*)'?$" "\\1" _torch "${_line}")
  set(_torch_by "scripts/setup.sh")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_setup_note})
endif()
if(EXISTS "${_torch}/torch/lib/libtorch_cpu.so")  # the folder above was given
  set(_torch "${_torch}/torch")
endif()
if(NOT EXISTS "${_torch}/lib/libtorch_cpu.so" OR NOT EXISTS "${_torch}/include/ATen/ATen.h")
  message(FATAL_ERROR "LibTorch not found (looked in '${_torch}', from ${_torch_by}): "
    "run scripts/setup.sh, or give -DKUCHI_LIBTORCH=DIR, or build the light rooms only with "
    "-DKUCHI_WITH_TORCH=OFF")
endif()

# 2.8 and later say their version here; an older one is refused below as "unknown".
set(KUCHI_TORCH_VERSION unknown)
set(_version_h ${_torch}/include/torch/headeronly/version.h)
if(EXISTS ${_version_h})
  file(STRINGS ${_version_h} _numbers REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  list(TRANSFORM _numbers REPLACE "[^0-9]+" "")
  list(JOIN _numbers "." KUCHI_TORCH_VERSION)
endif()
if(NOT KUCHI_TORCH_VERSION MATCHES "^2\\.11\\.")
  message(FATAL_ERROR "LibTorch ${KUCHI_TORCH_VERSION} in ${_torch}: Kuchi is built and tested with "
    "2.11; run scripts/setup.sh, which fetches it, or name another folder in KUCHI_LIBTORCH")
endif()
set(KUCHI_TORCH_DIR ${_torch})
set(KUCHI_TORCH_LIB ${_torch}/lib)
message(STATUS "LibTorch ${KUCHI_TORCH_VERSION} in ${KUCHI_TORCH_DIR} (from ${_torch_by})")

add_library(torch_c10 SHARED IMPORTED GLOBAL)
set_target_properties(torch_c10 PROPERTIES IMPORTED_LOCATION ${KUCHI_TORCH_LIB}/libc10.so)
add_library(torch_cpu SHARED IMPORTED GLOBAL)
set_target_properties(torch_cpu PROPERTIES IMPORTED_LOCATION ${KUCHI_TORCH_LIB}/libtorch_cpu.so)
target_include_directories(torch_cpu SYSTEM INTERFACE
  ${_torch}/include ${_torch}/include/torch/csrc/api/include)
target_link_libraries(torch_cpu INTERFACE torch_c10)
# libtorch_cpu itself needs libcudart, libcupti, libgomp: found through its own RPATH at run time.
target_link_options(torch_cpu INTERFACE -Wl,--allow-shlib-undefined)
add_library(torch::cpu ALIAS torch_cpu)

# One precompiled header (0.5 GB) for every LibTorch room, test and the program. The compiler takes it
# only under the same flags: position-independent code everywhere; per-target definitions (tests have
# some) are let through as long as LibTorch's headers never ask for them. What is in it is what nearly
# every file includes: all of torch/torch.h would double the time of each file (9 s for 5 s).
set(_pch ${CMAKE_BINARY_DIR}/pch/kuchi_torch_pch.cpp)
if(NOT EXISTS ${_pch})
  file(WRITE ${_pch} "// Carries the precompiled header.\n")
endif()
add_library(kuchi_torch_pch STATIC ${_pch})
target_link_libraries(kuchi_torch_pch PRIVATE kuchi_flags torch_cpu)
target_precompile_headers(kuchi_torch_pch PRIVATE <torch/types.h> <torch/nn/module.h>)
set_target_properties(kuchi_torch_pch PROPERTIES CXX_COMPILER_LAUNCHER "")

function(kuchi_use_torch target)
  target_link_libraries(${target} PUBLIC torch_cpu)
  target_precompile_headers(${target} REUSE_FROM kuchi_torch_pch)
  # No ccache: it would read the whole precompiled header for each file.
  set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "")
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)  # not -fPIE
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
  set_target_properties(${target} PROPERTIES BUILD_RPATH "${KUCHI_TORCH_LIB};$ORIGIN/../lib")
endfunction()
