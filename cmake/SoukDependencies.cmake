# Every third-party package, found once, in one place. docs/dependencies.md says why.
include(SoukArchives)
set(Protobuf_USE_STATIC_LIBS ON)     # As souk_link_archives below; RocksDB has a target for its archive.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf REQUIRED)      # Module mode: Debian 12 ships no protobuf config.
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(CURL REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(mimalloc CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)  # Its CMake package asks for what it was built with.
souk_link_archives(absl gRPC)
if(BUILD_TESTING)
  find_package(Catch2 2 CONFIG REQUIRED)
endif()

# google/rpc and google/type come from Debian's golang-github-gogo-googleapis-dev.
find_path(SOUK_GOOGLEAPIS_DIR google/rpc/error_details.proto
          PATHS /usr/share/gocode/src/github.com/gogo/googleapis REQUIRED NO_CMAKE_FIND_ROOT_PATH)
