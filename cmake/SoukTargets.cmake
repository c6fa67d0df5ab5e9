include_guard(GLOBAL)
if(BUILD_TESTING)
  include(Catch)
endif()

set(SOUK_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined")
option(SOUK_WERROR "Warnings are errors" OFF)
option(SOUK_PCH "Precompile the headers that everything includes" ON)

add_library(souk_options INTERFACE)
target_compile_features(souk_options INTERFACE cxx_std_20)
target_compile_options(souk_options INTERFACE -pthread)  # As gRPC demands it: precompiled headers must agree.
target_include_directories(souk_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(souk_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wno-missing-designated-field-initializers -Werror=switch -Werror=return-type
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Werror=thread-safety>
  $<$<BOOL:${SOUK_WERROR}>:-Werror>)
target_compile_definitions(souk_options INTERFACE SOUK_VERSION="${PROJECT_VERSION}")

# Sanitizers go into generated code too, so they are options of their own.
add_library(souk_sanitize INTERFACE)
if(SOUK_SANITIZE)
  target_compile_options(souk_sanitize INTERFACE -fsanitize=${SOUK_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(souk_sanitize INTERFACE -fsanitize=${SOUK_SANITIZE})
  # Whole: nothing but the sanitizers' own runtime refers to what is in it.
  target_link_libraries(souk_sanitize INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,souk_sanitizer_defaults>")
endif()
target_link_libraries(souk_options INTERFACE souk_sanitize)

# The whole layering of libs/, on one screen: a library may use only what its line
# lists. Anything else is a configure error; tests/layering_test.py checks includes.
set(SOUK_MAY_USE_base          "")
set(SOUK_MAY_USE_telemetry     base)
set(SOUK_MAY_USE_config        base)
set(SOUK_MAY_USE_cli           base)
set(SOUK_MAY_USE_runtime       base telemetry config)
set(SOUK_MAY_USE_storage       base telemetry runtime)
set(SOUK_MAY_USE_eventstore    base telemetry runtime storage)
set(SOUK_MAY_USE_eventsourcing base telemetry runtime storage eventstore)
set(SOUK_MAY_USE_backup        base telemetry runtime storage eventstore)
set(SOUK_MAY_USE_rpc           base telemetry runtime)
set(SOUK_MAY_USE_kafka         base telemetry runtime)
set(SOUK_MAY_USE_messaging     base telemetry runtime storage eventstore eventsourcing rpc kafka)
set(SOUK_MAY_USE_module        backup base telemetry config cli runtime storage eventstore eventsourcing messaging
                               rpc kafka)
set(SOUK_MAY_USE_testing       backup base telemetry config cli runtime storage eventstore eventsourcing messaging
                               rpc kafka module)

# Programs go into bin/ of the build folder; tests stay where their sources are.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# Compiles the common headers once; everything of ours with the same options reuses it.
if(SOUK_PCH)
  file(WRITE "${PROJECT_BINARY_DIR}/pch.cc" "// Carries the precompiled headers.\n")
  add_library(souk_pch OBJECT "${PROJECT_BINARY_DIR}/pch.cc")
  target_link_libraries(souk_pch PRIVATE souk_options protobuf::libprotobuf absl::status absl::statusor absl::time
                        absl::str_format absl::flat_hash_map absl::any_invocable absl::function_ref)
  target_compile_options(souk_pch PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
  target_precompile_headers(souk_pch PRIVATE
    <algorithm> <coroutine> <functional> <map> <memory> <optional> <string> <string_view> <utility> <vector>
    <absl/status/statusor.h> <absl/strings/str_format.h> <absl/time/time.h> <absl/container/flat_hash_map.h>
    <google/protobuf/message.h> "${PROJECT_SOURCE_DIR}/libs/base/task.h")
endif()
function(souk_reuse_pch target)
  if(SOUK_PCH)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
    target_precompile_headers(${target} REUSE_FROM souk_pch)
  endif()
endfunction()

# souk_library(NAME SRCS ... DEPS other libs ... EXTERNAL proto libraries and packages ...)
function(souk_library name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS;EXTERNAL" ${ARGN})
  if(NOT DEFINED SOUK_MAY_USE_${name})
    message(FATAL_ERROR "libs/${name} has no line in cmake/SoukTargets.cmake")
  endif()
  foreach(dep IN LISTS arg_DEPS)
    if(NOT dep IN_LIST SOUK_MAY_USE_${name})
      message(FATAL_ERROR "libs/${name} may not use libs/${dep}: see SOUK_MAY_USE in cmake/SoukTargets.cmake")
    endif()
  endforeach()
  list(TRANSFORM arg_DEPS PREPEND souk::)
  if(arg_SRCS)
    add_library(souk_${name} STATIC ${arg_SRCS})
    target_link_libraries(souk_${name} PUBLIC souk_options ${arg_DEPS} ${arg_EXTERNAL})
    souk_reuse_pch(souk_${name})
  else()
    add_library(souk_${name} INTERFACE)
    target_link_libraries(souk_${name} INTERFACE souk_options ${arg_DEPS} ${arg_EXTERNAL})
  endif()
  add_library(souk::${name} ALIAS souk_${name})
endfunction()

# souk_use_allocator(TARGET)
# A server program takes its memory from mimalloc, which is linked first so that its malloc
# is everybody's. Not with sanitizers, which have their own.
function(souk_use_allocator target)
  if(NOT SOUK_SANITIZE)
    target_link_libraries(
      ${target} PRIVATE "-Wl,--push-state,--no-as-needed,$<TARGET_FILE:mimalloc>,--pop-state")
  endif()
endfunction()

# souk_service(NAME SRCS ... TESTS ... [EXTERNAL ...])
# A library souk_service_NAME, the program NAME_service from main.cc, and one test
# program of all TESTS. Uses every lib and the protos of all services: services talk
# through protos and include no other service's headers (tests/layering_test.py).
function(souk_service name)
  cmake_parse_arguments(arg "" "" "SRCS;TESTS;EXTERNAL" ${ARGN})
  add_library(souk_service_${name} STATIC ${arg_SRCS})
  target_link_libraries(souk_service_${name} PUBLIC souk::module souk_service_protos ${arg_EXTERNAL})
  souk_reuse_pch(souk_service_${name})
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/main.cc")
    add_executable(souk-${name} main.cc)
    target_link_libraries(souk-${name} PRIVATE souk_service_${name})
    souk_use_allocator(souk-${name})
    souk_reuse_pch(souk-${name})
  endif()
  if(arg_TESTS)
    souk_test(${name}_test SRCS ${arg_TESTS} DEPS souk_service_${name} souk::testing)
  endif()
endfunction()

# souk_test(NAME SRCS ... DEPS ... [TIMEOUT seconds] [LABELS ...])
function(souk_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(SOUK_SANITIZE)  # Which makes programs several times slower.
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 4")
  endif()
  add_executable(${name} ${arg_SRCS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_DEPS} souk_catch_main)
  souk_reuse_pch(${name})
  add_test(NAME ${name} COMMAND ${name} --use-colour no)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

# souk_proto_library(NAME PROTOS a/b.proto ... [ROOT dir] [DEPS other proto libraries ...])
function(souk_proto_library name)
  cmake_parse_arguments(arg "" "ROOT" "PROTOS;DEPS" ${ARGN})
  if(NOT arg_ROOT)
    set(arg_ROOT "${PROJECT_SOURCE_DIR}/proto")
  endif()
  if(NOT arg_PROTOS)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
    return()
  endif()
  set(outputs "")
  foreach(proto IN LISTS arg_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    set(files ${stem}.pb.cc ${stem}.pb.h)
    list(TRANSFORM files PREPEND "${PROJECT_BINARY_DIR}/proto_gen/")
    add_custom_command(
      OUTPUT ${files}
      COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/proto_gen"
      COMMAND protobuf::protoc -I "${PROJECT_SOURCE_DIR}/proto" -I "${SOUK_GOOGLEAPIS_DIR}"
              --cpp_out "${PROJECT_BINARY_DIR}/proto_gen" ${proto}
      DEPENDS "${arg_ROOT}/${proto}" VERBATIM)
    list(APPEND outputs ${files})
  endforeach()
  add_library(${name} STATIC ${outputs})
  target_include_directories(${name} SYSTEM PUBLIC "${PROJECT_BINARY_DIR}/proto_gen")
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf souk_sanitize ${arg_DEPS})
endfunction()

# souk_descriptor_set(NAME FILE a/b.proto ...)
# A target NAME that writes share/souk/FILE of the build folder: a FileDescriptorSet of
# the protos and what they import, with comments.
function(souk_descriptor_set name file)
  set(output "${PROJECT_BINARY_DIR}/share/souk/${file}")
  set(sources ${ARGN})
  list(FILTER sources INCLUDE REGEX "^souk/")
  list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/proto/")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/share/souk"
    COMMAND protobuf::protoc -I "${PROJECT_SOURCE_DIR}/proto" -I "${SOUK_GOOGLEAPIS_DIR}"
            --include_imports --include_source_info "--descriptor_set_out=${output}" ${ARGN}
    DEPENDS ${sources} VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${output}")
endfunction()

if(BUILD_TESTING)
  add_library(souk_catch_main STATIC "${PROJECT_SOURCE_DIR}/libs/testing/catch_main.cc")
  target_link_libraries(souk_catch_main PUBLIC Catch2::Catch2 souk_options)
endif()
