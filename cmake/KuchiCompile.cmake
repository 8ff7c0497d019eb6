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

add_library(kuchi_flags INTERFACE)
# No fused multiply-adds behind our back: the embedded set is the same on every machine.
target_compile_options(kuchi_flags INTERFACE -Wall -Wextra -Wpedantic -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(kuchi_flags INTERFACE -Wno-restrict)  # false alarms on std::string, GCC bug 105651
endif()
if(KUCHI_WERROR)
  target_compile_options(kuchi_flags INTERFACE -Werror)
endif()
if(KUCHI_SANITIZE)
  add_compile_options(-fsanitize=${KUCHI_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KUCHI_SANITIZE})
endif()
