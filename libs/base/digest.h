// Digests of OpenSSL, without looking the algorithm up and allocating for each: that costs
// more than to hash a few hundred bytes.
#pragma once

#include <openssl/evp.h>

#include <string_view>

#include "libs/base/check.h"

namespace souk {

// `digest` has room for what `algorithm` makes. One `algorithm` per type: it is a function
// such as EVP_sha256.
template <const EVP_MD* (*algorithm)()>
void Digest(std::string_view bytes, unsigned char* digest) {
  struct Context {
    // Fetched once: the function gives a name that OpenSSL would look up every time.
    EVP_MD* const type = EVP_MD_fetch(nullptr, EVP_MD_get0_name(algorithm()), nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    ~Context() {
      EVP_MD_CTX_free(context);
      EVP_MD_free(type);
    }
  };
  thread_local Context mine;
  const bool ok = EVP_DigestInit_ex2(mine.context, mine.type, nullptr) == 1 &&
                  EVP_DigestUpdate(mine.context, bytes.data(), bytes.size()) == 1 &&
                  EVP_DigestFinal_ex(mine.context, digest, nullptr) == 1;
  SOUK_CHECK(ok, "OpenSSL can digest");
}

}  // namespace souk
