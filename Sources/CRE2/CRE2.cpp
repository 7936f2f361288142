#include "CRE2.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <re2/re2.h>

struct mr_re2 {
  RE2 expression;

  mr_re2(re2::StringPiece pattern, const RE2::Options &options) : expression(pattern, options) {}
};

static re2::StringPiece piece(const uint8_t *text, size_t length) {
  return re2::StringPiece(reinterpret_cast<const char *>(text), length);
}

mr_re2 *mr_re2_new(const uint8_t *pattern, size_t length, char *error, size_t error_capacity) {
  RE2::Options options;
  options.set_log_errors(false);
  std::unique_ptr<mr_re2> made(new (std::nothrow) mr_re2(piece(pattern, length), options));
  const char *why = "out of memory";
  if (made) {
    if (made->expression.ok()) return made.release();
    why = made->expression.error().c_str();
  }
  if (error_capacity > 0) {
    const size_t count = std::min(std::strlen(why), error_capacity - 1);
    std::memcpy(error, why, count);
    error[count] = 0;
  }
  return nullptr;
}

void mr_re2_free(mr_re2 *expression) { delete expression; }

size_t mr_re2_size(const mr_re2 *expression) { return static_cast<size_t>(expression->expression.ProgramSize()); }

bool mr_re2_matches(const mr_re2 *expression, const uint8_t *text, size_t length) {
  return RE2::PartialMatch(piece(text, length), expression->expression);
}

const uint8_t *mr_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length) {
  return static_cast<const uint8_t *>(memmem(text, length, needle, needle_length));
}
