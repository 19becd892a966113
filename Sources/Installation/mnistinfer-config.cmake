# find_package(mnistinfer @VERSION@) defines mnistinfer::mnistinfer, the shared library, and mnistinfer::static where libpng's
# own files for programmers are there too.
get_filename_component(_mnistinfer_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET mnistinfer::mnistinfer)
  add_library(mnistinfer::mnistinfer SHARED IMPORTED)
  set_target_properties(mnistinfer::mnistinfer PROPERTIES
    IMPORTED_LOCATION "${_mnistinfer_prefix}/lib/libmnistinfer.so.@VERSION@"
    IMPORTED_SONAME "@SONAME@"
    INTERFACE_INCLUDE_DIRECTORIES "${_mnistinfer_prefix}/include")
endif()

if(NOT TARGET mnistinfer::static)
  find_package(PNG QUIET)
  find_package(Threads QUIET)
  if(PNG_FOUND AND Threads_FOUND)
    add_library(mnistinfer::static STATIC IMPORTED)
    set_target_properties(mnistinfer::static PROPERTIES
      IMPORTED_LOCATION "${_mnistinfer_prefix}/lib/libmnistinfer.a"
      INTERFACE_LINK_LIBRARIES "PNG::PNG;Threads::Threads"
      INTERFACE_INCLUDE_DIRECTORIES "${_mnistinfer_prefix}/include")
  endif()
endif()

unset(_mnistinfer_prefix)
