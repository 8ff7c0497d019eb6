# The program, what it says about its build, and the CUDA plug-in where CUDA is.

# kuchi/build_info.h, for the cli room only: looked at in every build, written only on change, so
# that a commit rebuilds no more than the files that print it.
set(_info_dir ${CMAKE_BINARY_DIR}/generated)
add_custom_target(kuchi_build_info
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUT=${_info_dir}/kuchi/build_info.h
          -DVERSION=${PROJECT_VERSION} -DTORCH=${KUCHI_TORCH_VERSION} -DTYPE=${CMAKE_BUILD_TYPE}
          "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
          -P ${PROJECT_SOURCE_DIR}/cmake/KuchiBuildInfo.cmake
  BYPRODUCTS ${_info_dir}/kuchi/build_info.h
  COMMENT "" VERBATIM)
if(TARGET kuchi_cli)
  add_dependencies(kuchi_cli kuchi_build_info)
  target_include_directories(kuchi_cli PRIVATE ${_info_dir})
endif()

# main() lies apart from the cli room, so that the room's tests can link it.
file(GLOB _main CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/main/*.cpp)
if(_main AND TARGET kuchi_cli)
  add_executable(kuchi ${_main})
  add_dependencies(kuchi kuchi_build_info)
  target_include_directories(kuchi PRIVATE ${_info_dir})
  target_link_libraries(kuchi PRIVATE kuchi_flags kuchi_cli)
  kuchi_use_torch(kuchi)
  # Heads of plug-ins (--plugin) use the program's own code: all of the rooms that they may stand on is
  # linked, needed by the program or not, and its symbols are shown to what it loads.
  list(TRANSFORM KUCHI_PLUGIN_ROOMS REPLACE "(.+)" "$<TARGET_FILE:kuchi_\\1>" OUTPUT_VARIABLE _whole)
  list(JOIN _whole "," _whole)
  target_link_options(kuchi PRIVATE "LINKER:--whole-archive,${_whole},--no-whole-archive"
    "LINKER:--dynamic-list=${PROJECT_SOURCE_DIR}/cmake/plugin_symbols.txt")
  set_property(TARGET kuchi APPEND PROPERTY LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/plugin_symbols.txt)
endif()

# The plug-in: built where the CUDA Toolkit of LibTorch's major version and LibTorch's CUDA part are.
# It links without a GPU and without the libraries only a GPU's machine has.
function(kuchi_cuda_plugin)
  if(NOT KUCHI_WITH_CUDA)
    message(STATUS "CUDA plug-in: not built (KUCHI_WITH_CUDA is off)")
    return()
  endif()
  set(torch_cuda ${KUCHI_TORCH_LIB}/libtorch_cuda.so)
  if(NOT EXISTS ${torch_cuda} OR NOT CMAKE_READELF)
    message(STATUS "CUDA plug-in: not built (this LibTorch has no CUDA part)")
    return()
  endif()
  execute_process(COMMAND ${CMAKE_READELF} -d ${torch_cuda} OUTPUT_VARIABLE needed)
  string(REGEX MATCH "libcudart\\.so\\.([0-9]+)" _ "${needed}")
  set(major ${CMAKE_MATCH_1})
  find_package(CUDAToolkit QUIET)
  if(NOT CUDAToolkit_FOUND OR NOT CUDAToolkit_VERSION_MAJOR STREQUAL major)
    message(STATUS "CUDA plug-in: not built (no CUDA Toolkit ${major}; GPUs work without it)")
    return()
  endif()
  message(STATUS "CUDA plug-in: built with CUDA Toolkit ${CUDAToolkit_VERSION}")
  add_library(kuchi_cuda SHARED ${PROJECT_SOURCE_DIR}/src/cuda/plugin.cpp)
  target_include_directories(kuchi_cuda PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_include_directories(kuchi_cuda SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
  target_link_libraries(kuchi_cuda PRIVATE kuchi_flags torch_cpu ${torch_cuda}
    ${KUCHI_TORCH_LIB}/libc10_cuda.so CUDA::cudart)
  # NCCL's header alone: LibTorch's CUDA part holds the code of its process group.
  find_path(KUCHI_NCCL_INCLUDE nccl.h HINTS ${CUDAToolkit_INCLUDE_DIRS} NO_CACHE
            PATHS ${KUCHI_TORCH_LIB}/../../nvidia/nccl/include)
  if(KUCHI_NCCL_INCLUDE)
    target_compile_definitions(kuchi_cuda PRIVATE USE_C10D_NCCL)
    target_include_directories(kuchi_cuda SYSTEM PRIVATE ${KUCHI_NCCL_INCLUDE})
  else()
    message(STATUS "CUDA plug-in: without NCCL (no nccl.h); several GPUs sum through the CPU")
  endif()
  set_target_properties(kuchi_cuda PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib
    BUILD_RPATH "${KUCHI_TORCH_LIB};${KUCHI_TORCH_LIB}/../../nvidia/cu${major}/lib"
    INSTALL_RPATH "${KUCHI_TORCH_LIB};${KUCHI_TORCH_LIB}/../../nvidia/cu${major}/lib")
  if(TARGET kuchi)
    add_dependencies(kuchi kuchi_cuda)
  endif()
endfunction()
kuchi_cuda_plugin()
