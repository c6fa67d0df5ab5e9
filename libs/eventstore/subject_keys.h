// Keys of personal data. What an event must not say in the clear (names, addresses, mail
// addresses) is sealed with a key of the person it is about. The log keeps it for ever;
// destroying the key makes it unreadable in every log, snapshot and backup at once.
//
// Keys are random, wrapped by the process's master key, and kept in the column family
// `keys`, never in the log. Who copies them is told of changes: see key_changes.h.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventstore/key_changes.h"
#include "libs/storage/store.h"
#include "souk/type/v1/sealed.pb.h"

namespace souk {

class SubjectKeys {
 public:
  // So many bytes that nobody can foretell.
  using RandomBytes = std::function<std::string(std::size_t)>;

  // `master_key` has 32 bytes. `store` must outlive the object. Not thread-safe. By
  // default bytes come from the system; only a simulation takes others.
  SubjectKeys(Store& store, std::string master_key, RandomBytes random_bytes = nullptr);
  // From now on notes which keys are made. Which are destroyed is always noted.
  void NoteNewKeys() { notes_new_keys_ = true; }

  // Encrypts with AES-256-GCM. Makes a key for a new subject, and returns when that is
  // durable. `nonce_seed` is unique for what is sealed, such as the request id and a
  // field's name: the same seed, subject and text give the same bytes, so that a repeated
  // request is the same event.
  Task<StatusOr<type::v1::Sealed>> Seal(std::string subject, std::string plaintext, std::string nonce_seed);

  // The plaintext. NOT_FOUND SUBJECT_ERASED when the key is gone, DATA_LOSS when the bytes
  // were changed.
  StatusOr<std::string> Open(const type::v1::Sealed& sealed) const;

  // Destroys the key of `subject`; done when that is durable.
  Task<Status> Erase(std::string subject);

 private:
  // A key that is being stored, by so many at once.
  struct Fresh {
    std::string key;
    int writers = 0;
  };

  StatusOr<std::string> Find(std::string_view subject) const;
  // The key of a subject that has none, once it is durable.
  Task<StatusOr<std::string>> Make(std::string subject);

  Store& store_;
  KeyChangeNotes notes_;
  bool notes_new_keys_ = false;
  std::map<std::string, Fresh> fresh_;  // By subject.
  const std::string master_key_;
  const RandomBytes random_bytes_;
};

}  // namespace souk
