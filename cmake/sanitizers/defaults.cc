// How programs of the sanitizer presets behave unless UBSAN_OPTIONS and others say otherwise.
// Linked into every one of them, so that it is the same under ctest, in a shell, and for the
// processes that tests start.
//
// A suppression is for what is not ours, as narrow as it can be, and says why.
extern "C" {

const char* __lsan_default_suppressions();
const char* __ubsan_default_options();
const char* __tsan_default_suppressions();

// By itself UBSan only prints, and the test passes.
const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }

// RocksDB forgets the memtable that it was about to switch to when the file system fails just
// then, as it does at some of our crash points.
const char* __lsan_default_suppressions() { return "leak:rocksdb::DBImpl::SwitchMemtable\n"; }

// Debian builds its libraries without TSan, which therefore sees what they have the C library
// do with memory (copy, send, free), but not the locks and atomics by which they hand it from
// thread to thread. What these libraries do is left out; everything that our own code does is
// checked, also with memory that it shares with them.
const char* __tsan_default_suppressions() {
  return
      // gRPC: locks are absl::Mutex, made of atomics. Bytes of requests travel from its poller
      // and executor threads to our loop and back.
      "called_from_lib:libgrpc.so\n"
      "called_from_lib:libgrpc++.so\n"
      "called_from_lib:libgpr.so\n"
      // What gRPC uses for statuses and messages, which have no locks of their own.
      "called_from_lib:libabsl_status.so\n"
      "called_from_lib:libabsl_strings.so\n"
      "called_from_lib:libabsl_cord.so\n"
      "called_from_lib:libabsl_cord_internal.so\n"
      "called_from_lib:libabsl_time.so\n"
      "called_from_lib:libupb.so\n"
      "race:grpc::internal::CallOpClientRecvStatus::FinishOp\n"
      "race:grpc_event_engine::experimental::ThreadPool\n"
      // absl::Mutex itself, which remembers in what order it was locked.
      "called_from_lib:libabsl_graphcycles_internal.so\n"
      // RocksDB: readers follow a memtable without locks while the writer adds to it. (Not all of
      // the library: its other locks are the C library's, which TSan sees.)
      "race:rocksdb::MemTable::Add\n"
      // Its backups are copied by threads of its own, which answer through a std::future, of whose
      // inside TSan sees half. Named are those who ask for a backup.
      "race:souk::BackupFolder::AddStore\n"
      "race:libs/storage/store_backup_test.cc\n"
      // librdkafka: it counts references with atomics of its own. (TSan sees its locks, by
      // c11_threads.cc.)
      "called_from_lib:librdkafka.so\n";
}

}  // extern "C"
