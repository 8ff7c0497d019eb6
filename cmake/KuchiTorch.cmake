# LibTorch for our own targets.
#   kuchi_use_torch(target)   links LibTorch, reuses the one precompiled header, sets the RPATH
set(KUCHI_SETUP_NOTE ${PROJECT_SOURCE_DIR}/build/setup.env)
if(EXISTS ${KUCHI_SETUP_NOTE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${KUCHI_SETUP_NOTE})
endif()
include(KuchiFindTorch)
if(KUCHI_TORCH_PROBLEM)
  message(FATAL_ERROR "${KUCHI_TORCH_PROBLEM}, or build the light rooms only with "
    "-DKUCHI_WITH_TORCH=OFF")
endif()
message(STATUS "LibTorch ${KUCHI_TORCH_VERSION} in ${KUCHI_TORCH_DIR} (from ${KUCHI_TORCH_BY})")

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

# Each file that includes LibTorch costs some 5 s even if it is empty: inline functions
# of LibTorch's headers use templates that GCC instantiates once a file, which no precompiled header saves.
# So several files are compiled as one. What that asks: no two files of a room have the same name in their
# unnamed namespaces, and a file leaves no macro or pragma behind (SKIP_UNITY_BUILD_INCLUSION for those).
option(KUCHI_UNITY "Compile several files of a room at a time: saves some 5 s a file from nothing, slower after a change" ON)

function(kuchi_use_torch target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${KUCHI_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  if(KUCHI_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It takes the files that are compiled together for headers.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  target_link_libraries(${target} PUBLIC torch_cpu)
  target_precompile_headers(${target} REUSE_FROM kuchi_torch_pch)
  # No ccache: it would read the whole precompiled header for each file.
  set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "")
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)  # not -fPIE
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
  set_target_properties(${target} PROPERTIES
    BUILD_RPATH "${KUCHI_TORCH_LIB};$ORIGIN/../lib" INSTALL_RPATH "${KUCHI_TORCH_LIB};$ORIGIN/../lib")
endfunction()
