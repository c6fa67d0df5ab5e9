#include "libs/module/hosted_module.h"

#include <cstdint>
#include <filesystem>
#include <utility>

#include "libs/messaging/cloud_event.h"
#include "libs/messaging/rows_publisher.h"
#include "libs/module/host_metrics.h"
#include "libs/module/host_options.h"
#include "libs/module/kafka_link.h"
#include "libs/module/master_key.h"

namespace souk {

Status HostedModule::OpenStore(const config::Settings& settings, const std::string& data_dir,
                               rpc::EventLoop& loop, const std::string& master_key) {
  const std::string folder = data_dir + "/" + service_;
  std::filesystem::create_directories(folder + "/files");
  ASSIGN_OR_RETURN(database_, RocksStore::Open(folder + "/store", {}));
  RETURN_IF_ERROR(BindMasterKey(*database_, master_key));
  store_ = database_.get();
  if (settings.GetBoolean("engine.write_threads") && !settings.GetBoolean("engine.writer_threads")) {
    write_thread_ = std::make_unique<WriteThread>(*database_, loop, [&loop] { return loop.Quiet(); });
    store_ = write_thread_.get();
  }
  subject_keys_ = std::make_unique<SubjectKeys>(*store_, master_key);
  if (!PublishesLog(settings)) {
    return loop.Wait(RowsPublisher::Forget(*store_, {.topic = RowsTopic(service_)}));
  }
  subject_keys_->NoteNewKeys();
  return OkStatus();
}

Status HostedModule::OpenModule(const HostedContext& context, ProcessChannels& channels,
                                const ModuleFactory& factory, bool rebuild) {
  const auto partitions = static_cast<std::uint32_t>(context.settings.GetInteger("engine.partitions"));
  std::function<Scheduler&(std::uint32_t)> writer_of;
  if (context.settings.GetBoolean("engine.writer_threads")) {
    for (std::uint32_t i = 0; i < partitions; ++i) writers_.push_back(std::make_unique<Strand>());
    writer_of = [this](std::uint32_t partition) -> Scheduler& { return *writers_[partition]; };
  }
  channels_ = std::make_unique<ServiceChannels>(channels, service_);
  ASSIGN_OR_RETURN(module_, factory.open({.service = service_,
                                          .engine_options = {.service = service_,
                                                             .partitions = partitions,
                                                             .new_incarnation = context.ids.NewId()},
                                          .scheduler = context.loop,
                                          .blocking = context.blocking,
                                          .clock = context.clock,
                                          .ids = context.ids,
                                          .store = *store_,
                                          .subject_keys = *subject_keys_,
                                          .channels = *channels_,
                                          .settings = context.settings,
                                          .data_dir = context.data_dir + "/" + service_ + "/files",
                                          .writer_of = std::move(writer_of)}));
  if (rebuild) RETURN_IF_ERROR(context.loop.Wait(engine().DropDerived()));
  if (Status started = context.loop.Wait(engine().Start()); !started.ok()) {
    return Status(started.code(), service_ + ": " + std::string(started.message()));
  }
  return OkStatus();
}

void HostedModule::Connect(
    const HostedContext& context,
    const std::function<std::unique_ptr<FeedSource>(const std::string& source)>& feed_of) {
  for (Subscription* const subscription : module_->subscriptions()) {
    consumers_.push_back(std::make_unique<Consumer>(*subscription, feed_of(subscription->source()),
                                                    context.loop, context.clock, *store_,
                                                    ConsumerOptionsFrom(context.settings)));
  }
}

void HostedModule::StartConsumers() {
  for (const auto& consumer : consumers_) consumer->Start();
}

void HostedModule::StopConsumers() {
  for (const auto& consumer : consumers_) consumer->Stop();
}

bool HostedModule::Drained() const {
  if (!module_->engine().Drained()) return false;
  for (const auto& consumer : consumers_) {
    if (!consumer->Drained()) return false;
  }
  return true;
}

Status HostedModule::Health() const {
  const Status health = module_->engine().Health();
  if (health.ok()) return health;
  return Status(health.code(), service_ + " has stopped: " + std::string(health.message()));
}

void HostedModule::Measure(absl::Time now) const {
  for (const auto& consumer : consumers_) MeasureConsumer(service_, *consumer, now);
  MeasureEngine(module_->engine());
}

std::vector<Consumer*> HostedModule::consumers() const {
  std::vector<Consumer*> consumers;
  for (const auto& consumer : consumers_) consumers.push_back(consumer.get());
  return consumers;
}

}  // namespace souk
