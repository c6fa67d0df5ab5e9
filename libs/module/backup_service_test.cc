#include "libs/module/backup_service.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/task.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/local_channel.h"
#include "libs/storage/temporary_folder.h"
#include "libs/testing/counter_service.h"

namespace souk {
namespace {

namespace fs = std::filesystem;
using admin::v1::BackupSet;
using admin::v1::CreateBackupRequest;
using admin::v1::CreateBackupResponse;

const Principal kOperator{Principal::Kind::kOperator, "olga"};

// One service of a process, with its store in the data folder.
class Service {
 public:
  Service(const std::string& name, const std::string& data_dir, rpc::EventLoop& loop, const Clock& clock)
      : store_(RocksStore::Open(Made(data_dir + "/" + name) + "/store", {}).value()),
        counters_(name, loop, clock, *store_) {
    REQUIRE(loop.Wait(counters_.Start()).ok());
    REQUIRE(loop.Wait(counters_.Count(3, 1)).ok());
  }
  const RocksStore& store() const { return *store_; }
  testing::CounterService& counters() { return counters_; }

 private:
  static std::string Made(const std::string& folder) {
    fs::create_directories(folder);
    return folder;
  }
  const std::unique_ptr<RocksStore> store_;
  testing::CounterService counters_;
};

// A process with two services that serves backups of them.
class Process {
 public:
  Process() {
    for (auto* const service : {&cart, &order}) {
      backups_.Add(service->counters().engine().options().service, service->store());
    }
    backups_.AddTo(router_);
  }

  CreateBackupRequest Request(const std::string& request_id) const {
    CreateBackupRequest request;
    request.set_folder(backup_dir());
    request.set_request_id(request_id);
    return request;
  }
  rpc::Stream<CreateBackupResponse> Begin(const CreateBackupRequest& request,
                                          const Principal& caller = kOperator) {
    return rpc::OpenStream<CreateBackupResponse>(channel_, {.principal = caller}, request);
  }
  // The backup that the last message has.
  static Task<StatusOr<BackupSet>> Finish(rpc::Stream<CreateBackupResponse>* stream) {
    BackupSet set;
    for (;;) {
      const std::optional<CreateBackupResponse> response = co_await Try(stream->Read());
      if (!response.has_value()) co_return set;
      if (response->has_backup()) set = response->backup();
    }
  }
  StatusOr<BackupSet> BackUp(const CreateBackupRequest& request, const Principal& caller = kOperator) {
    rpc::Stream<CreateBackupResponse> stream = Begin(request, caller);
    return loop.Wait(Finish(&stream));
  }

  std::string data_dir() const { return folder_.path() + "/data"; }
  std::string backup_dir() const { return folder_.path() + "/backups"; }
  bool HasCopies() const {
    return fs::exists(data_dir() + "/cart/backup_copy") || fs::exists(data_dir() + "/order/backup_copy");
  }

 private:
  const TemporaryFolder folder_;
  const ManualClock clock_{absl::FromUnixSeconds(1'500'000'000)};

 public:
  rpc::EventLoop loop;
  Service cart{"cart", data_dir(), loop, clock_};
  Service order{"order", data_dir(), loop, clock_};

 private:
  BackupService backups_{data_dir(), loop, clock_};
  rpc::Router router_;
  rpc::LocalChannel channel_{router_, loop};
};

std::size_t BackupsIn(const std::string& folder) {
  return BackupFolder::OpenToRead(folder).value()->List().value().size();
}

TEST_CASE("a backup has every service of the process as it was, and what lies beside the stores") {
  Process process;
  fs::create_directories(process.data_dir() + "/order/files");
  fs::copy_file("/proc/self/status", process.data_dir() + "/order/files/note");
  const auto set = process.BackUp(process.Request("r-1"));
  INFO(set.status().ToString());
  REQUIRE(set.ok());
  REQUIRE(set->stores_size() == 2);
  for (auto* const service : {&process.cart, &process.order}) {
    const Engine& engine = service->counters().engine();
    const auto& stored = set->stores(service == &process.cart ? 0 : 1);
    CHECK(stored.service() == engine.options().service);
    REQUIRE(stored.heads_size() == 1);
    CHECK(stored.heads(0) == engine.partition(0).head());
  }
  REQUIRE(set->files_size() == 1);
  CHECK(set->files(0).path() == "order/files/note");
  CHECK(set->create_time().seconds() == 1'500'000'000);
  CHECK_FALSE(process.HasCopies());
  CHECK(process.loop.Wait(process.order.counters().Count(3, 1)).ok());
}

TEST_CASE("a repeated request makes no second backup, another one does") {
  Process process;
  const std::uint32_t id = process.BackUp(process.Request("r-1")).value().id();
  CHECK(process.BackUp(process.Request("r-1")).value().id() == id);
  CHECK(process.BackUp(process.Request("r-2")).value().id() == id + 1);
  CHECK(BackupsIn(process.backup_dir()) == 2);
}

TEST_CASE("as many backups are kept as were asked for") {
  Process process;
  for (int i = 1; i <= 4; ++i) {
    CreateBackupRequest request = process.Request("r-" + std::to_string(i));
    request.set_keep(2);
    REQUIRE(process.BackUp(request).ok());
  }
  CHECK(BackupsIn(process.backup_dir()) == 2);
}

Task<> Keep(Task<StatusOr<BackupSet>> task, StatusOr<BackupSet>& result) {
  result = co_await std::move(task);
}

TEST_CASE("one backup is taken at a time") {
  Process process;
  rpc::Stream<CreateBackupResponse> first = process.Begin(process.Request("r-1"));
  rpc::Stream<CreateBackupResponse> second = process.Begin(process.Request("r-2"));
  StatusOr<BackupSet> taken, refused;
  TaskScope scope;
  scope.Spawn(Keep(Process::Finish(&first), taken));
  scope.Spawn(Keep(Process::Finish(&second), refused));
  process.loop.RunUntil([&scope] { return scope.running() == 0; });
  CHECK(taken.ok());
  CHECK(absl::IsFailedPrecondition(refused.status()));
  CHECK(process.BackUp(process.Request("r-2")).ok());
}

TEST_CASE("a backup that nobody waits for is brought to its end") {
  Process process;
  {
    rpc::Stream<CreateBackupResponse> stream = process.Begin(process.Request("r-1"));
    StatusOr<BackupSet> unheard;
    TaskScope scope;
    scope.Spawn(Keep(Process::Finish(&stream), unheard));
    process.loop.RunUntil([&process] { return process.HasCopies(); });
  }
  process.loop.RunUntil([&process] { return !process.HasCopies(); });
  CHECK(BackupsIn(process.backup_dir()) == 1);
}

TEST_CASE("a backup goes to an absolute folder outside of the data, for operators only") {
  Process process;
  const auto field = [&process](const CreateBackupRequest& request) {
    const Status status = process.BackUp(request).status();
    CHECK(absl::IsInvalidArgument(status));
    return FieldViolations(status).size() == 1 ? FieldViolations(status)[0].field : status.ToString();
  };
  CHECK(field(process.Request("")) == "request_id");
  CreateBackupRequest request = process.Request("r-1");
  for (const std::string& folder : {std::string("backups"), process.data_dir(), process.data_dir() + "/b"}) {
    request.set_folder(folder);
    CHECK(field(request) == "folder");
  }
  const Principal seller{Principal::Kind::kSeller, "s-1"};
  CHECK(absl::IsPermissionDenied(process.BackUp(process.Request("r-1"), seller).status()));
  CHECK_FALSE(fs::exists(process.backup_dir()));
}

TEST_CASE("a backup that fails says why, and leaves nothing in the data folder") {
  Process process;
  CreateBackupRequest request = process.Request("r-1");
  request.set_folder("/proc/backups");
  const Status status = process.BackUp(request).status();
  CHECK_FALSE(status.ok());
  CHECK_FALSE(process.HasCopies());
  CHECK(process.BackUp(process.Request("r-2")).ok());
}

}  // namespace
}  // namespace souk
