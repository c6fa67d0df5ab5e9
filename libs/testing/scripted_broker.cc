#include "libs/testing/scripted_broker.h"

#include <algorithm>

namespace souk::testing {
namespace {

class ScriptedWriter final : public kafka::TopicWriter {
 public:
  ScriptedWriter(const ScriptedBroker& script, std::unique_ptr<kafka::TopicWriter> writer)
      : script_(script), writer_(std::move(writer)) {}

  Task<Status> Fence() override { return writer_->Fence(); }
  Task<StatusOr<std::string>> ReadNote() override { return writer_->ReadNote(); }
  Task<Status> WriteNote(std::string note) override { return writer_->WriteNote(std::move(note)); }
  Task<Status> Send(std::vector<kafka::Record> records) override {
    return script_.on_send ? script_.on_send(writer_, std::move(records)) : writer_->Send(std::move(records));
  }
  Task<Status> Commit() override {
    return script_.on_commit ? script_.on_commit(writer_) : writer_->Commit();
  }
  Task<Status> Abort() override { return writer_->Abort(); }
  Task<StatusOr<std::int64_t>> End() override { return writer_->End(); }

 private:
  const ScriptedBroker& script_;
  const ScriptedBroker::Writer writer_;
};

}  // namespace

std::unique_ptr<kafka::TopicWriter> ScriptedBroker::NewWriter(kafka::WriterOptions options) {
  ++writers_made_;
  static int all_writers = 0;  // Of other scripted brokers too: all are on one thread.
  if (without_ == Without::kFence) options.transactional_id += "-" + std::to_string(++all_writers);
  return std::make_unique<ScriptedWriter>(*this, broker_.NewWriter(std::move(options)));
}

Task<StatusOr<kafka::OffsetRange>> ScriptedBroker::OffsetsOf(ScriptedBroker* self, kafka::TopicPartition of) {
  kafka::OffsetRange range = co_await Try(self->broker_.Offsets(std::move(of)));
  if (self->without_ == Without::kReadBack) range.begin = range.end = std::max<std::int64_t>(range.end, 1);
  co_return range;
}

}  // namespace souk::testing
