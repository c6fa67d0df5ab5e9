#include "libs/module/host.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "libs/messaging/dead_letter_service.h"
#include "libs/messaging/event_log_service.h"
#include "libs/messaging/local_feed.h"
#include "libs/module/admin_service.h"
#include "libs/module/backup_service.h"
#include "libs/module/host_metrics.h"
#include "libs/module/host_options.h"
#include "libs/module/hosted_module.h"
#include "libs/module/kafka_link.h"
#include "libs/module/master_key.h"
#include "libs/module/personal_data_service.h"
#include "libs/module/process_channels.h"
#include "libs/module/store_clock.h"
#include "libs/module/time_keeper.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/server.h"
#include "libs/runtime/strand.h"
#include "libs/storage/data_folder.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/metrics_server.h"

namespace souk {
namespace {

// How often the process looks whether all of its partitions still serve.
constexpr absl::Duration kHealthCheckEvery = absl::Milliseconds(200);

// How long a process that has failed lives on, so that whoever watches its health is told.
constexpr absl::Duration kLastWords = absl::Milliseconds(200);

// Each stays where it is: its threads and its module know its address.
using HostedModules = std::vector<std::unique_ptr<HostedModule>>;

// The time at which a manual clock goes on: where it was left, or the last event.
StatusOr<absl::Time> ResumeTime(const std::string& clock_file, const HostedModules& hosted,
                                std::int64_t partitions, absl::Time otherwise) {
  absl::Time time = TimeKeeper::ReadClockFile(clock_file, absl::UnixEpoch());
  for (const auto& one : hosted) {
    for (std::int64_t i = 0; i < partitions; ++i) {
      ASSIGN_OR_RETURN(const EventLog::Head head,
                       EventLog(one->store(), static_cast<std::uint32_t>(i)).ReadHead());
      time = std::max(time, head.record_time);
    }
  }
  return time == absl::UnixEpoch() ? otherwise : time;
}

class Host {
 public:
  Host(std::string program, HostOptions options, std::vector<ModuleFactory> factories)
      : program_(std::move(program)), options_(std::move(options)), factories_(std::move(factories)) {}

  // Consumers read from Kafka, publishers and streams from the engines.
  ~Host() {
    for (const auto& hosted : hosted_) hosted->DropConsumers();
    if (channels_.has_value()) channels_->EndStreams();
  }

  Status Open();
  // Serves until SIGTERM or SIGINT. After an error, which says why it stopped by itself, the
  // process must end as it is: calls are under way, and RocksDB may not be closed.
  Status Serve();

 private:
  const config::Settings& settings() const { return *options_.settings; }
  HostedContext context() {
    return {.settings = settings(),
            .data_dir = options_.data_dir,
            .loop = loop_,
            .blocking = blocking_,
            .clock = *clock_,
            .ids = ids_};
  }
  Status OpenStores();
  Status OpenModules();
  Status Connect();
  std::unique_ptr<FeedSource> FeedOf(const std::string& source, HostedModule& reader);
  // Null without Kafka.
  EventLogService::Publications PublicationsOf(std::string service) const;
  // What consumers of a service of this process must have seen.
  std::optional<std::uint64_t> LastPosition(Engine& source, std::uint32_t partition) const;
  // The clocks of other processes move with that of this one.
  void ConnectClocks();
  void PrintBanner() const;
  void SetServing(bool serving);
  // OK while all partitions and stores are well.
  Status Health() const;
  void CheckHealth();
  void WaitForSignal();
  Task<> Stop();

  const std::string program_;
  HostOptions options_;
  std::vector<ModuleFactory> factories_;

  std::unique_ptr<DataFolder> folder_;
  RandomIds ids_;
  SystemClock system_clock_;
  std::optional<ManualClock> manual_clock_;
  const Clock* clock_ = &system_clock_;
  rpc::EventLoop loop_;
  Strand blocking_;
  rpc::Router router_;
  std::optional<ProcessChannels> channels_;
  HostedModules hosted_;
  std::unique_ptr<KafkaLink> kafka_;  // Null without Kafka.
  std::optional<TimeKeeper> time_keeper_;
  std::optional<StoreClock> store_clock_;
  std::optional<AdminService> admin_;
  std::optional<BackupService> backups_;
  EventLogService event_logs_;
  DeadLetterService dead_letters_;
  PersonalDataService personal_data_;
  std::unique_ptr<telemetry::MetricsServer> metrics_server_;
  std::unique_ptr<rpc::GrpcServer> server_;
  Status failure_;
  bool stopping_ = false;
};

Status Host::Open() {
  ASSIGN_OR_RETURN(folder_, DataFolder::Open(options_.data_dir, program_));
  RETURN_IF_ERROR(OpenStores());
  const std::string clock_file = options_.data_dir + "/clock";
  if (options_.manual_clock) {
    ASSIGN_OR_RETURN(const absl::Time time,
                     ResumeTime(clock_file, hosted_, settings().GetInteger("engine.partitions"),
                                options_.start_time.value_or(absl::Now())));
    manual_clock_.emplace(time);
    clock_ = &*manual_clock_;
  }
  RETURN_IF_ERROR(OpenModules());
  time_keeper_.emplace(*clock_, manual_clock_.has_value() ? &*manual_clock_ : nullptr, clock_file, loop_);
  RETURN_IF_ERROR(Connect());
  store_clock_.emplace(*time_keeper_, loop_);
  if (manual_clock_.has_value()) ConnectClocks();
  admin_.emplace(*store_clock_);
  admin_->AddTo(router_);
  backups_.emplace(options_.data_dir, loop_, *clock_);
  for (const auto& hosted : hosted_) backups_->Add(hosted->service(), hosted->database());
  backups_->AddTo(router_);
  event_logs_.AddTo(router_);
  dead_letters_.AddTo(router_);
  for (const auto& hosted : hosted_) personal_data_.Add(hosted->service(), hosted->subject_keys());
  personal_data_.AddTo(router_);
  return OkStatus();
}

Status Host::OpenStores() {
  std::vector<ModuleFactory> chosen;
  for (const std::string& service : options_.services) {
    for (const ModuleFactory& factory : factories_) {
      if (factory.service == service) chosen.push_back(factory);
    }
  }
  factories_ = std::move(chosen);
  const bool stores_exist =
      std::any_of(factories_.begin(), factories_.end(), [this](const ModuleFactory& factory) {
        return std::filesystem::exists(options_.data_dir + "/" + factory.service + "/store/CURRENT");
      });
  ASSIGN_OR_RETURN(const std::string master_key,
                   LoadMasterKey(options_.data_dir + "/master.key", stores_exist));
  for (const ModuleFactory& factory : factories_) {
    hosted_.push_back(std::make_unique<HostedModule>(factory.service));
    RETURN_IF_ERROR(hosted_.back()->OpenStore(settings(), options_.data_dir, loop_, master_key));
  }
  return OkStatus();
}

Status Host::OpenModules() {
  channels_.emplace(router_, loop_, settings());
  for (const auto& hosted : hosted_) channels_->SetLocal(hosted->service());
  for (std::size_t i = 0; i < hosted_.size(); ++i) {
    RETURN_IF_ERROR(hosted_[i]->OpenModule(context(), *channels_, factories_[i], options_.rebuild));
    hosted_[i]->module().AddTo(router_);
  }
  return OkStatus();
}

Status Host::Connect() {
  ASSIGN_OR_RETURN(kafka_, KafkaLink::Open(settings(), loop_, *clock_, ids_.NewId()));
  for (const auto& hosted : hosted_) {
    Engine& engine = hosted->engine();
    time_keeper_->Watch(hosted->module(),
                        [this, &engine](std::uint32_t partition) { return LastPosition(engine, partition); });
  }
  for (const auto& hosted : hosted_) {
    hosted->Connect(context(), [&](const std::string& source) { return FeedOf(source, *hosted); });
    const std::vector<Consumer*> consumers = hosted->consumers();
    for (const Consumer* const consumer : consumers) time_keeper_->Watch(*consumer);
    event_logs_.Add(hosted->engine(), {consumers.begin(), consumers.end()},
                    PublicationsOf(hosted->service()));
    dead_letters_.Add(hosted->service(), consumers);
    if (kafka_ == nullptr || options_.rebuild) continue;
    if (Status published = loop_.Wait(kafka_->Publish(hosted->engine())); !published.ok()) {
      return Status(published.code(), hosted->service() + ": " + std::string(published.message()));
    }
  }
  return OkStatus();
}

std::unique_ptr<FeedSource> Host::FeedOf(const std::string& source, HostedModule& reader) {
  if (kafka_ != nullptr && kafka_->feeds()) return kafka_->FeedOf(source);
  return std::make_unique<LocalFeedSource>(source, reader.service(), reader.channels().To(source));
}

EventLogService::Publications Host::PublicationsOf(std::string service) const {
  if (kafka_ == nullptr) return nullptr;
  return [link = kafka_.get(), service = std::move(service)](std::uint32_t partition) {
    return link->PublicationsOf(service, partition);
  };
}

void Host::ConnectClocks() {
  for (const std::string& service : AllServices()) {
    const bool is_here = std::any_of(hosted_.begin(), hosted_.end(),
                                     [&](const auto& hosted) { return hosted->service() == service; });
    if (!is_here) store_clock_->AddPeer(service, hosted_.front()->channels().To(service));
  }
}

std::optional<std::uint64_t> Host::LastPosition(Engine& source, std::uint32_t partition) const {
  if (kafka_ == nullptr || !kafka_->feeds()) return source.partition(partition).head();
  return kafka_->SettledPosition(source.options().service, partition);
}

Status Host::Serve() {
  if (const std::string listen = settings().GetString("metrics.listen"); !listen.empty()) {
    StatusOr<std::unique_ptr<telemetry::MetricsServer>> metrics =
        telemetry::MetricsServer::Start(telemetry::ProcessMetrics(), listen);
    if (!metrics.ok()) return Unavailable("%s (setting metrics.listen)", metrics.status().message());
    metrics_server_ = *std::move(metrics);
  }
  StatusOr<std::unique_ptr<rpc::GrpcServer>> server =
      rpc::GrpcServer::Start(router_, loop_, {.address = options_.listen, .observer = ObserveCall});
  if (!server.ok()) {
    return Unavailable("%s (--listen HOST:PORT)", server.status().message());
  }
  server_ = *std::move(server);
  SetServing(true);
  for (const auto& hosted : hosted_) {
    hosted->engine().StartEffects();
    hosted->StartConsumers();
  }
  if (kafka_ != nullptr) kafka_->Start();
  for (const auto& hosted : hosted_) hosted->module().Started();
  PrintBanner();
  std::thread signals([this] { WaitForSignal(); });
  CheckHealth();
  loop_.Run();
  if (failure_.ok()) failure_ = Health();  // What broke while calls were drained.
  if (!failure_.ok()) {
    signals.detach();  // Waits for signals to the end.
    return failure_;
  }
  signals.join();
  server_.reset();
  return OkStatus();
}

void Host::SetServing(bool serving) {
  server_->health().SetServing("", serving);
  for (const auto& [path, route] : router_.routes()) {
    server_->health().SetServing(std::string_view(path).substr(1, path.rfind('/') - 1), serving);
  }
}

Status Host::Health() const {
  for (const auto& hosted : hosted_) RETURN_IF_ERROR(hosted->Health());
  RETURN_IF_ERROR(time_keeper_->health());
  return kafka_ == nullptr ? OkStatus() : kafka_->Health();
}

void Host::CheckHealth() {
  if (failure_ = Health(); !failure_.ok()) {
    stopping_ = true;  // A signal that comes now has nothing left to do.
    SetServing(false);
    loop_.PostAt(loop_.Now() + kLastWords, [this] { loop_.Stop(); });
    return;
  }
  for (const auto& hosted : hosted_) hosted->Measure(clock_->Now());
  if (kafka_ != nullptr) kafka_->Measure();
  if (!stopping_) loop_.PostAt(loop_.Now() + kHealthCheckEvery, [this] { CheckHealth(); });
}

void Host::WaitForSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  int signal = 0;
  sigwait(&set, &signal);
  loop_.Post([this] { Detach(Stop()); });
}

Task<> Host::Stop() {
  if (stopping_) co_return;
  stopping_ = true;
  telemetry::Log(telemetry::Level::kInfo, "stopping", {{"program", program_}});
  const absl::Duration grace = settings().GetDuration("server.drain_grace");
  const absl::Time deadline = loop_.Now() + grace;
  for (const auto& hosted : hosted_) hosted->StopConsumers();
  co_await server_->Shutdown(grace);
  for (const auto& hosted : hosted_) hosted->engine().Stop();
  if (kafka_ != nullptr) kafka_->Stop();
  const auto drained = [this] {
    for (const auto& hosted : hosted_) {
      if (!hosted->Drained()) return false;
    }
    return kafka_ == nullptr || kafka_->Drained();
  };
  while (!drained() && loop_.Now() < deadline) co_await Sleep(loop_, absl::Milliseconds(5));
  if (const std::uint64_t lag = kafka_ == nullptr ? 0 : kafka_->lag(); lag > 0) {
    telemetry::Log(telemetry::Level::kWarning, "not everything is published; the next start goes on with it",
                   {{"log_entries", std::to_string(lag)}});
  }
  loop_.Stop();
}

void Host::PrintBanner() const {
  std::string names;
  for (const auto& hosted : hosted_) names += (names.empty() ? "" : ", ") + hosted->service();
  const std::string time = absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", clock_->Now(), absl::UTCTimeZone());
  const std::string host = options_.listen.substr(0, options_.listen.rfind(':'));
  std::printf(
      "%s %s\n"
      "  services  %s\n"
      "  address   %s:%d   (gRPC, reflection, health; development mode: this machine only)\n"
      "  data      %s\n"
      "  clock     %s, %s\n"
      "ready\n",
      program_.c_str(), SOUK_VERSION, names.c_str(), host.c_str(), server_->port(), options_.data_dir.c_str(),
      options_.manual_clock ? "manual" : "system", time.c_str());
  std::fflush(stdout);
}

// Whoever calls us can make it complain, as of text that is not UTF-8: not an operator's trouble,
// and not in the form of our lines.
void LogOfProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  telemetry::Log(telemetry::Level::kDebug, "protobuf complains", {{"message", message}});
}

int Fail(const Status& status, int code) {
  std::fprintf(stderr, "error: %s\n", std::string(status.message()).c_str());
  return code;
}

}  // namespace

int RunHost(std::string_view program, int argc, char** argv, std::vector<ModuleFactory> modules) {
  // Blocked in every thread, so that the one that waits for them gets them.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // Its troubles come back as statuses.

  StatusOr<std::optional<HostOptions>> options = ReadHostOptions(program, argc, argv, modules);
  if (!options.ok()) return Fail(options.status(), 2);
  if (!options->has_value()) return 0;
  if ((*options)->print_config) {
    std::fputs((*options)->settings->Describe().c_str(), stdout);
    return 0;
  }
  const bool rebuild = (*options)->rebuild;
  telemetry::ConfigureLog((*options)->settings->GetString("log.level"),
                          (*options)->settings->GetString("log.format"));
  google::protobuf::SetLogHandler(LogOfProtobuf);
  Host host(std::string(program), **std::move(options), std::move(modules));
  if (const Status opened = host.Open(); !opened.ok()) std::_Exit(Fail(opened, 1));
  if (rebuild) {
    std::puts("rebuilt");
    return 0;
  }
  if (const Status served = host.Serve(); !served.ok()) std::_Exit(Fail(served, 1));
  return 0;
}

}  // namespace souk
