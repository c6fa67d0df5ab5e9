// SOUK_CHECK is for bugs: it stops the process, because going on with a broken
// invariant would store it. What the outside world can cause is a Status.
#pragma once

#include <cstdio>
#include <cstdlib>

#define SOUK_CHECK(condition, message)                                                     \
  if (!(condition)) {                                                                      \
    std::fprintf(stderr, "%s:%d: bug: %s: %s\n", __FILE__, __LINE__, #condition, message); \
    std::abort();                                                                          \
  }                                                                                        \
  static_assert(true)
