# libkuchi.so: the room capi with all that it stands on, of which only the C functions of kuchi.h show.
add_library(kuchi_shared SHARED $<TARGET_OBJECTS:kuchi_capi>)
target_link_libraries(kuchi_shared PRIVATE kuchi_capi)
target_include_directories(kuchi_shared INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src/capi> $<INSTALL_INTERFACE:include>)
# LibTorch's own libraries find theirs at run time.
target_link_options(kuchi_shared INTERFACE LINKER:--allow-shlib-undefined)
target_link_options(kuchi_shared PRIVATE
  LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/capi_symbols.txt)
set_target_properties(kuchi_shared PROPERTIES
  OUTPUT_NAME kuchi EXPORT_NAME capi LINKER_LANGUAGE CXX
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/capi_symbols.txt
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib
  BUILD_RPATH ${KUCHI_TORCH_LIB} INSTALL_RPATH ${KUCHI_TORCH_LIB})
