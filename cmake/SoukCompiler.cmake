# Refuses compilers that are known to miscompile the project.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "GCC before 13 silently miscompiles coroutines; use a preset (clang 19, see tools/install)")
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(SOUK_CCACHE ccache)
  if(SOUK_CCACHE)
    # Without these, what uses precompiled headers is never found again in anybody's cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
        "${SOUK_CCACHE}")
  endif()
endif()
