// Readers of photos who do not read cost a part of a photo each, never a whole one. What is
// counted is what the store was asked for: more than that, nobody has in memory.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libs/rpc/blocking_client.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/server.h"
#include "services/catalog/media_service.h"
#include "services/catalog/shop_fixture.h"
#include "services/catalog/silent_reader_fixture.h"

namespace souk::catalog {
namespace {

using testing::Shop;

constexpr char kDownload[] = "/souk.catalog.v1.CatalogService/DownloadMedia";
constexpr std::int64_t kPhotoBytes = kMediaBytesMax;  // As large as photos may be.
constexpr std::int64_t kPartBytesMax = 64 << 10;

// A photo for each reader, all of the same bytes, and what was asked for of each.
class CountedPhotos final : public MediaStore {
 public:
  struct Asked {
    int parts = 0;
    std::int64_t bytes = 0;
    std::int64_t part_bytes_max = 0;
  };

  // Returns its media id.
  std::string Add(Shop& shop, int reader) {
    RecordMedia command;
    const std::string id = "photo-" + std::to_string(reader);
    command.received.set_media_id(id);
    command.received.set_seller_id("s-1");
    command.received.set_sha256(id);
    command.received.set_size_bytes(kPhotoBytes);
    const auto recorded = shop.fixture().Run(
        shop.fixture().engine().Execute<Media>(MediaId::Of(id), std::move(command), {.request_id = id}));
    INFO(recorded.status().ToString());
    REQUIRE(recorded.ok());
    return id;
  }
  const Asked& asked(const std::string& media_id) { return asked_[media_id]; }

  Task<Status> Write(std::string, std::string) override { co_return OkStatus(); }
  Task<Status> Check(std::string) override { co_return OkStatus(); }
  Task<StatusOr<std::string>> ReadPart(std::string sha256, std::int64_t at, std::int64_t size) override {
    Asked& asked = asked_[sha256];
    ++asked.parts;
    asked.bytes += size;
    asked.part_bytes_max = std::max(asked.part_bytes_max, size);
    co_return std::string(static_cast<std::size_t>(std::min(size, kPhotoBytes - at)), 'p');
  }

 private:
  std::map<std::string, Asked> asked_;
};

v1::DownloadMediaRequest RequestOf(const std::string& media_id) {
  v1::DownloadMediaRequest request;
  request.set_media_id(media_id);
  return request;
}

// A reader who takes each message only when the test says so.
class SlowSink final : public rpc::ByteSink {
 public:
  Task<Status> Write(rpc::Bytes message) override { return WriteTo(this, std::move(message)); }
  bool cancelled() const override { return false; }

  bool waits() const { return taken_ != nullptr; }
  void Take() { std::exchange(taken_, nullptr)->Set(true); }
  std::int64_t bytes = 0;  // In all messages so far.

 private:
  static Task<Status> WriteTo(SlowSink* sink, rpc::Bytes message) {
    Completion<bool> taken;
    sink->bytes += static_cast<std::int64_t>(message.size());
    sink->taken_ = &taken;
    co_await taken;
    co_return OkStatus();
  }
  Completion<bool>* taken_ = nullptr;
};

Task<> Download(const rpc::Router::Route* route, std::string media_id, SlowSink* sink,
                std::optional<Status>* end) {
  const std::string request = RequestOf(media_id).SerializeAsString();
  *end = co_await route->server_stream({}, request, *sink);
}

TEST_CASE("a part of a photo is read when the one before it was taken") {
  constexpr int kReaders = 200;
  Shop shop;
  CountedPhotos photos;
  MediaService service(shop.fixture().engine(), photos);
  rpc::Router router;
  service.AddTo(router);
  const rpc::Router::Route* const route = router.Find(kDownload);
  REQUIRE(route != nullptr);

  struct Reader {
    std::string media_id;
    SlowSink sink;
    std::optional<Status> end;
  };
  std::vector<std::unique_ptr<Reader>> readers;
  TaskScope downloads;
  for (int i = 0; i < kReaders; ++i) {
    Reader& reader = *readers.emplace_back(std::make_unique<Reader>());
    reader.media_id = photos.Add(shop, i);
    downloads.Spawn(Download(route, reader.media_id, &reader.sink, &reader.end));
  }
  for (int taken = 0; taken < 3; ++taken) {
    for (const auto& reader : readers) {
      REQUIRE(reader->sink.waits());
      CHECK(photos.asked(reader->media_id).parts == taken);
      CHECK(photos.asked(reader->media_id).part_bytes_max <= kPartBytesMax);
      reader->sink.Take();
    }
  }
  // One goes on, and gets all of it; the others still cost what they did.
  Reader& last = *readers.back();
  while (last.sink.waits()) last.sink.Take();
  REQUIRE(last.end.has_value());
  CHECK(last.end->ok());
  CHECK(last.sink.bytes > kPhotoBytes);
  for (const auto& reader : readers) {
    if (reader.get() != &last) CHECK(photos.asked(reader->media_id).parts == 3);
  }
}

// A process that serves the photos over TCP.
class PhotoServer {
 public:
  PhotoServer(Shop& shop, MediaStore& store) : service_(shop.fixture().engine(), store) {
    service_.AddTo(router_);
    auto started = rpc::GrpcServer::Start(router_, loop_, {});
    REQUIRE(started.ok());
    server_ = *std::move(started);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~PhotoServer() {
    loop_.Stop();
    thread_.join();
  }
  int port() const { return server_->port(); }
  // Runs `work` on the server's thread and waits for it.
  void Do(const std::function<void()>& work) {
    std::binary_semaphore done(0);
    loop_.Post([&] {
      work();
      done.release();
    });
    done.acquire();
  }

 private:
  MediaService service_;
  rpc::Router router_;
  rpc::EventLoop loop_;
  std::unique_ptr<rpc::GrpcServer> server_;
  std::thread thread_;
};

TEST_CASE("over the network a reader who does not read costs a small part of a photo") {
  constexpr int kReaders = 20;
  Shop shop;
  CountedPhotos photos;
  std::vector<std::string> media_ids;
  for (int i = 0; i < kReaders; ++i) media_ids.push_back(photos.Add(shop, i));
  const std::string other = photos.Add(shop, kReaders);
  PhotoServer server(shop, photos);
  const auto asked = [&](const std::string& media_id) {
    CountedPhotos::Asked asked;
    server.Do([&] { asked = photos.asked(media_id); });
    return asked;
  };

  std::vector<std::unique_ptr<SilentReader>> silent;
  for (const std::string& media_id : media_ids) {
    silent.push_back(
        std::make_unique<SilentReader>(server.port(), kDownload, RequestOf(media_id).SerializeAsString()));
  }
  for (const std::string& media_id : media_ids) {
    while (asked(media_id).parts == 0) std::this_thread::yield();
  }
  // While somebody else gets a whole photo, the others get all that they can be sent.
  rpc::BlockingClient client("127.0.0.1:" + std::to_string(server.port()));
  auto parts = client.OpenStream<v1::DownloadMediaResponse>(RequestOf(other));
  std::int64_t bytes = 0;
  for (;;) {
    const auto part = parts.Read();
    INFO(part.status().ToString());
    REQUIRE(part.ok());
    if (!part->has_value()) break;
    bytes += static_cast<std::int64_t>((*part)->chunk().size());
  }
  CHECK(bytes == kPhotoBytes);
  for (const std::string& media_id : media_ids) {
    INFO(media_id);
    // One part is sent as far as the client lets it, one is gRPC's, one is ours.
    CHECK(asked(media_id).bytes <= kHttp2WindowBytes + 3 * kPartBytesMax);
    CHECK(asked(media_id).part_bytes_max <= kPartBytesMax);
  }
}

}  // namespace
}  // namespace souk::catalog
