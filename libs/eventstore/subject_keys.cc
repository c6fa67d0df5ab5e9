#include "libs/eventstore/subject_keys.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <utility>

#include "libs/base/check.h"
#include "libs/base/hash.h"

namespace souk {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// AES-256-GCM of this thread in one direction. Made once: to look the algorithm up and to
// allocate costs several times as much as to open an address.
class Cipher {
 public:
  explicit Cipher(bool encrypt) : context_(EVP_CIPHER_CTX_new()) {
    const int direction = encrypt ? 1 : 0;
    const int ok = EVP_CipherInit_ex(context_, EVP_aes_256_gcm(), nullptr, nullptr, nullptr, direction);
    SOUK_CHECK(ok == 1, "OpenSSL knows AES-256-GCM");
  }
  ~Cipher() { EVP_CIPHER_CTX_free(context_); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  EVP_CIPHER_CTX* get() const { return context_; }

 private:
  EVP_CIPHER_CTX* const context_;
};

// nonce || ciphertext || tag.
std::string Encrypt(std::string_view key, std::string nonce, std::string_view plaintext) {
  thread_local const Cipher cipher(/*encrypt=*/true);
  std::string text(plaintext.size(), '\0'), tag(kTagSize, '\0');
  int size = 0;
  const bool ok = EVP_EncryptInit_ex(cipher.get(), nullptr, nullptr, Bytes(key), Bytes(nonce)) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), Bytes(text), &size, Bytes(plaintext),
                                    static_cast<int>(plaintext.size())) == 1 &&
                  EVP_EncryptFinal_ex(cipher.get(), nullptr, &size) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, tag.data()) == 1;
  SOUK_CHECK(ok, "AES-256-GCM failed");
  return nonce + text + tag;
}

StatusOr<std::string> Decrypt(std::string_view key, std::string_view sealed) {
  if (sealed.size() < kNonceSize + kTagSize) return DataLoss("sealed text is too short");
  const std::string_view nonce = sealed.substr(0, kNonceSize);
  const std::string_view text = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  thread_local const Cipher cipher(/*encrypt=*/false);
  std::string plaintext(text.size(), '\0');
  int size = 0;
  const bool ok = EVP_DecryptInit_ex(cipher.get(), nullptr, nullptr, Bytes(key), Bytes(nonce)) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), Bytes(plaintext), &size, Bytes(text),
                                    static_cast<int>(text.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
                  EVP_DecryptFinal_ex(cipher.get(), nullptr, &size) == 1;
  if (!ok) return DataLoss("sealed text does not open with its key: wrong key, or changed bytes");
  return plaintext;
}

std::string SystemRandom(std::size_t size) {
  std::string bytes(size, '\0');
  SOUK_CHECK(RAND_bytes(Bytes(bytes), static_cast<int>(size)) == 1, "the system has no random source");
  return bytes;
}

}  // namespace

SubjectKeys::SubjectKeys(Store& store, std::string master_key, RandomBytes random_bytes)
    : store_(store),
      notes_(store),
      master_key_(std::move(master_key)),
      random_bytes_(random_bytes == nullptr ? SystemRandom : std::move(random_bytes)) {
  SOUK_CHECK(master_key_.size() == kKeySize, "the master key must have 32 bytes");
}

StatusOr<std::string> SubjectKeys::Find(std::string_view subject) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, store_.Get(ColumnFamily::kKeys, subject));
  if (!wrapped.has_value()) {
    return WithReason(NotFound("no key for this subject: it was erased, or never existed"), "SUBJECT_ERASED");
  }
  return Decrypt(master_key_, *wrapped);
}

// Whoever needs it meanwhile must take the same key, and wait for a write of her own: a
// second key would make what the first one sealed unreadable.
Task<StatusOr<std::string>> SubjectKeys::Make(std::string subject) {
  Fresh& fresh = fresh_[subject];
  if (fresh.writers++ == 0) fresh.key = random_bytes_(kKeySize);
  std::string key = fresh.key;
  Batch batch;
  batch.Put(ColumnFamily::kKeys, subject, Encrypt(master_key_, random_bytes_(kNonceSize), key));
  const Status noted = notes_new_keys_ ? notes_.Add(subject, batch) : OkStatus();
  const Status stored = noted.ok() ? co_await store_.Write(std::move(batch), Durability::kSynced) : noted;
  const auto it = fresh_.find(subject);  // Not there, or another, when it was erased meanwhile.
  if (it != fresh_.end() && it->second.key == key && --it->second.writers == 0) fresh_.erase(it);
  // After an error nobody knows what is on the disk: the caller has to ask again.
  if (!stored.ok()) co_return Unavailable("a key of personal data was not stored: %s", stored.message());
  co_return key;
}

Task<StatusOr<type::v1::Sealed>> SubjectKeys::Seal(std::string subject, std::string plaintext,
                                                   std::string nonce_seed) {
  StatusOr<std::string> key = Find(subject);
  if (absl::IsNotFound(key.status())) {
    key = co_await Make(subject);
  }
  if (!key.ok()) co_return key.status();
  // The nonce depends on seed and text, so that it never serves two texts.
  std::string nonce = Sha256(nonce_seed + '\0' + plaintext).substr(0, kNonceSize);
  type::v1::Sealed sealed;
  sealed.set_subject(subject);
  sealed.set_ciphertext(Encrypt(*key, std::move(nonce), plaintext));
  co_return sealed;
}

StatusOr<std::string> SubjectKeys::Open(const type::v1::Sealed& sealed) const {
  ASSIGN_OR_RETURN(const std::string key, Find(sealed.subject()));
  return Decrypt(key, sealed.ciphertext());
}

Task<Status> SubjectKeys::Erase(std::string subject) {
  fresh_.erase(subject);
  Batch batch;
  batch.Delete(ColumnFamily::kKeys, subject);
  co_await Try(notes_.Add(subject, batch));
  co_return co_await store_.Write(std::move(batch), Durability::kSynced);
}

}  // namespace souk
