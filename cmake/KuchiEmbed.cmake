# kuchi_embed(TARGET FOLDER HEADER): builds every file of FOLDER into TARGET, as the list that
# page_files() in HEADER declares. Run as a script (-P) it writes that source file.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB files ${FOLDER}/*)
  list(SORT files)
  set(text "// Written by the build from ${NAME}.\n#include \"${HEADER}\"\n\nnamespace kuchi::report {\n")
  string(APPEND text "namespace {\nconstexpr PageFile kFiles[] = {\n")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" hex "${hex}")
    string(REGEX REPLACE "([^\n]+)" "\"\\1\"" hex "${hex}")
    file(SIZE ${file} bytes)
    string(APPEND text "{\"${name}\", std::string_view(\n${hex},\n${bytes})},\n")
  endforeach()
  string(APPEND text "};\n}  // namespace\n\nstd::span<const PageFile> page_files() { return kFiles; }\n")
  string(APPEND text "}  // namespace kuchi::report\n")
  file(WRITE ${OUT} "${text}")
  return()
endif()

function(kuchi_embed target folder header)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*)
  set(out ${CMAKE_BINARY_DIR}/generated/${target}_files.cpp)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DNAME=${folder} -DFOLDER=${PROJECT_SOURCE_DIR}/${folder}
            -DHEADER=${header} -DOUT=${out} -P ${PROJECT_SOURCE_DIR}/cmake/KuchiEmbed.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/KuchiEmbed.cmake
    COMMENT "Embedding ${folder}" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
