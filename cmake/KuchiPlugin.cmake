# Installed, for find_package(kuchi): heads of one's own in a library that kuchi --plugin loads.
#   kuchi_add_head(NAME source.cpp …)   builds NAME.so
function(kuchi_add_head name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE kuchi::plugin)
  set_target_properties(${name} PROPERTIES PREFIX "")
endfunction()
