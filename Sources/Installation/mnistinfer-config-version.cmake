# A program that asks for version a.b gets any a.c with c >= b; before 1.0, only b itself.
set(PACKAGE_VERSION "@VERSION@")
string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" _mnistinfer_series "${PACKAGE_VERSION}")
set(_mnistinfer_major "${CMAKE_MATCH_1}")
set(_mnistinfer_minor "${CMAKE_MATCH_2}")

set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION
   AND "${PACKAGE_FIND_VERSION_MAJOR}" STREQUAL "${_mnistinfer_major}"
   AND (_mnistinfer_major GREATER 0 OR "${PACKAGE_FIND_VERSION_MINOR}" STREQUAL "${_mnistinfer_minor}"))
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_FIND_VERSION STREQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()

# The library is one of 64 bits.
if(NOT "${CMAKE_SIZEOF_VOID_P}" STREQUAL "" AND NOT "${CMAKE_SIZEOF_VOID_P}" STREQUAL "8")
  set(PACKAGE_VERSION_UNSUITABLE TRUE)
endif()
unset(_mnistinfer_series)
unset(_mnistinfer_major)
unset(_mnistinfer_minor)
