# What a plug-in was built from, as models/plugin_abi.h: the version, and a hash of every header that a
# head may include. kuchi_plugin_abi() adds it to the room models; run as a script (-P) it writes it.
if(CMAKE_SCRIPT_MODE_FILE)
  string(REPLACE "," ";" rooms "${ROOMS}")
  set(all "")
  foreach(room IN LISTS rooms)
    file(GLOB headers RELATIVE ${SOURCE} ${SOURCE}/${room}/*.h)
    list(SORT headers)
    foreach(header IN LISTS headers)
      file(SHA256 ${SOURCE}/${header} hash)
      string(APPEND all "${header} ${hash}\n")
    endforeach()
  endforeach()
  string(SHA256 hash "${all}")
  string(SUBSTRING ${hash} 0 16 hash)
  file(WRITE ${OUT} "// Written by the build.
#pragma once

#define KUCHI_PLUGIN_VERSION \"${VERSION}\"
#define KUCHI_PLUGIN_HEADERS \"${hash}\"
")
  return()
endif()

# Rooms that a head may stand on: those that `models` uses, and itself.
set(KUCHI_PLUGIN_ROOMS core io onnx config stats audio curves features synth data edge encoders models)
set(KUCHI_PLUGIN_ABI_DIR ${CMAKE_BINARY_DIR}/generated/plugin)

function(kuchi_plugin_abi)
  set(headers)
  foreach(room IN LISTS KUCHI_PLUGIN_ROOMS)
    file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/*.h)
    list(APPEND headers ${found})
  endforeach()
  list(JOIN KUCHI_PLUGIN_ROOMS "," rooms)
  set(out ${KUCHI_PLUGIN_ABI_DIR}/models/plugin_abi.h)
  set(script ${PROJECT_SOURCE_DIR}/cmake/KuchiPluginAbi.cmake)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR}/src -DROOMS=${rooms}
            -DVERSION=${PROJECT_VERSION} -DOUT=${out} -P ${script}
    DEPENDS ${headers} ${script} COMMENT "" VERBATIM)
  target_sources(kuchi_models PRIVATE ${out})
  target_include_directories(kuchi_models PRIVATE ${KUCHI_PLUGIN_ABI_DIR})
endfunction()
