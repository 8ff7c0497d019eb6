# Language level, warnings and sanitizers for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O2, not CMake's -O3: the work is done inside LibTorch, and the build is a fifth shorter.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# ccache where it is installed
find_program(KUCHI_CCACHE ccache)
if(KUCHI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KUCHI_CCACHE})
endif()

add_library(kuchi_flags INTERFACE)
# No fused multiply-adds behind our back: the embedded set is the same on every machine.
target_compile_options(kuchi_flags INTERFACE -Wall -Wextra -Wpedantic -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12 and 13 inside std::string's operator+ (GCC bugs 105329 and 105651).
  target_compile_options(kuchi_flags INTERFACE -Wno-restrict -Wno-stringop-overflow)
endif()
if(KUCHI_WERROR)
  target_compile_options(kuchi_flags INTERFACE -Werror)
endif()
if(KUCHI_SANITIZE)
  add_compile_options(-fsanitize=${KUCHI_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KUCHI_SANITIZE})
  if(KUCHI_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)  # a finding fails the test
  endif()
endif()
