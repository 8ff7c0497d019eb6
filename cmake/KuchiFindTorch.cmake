# Finds LibTorch and wraps it in imported targets of our own. find_package(Torch) would change flags and
# CUDA variables and link CUDA; ours link libtorch_cpu and libc10 only, so that one program runs
# everywhere. Used by the build and, installed, by find_package(kuchi).
#   torch_cpu            what every LibTorch room links, and whoever links those
#   KUCHI_TORCH_DIR      the folder that holds include/ and lib/; KUCHI_TORCH_LIB, its lib/
#   KUCHI_TORCH_VERSION  2.11.N
#   KUCHI_TORCH_PROBLEM  empty, or what is wrong and what to do: then there are no targets
set(KUCHI_LIBTORCH "" CACHE PATH "LibTorch: the folder that holds include/ and lib/")

# kuchi_torch_places(OUT): "folder|where that came from" in the order in which they are tried. What was
# named is used or refused; the rest are looked at until one fits.
function(kuchi_torch_places out)
  if(KUCHI_LIBTORCH)
    set(${out} "${KUCHI_LIBTORCH}|KUCHI_LIBTORCH" PARENT_SCOPE)
    return()
  endif()
  if(DEFINED ENV{KUCHI_LIBTORCH})
    set(${out} "$ENV{KUCHI_LIBTORCH}|environment" PARENT_SCOPE)
    return()
  endif()
  set(places)
  set(note ${KUCHI_SETUP_NOTE})  # set by the build: what scripts/setup.sh found
  if(note AND EXISTS ${note})
    file(STRINGS ${note} line REGEX "^KUCHI_LIBTORCH=")
    string(REGEX REPLACE "^KUCHI_LIBTORCH='?([^']*)'?$" "\\1" dir "${line}")
    list(APPEND places "${dir}|scripts/setup.sh")
  endif()
  if(KUCHI_TORCH_BUILT_WITH)  # set by an installed package
    list(APPEND places "${KUCHI_TORCH_BUILT_WITH}|the build of Kuchi")
    set(cache "$ENV{XDG_CACHE_HOME}")
    if(NOT cache)
      set(cache "$ENV{HOME}/.cache")
    endif()
    file(GLOB cached ${cache}/kuchi/libtorch-2.11.*/torch)
    foreach(dir IN LISTS cached)
      list(APPEND places "${dir}|cache")
    endforeach()
    execute_process(COMMAND python3 -c "import importlib.metadata as m
print(m.distribution('torch').locate_file('torch'))"
      OUTPUT_VARIABLE dir ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    if(NOT failed)
      list(APPEND places "${dir}|Python package torch")
    endif()
  endif()
  set(${out} "${places}" PARENT_SCOPE)
endfunction()

# kuchi_torch_look(DIR): sets KUCHI_TORCH_DIR, _LIB, _VERSION for the caller, or KUCHI_TORCH_PROBLEM
function(kuchi_torch_look dir)
  if(EXISTS "${dir}/torch/lib/libtorch_cpu.so")  # the folder above was given
    set(dir "${dir}/torch")
  endif()
  if(NOT EXISTS "${dir}/lib/libtorch_cpu.so" OR NOT EXISTS "${dir}/include/ATen/ATen.h")
    set(KUCHI_TORCH_PROBLEM "LibTorch not found (looked in '${dir}')" PARENT_SCOPE)
    return()
  endif()
  # 2.8 and later say their version here; an older one is refused below as "unknown".
  set(version unknown)
  set(version_h ${dir}/include/torch/headeronly/version.h)
  if(EXISTS ${version_h})
    file(STRINGS ${version_h} numbers REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    list(TRANSFORM numbers REPLACE "[^0-9]+" "")
    list(JOIN numbers "." version)
  endif()
  if(NOT version MATCHES "^2\\.11\\.")
    set(KUCHI_TORCH_PROBLEM "LibTorch ${version} in ${dir}: Kuchi is built and tested with 2.11"
      PARENT_SCOPE)
    return()
  endif()
  set(KUCHI_TORCH_PROBLEM "" PARENT_SCOPE)
  set(KUCHI_TORCH_DIR ${dir} PARENT_SCOPE)
  set(KUCHI_TORCH_LIB ${dir}/lib PARENT_SCOPE)
  set(KUCHI_TORCH_VERSION ${version} PARENT_SCOPE)
endfunction()

set(KUCHI_TORCH_PROBLEM "LibTorch not found")
kuchi_torch_places(_places)
foreach(_place IN LISTS _places)
  string(REGEX MATCH "^(.*)\\|(.*)$" _ "${_place}")
  set(KUCHI_TORCH_BY "${CMAKE_MATCH_2}")
  kuchi_torch_look("${CMAKE_MATCH_1}")
  if(NOT KUCHI_TORCH_PROBLEM)
    break()
  endif()
endforeach()

if(KUCHI_TORCH_PROBLEM)
  string(APPEND KUCHI_TORCH_PROBLEM ": run scripts/setup.sh, which fetches it, or name its folder "
    "with -DKUCHI_LIBTORCH=DIR or in the environment's KUCHI_LIBTORCH")
elseif(NOT TARGET torch_cpu)
  add_library(torch_c10 SHARED IMPORTED GLOBAL)
  set_target_properties(torch_c10 PROPERTIES IMPORTED_LOCATION ${KUCHI_TORCH_LIB}/libc10.so)
  add_library(torch_cpu SHARED IMPORTED GLOBAL)
  set_target_properties(torch_cpu PROPERTIES IMPORTED_LOCATION ${KUCHI_TORCH_LIB}/libtorch_cpu.so)
  target_include_directories(torch_cpu SYSTEM INTERFACE
    ${KUCHI_TORCH_DIR}/include ${KUCHI_TORCH_DIR}/include/torch/csrc/api/include)
  target_link_libraries(torch_cpu INTERFACE torch_c10)
  # libtorch_cpu itself needs libcudart, libcupti, libgomp: found through its own RPATH at run time.
  target_link_options(torch_cpu INTERFACE -Wl,--allow-shlib-undefined)
endif()
