# cmake --install DIR --prefix P. Two components, both installed where none is named:
#   program      bin/kuchi, the plug-in, configurations, man page, completion: what bundle.sh takes
#   development  the rooms as libraries, their headers, find_package(kuchi), libkuchi.so and kuchi.h
# The rooms cli and capi are the program and libkuchi.so, and no libraries for others: they are left out.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/kuchi)

# --- program
install(TARGETS kuchi RUNTIME DESTINATION bin COMPONENT program)
if(TARGET kuchi_cuda)  # the program looks for it in ../lib, whatever the system calls its folder
  install(TARGETS kuchi_cuda LIBRARY DESTINATION lib COMPONENT program)
endif()
install(DIRECTORY configs datasets DESTINATION share/kuchi COMPONENT program)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION share/doc/kuchi COMPONENT program)

# What the program says of itself is asked when it is installed: no file of it can be out of date.
set(_share ${CMAKE_BINARY_DIR}/share)
set(_page ${_share}/man/man1/kuchi.1)
set(_bash ${_share}/bash-completion/completions/kuchi)
set(_zsh ${_share}/zsh/site-functions/_kuchi)
set(_fish ${_share}/fish/vendor_completions.d/kuchi.fish)
foreach(_of "--man;${_page}" "--completion;bash;${_bash}" "--completion;zsh;${_zsh}"
        "--completion;fish;${_fish}")
  list(POP_BACK _of _file)
  list(JOIN _of "\" \"" _arguments)
  get_filename_component(_dir ${_file} DIRECTORY)
  file(MAKE_DIRECTORY ${_dir})
  install(CODE "file(REMOVE \"${_file}\")  # it may be root's, of an install by another user
    execute_process(COMMAND \"$<TARGET_FILE:kuchi>\" config \"${_arguments}\"
      OUTPUT_FILE \"${_file}\" COMMAND_ERROR_IS_FATAL ANY)" COMPONENT program)
endforeach()
install(DIRECTORY ${_share}/ DESTINATION share COMPONENT program)

# --- development
set(_installed ${KUCHI_ROOMS})
list(REMOVE_ITEM _installed cli capi)
add_library(kuchi_all INTERFACE)  # find_package knows it as kuchi::kuchi
set_target_properties(kuchi_all PROPERTIES EXPORT_NAME kuchi)
foreach(_room IN LISTS _installed)
  set_target_properties(kuchi_${_room} PROPERTIES EXPORT_NAME ${_room})
  target_link_libraries(kuchi_all INTERFACE kuchi_${_room})
  install(TARGETS kuchi_${_room} EXPORT kuchiTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  install(DIRECTORY src/${_room} DESTINATION include/kuchi COMPONENT development
    FILES_MATCHING PATTERN "*.h")
endforeach()
# Headers alone, for a head that kuchi --plugin loads: its code is the program's.
add_library(kuchi_plugin INTERFACE)
set_target_properties(kuchi_plugin PROPERTIES EXPORT_NAME plugin)
target_include_directories(kuchi_plugin INTERFACE $<INSTALL_INTERFACE:include/kuchi>)
target_compile_features(kuchi_plugin INTERFACE cxx_std_20)
target_link_libraries(kuchi_plugin INTERFACE torch_cpu nlohmann_json::nlohmann_json xxhash::headers)
install(FILES ${KUCHI_PLUGIN_ABI_DIR}/models/plugin_abi.h DESTINATION include/kuchi/models
  COMPONENT development)
install(TARGETS kuchi_all kuchi_plugin EXPORT kuchiTargets COMPONENT development)
install(EXPORT kuchiTargets NAMESPACE kuchi:: DESTINATION ${_cmake_dir} COMPONENT development)
# The C interface apart: who wants it alone needs no LibTorch and no packages to build.
install(TARGETS kuchi_shared EXPORT kuchiCapiTargets LIBRARY DESTINATION lib
  COMPONENT development NAMELINK_COMPONENT development)
install(FILES src/capi/kuchi.h DESTINATION include COMPONENT development)
install(EXPORT kuchiCapiTargets NAMESPACE kuchi:: DESTINATION ${_cmake_dir} COMPONENT development)
configure_package_config_file(cmake/kuchiConfig.cmake.in ${CMAKE_BINARY_DIR}/generated/kuchiConfig.cmake
  INSTALL_DESTINATION ${_cmake_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/kuchiConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/kuchiConfig.cmake
  ${CMAKE_BINARY_DIR}/generated/kuchiConfigVersion.cmake
  cmake/KuchiPackages.cmake cmake/KuchiFindTorch.cmake cmake/KuchiPlugin.cmake
  DESTINATION ${_cmake_dir} COMPONENT development)
install(DIRECTORY docs/examples DESTINATION share/doc/kuchi COMPONENT development)
