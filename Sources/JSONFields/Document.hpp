// A payload in a padded buffer, and the positions of its tokens.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>

#include "JSONFields.h"
#include "simdjson.h"

// The front end that every target of the build can run: what it is used for here, literals and single numbers, gains nothing from vectors.
// Finding the tokens and unescaping strings do, and go through the library's run-time dispatch.
namespace portable = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION;

namespace millrace {

struct Node;

/// A container that the walk is in.
struct Frame {
  Node *node;         // of the plan's tree; nullptr: nothing below is wanted
  int32_t *expected;  // object of a node: where the number of the key that comes next is noted, or guessed
  size_t element;     // array: the index of the element that comes next
  uint32_t index;     // array: the first of the wanted indices that has not come yet
  bool is_array;
  bool whole;  // everything below has to be valid, wanted or not
};

inline bool is_space(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

}  // namespace millrace

struct mr_document {
  std::unique_ptr<uint8_t[]> buffer;
  size_t length = 0;
  size_t capacity = 0;
  uint32_t small_in_a_row = 0;  // payloads that a much smaller buffer would have held
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  // Where the tokens begin, and behind them three times the length, where a space stands: a walk that runs on meets no token there.
  uint32_t *tokens = nullptr;
  uint32_t token_count = 0;
  bool has_escapes = false;  // without any, no string needs a second look
  std::unique_ptr<uint8_t[]> strings;  // unescaped ones, back to back
  size_t strings_capacity = 0;
  millrace::Frame frames[MR_MAXIMUM_DEPTH];

  bool load(const uint8_t *payload, size_t payload_length, mr_failure &failure) noexcept;
  /// Room for every string of the document unescaped, and what unescaping writes beyond.
  bool reserve_strings() noexcept;
  /// Unescapes the string whose opening quote stands at `quote`; nullptr if an escape is invalid, else the end of what was written.
  uint8_t *unescape(const uint8_t *quote, uint8_t *destination) const noexcept;
  bool has_byte_order_mark() const noexcept { return length >= 3 && std::memcmp(buffer.get(), "\xEF\xBB\xBF", 3) == 0; }

 private:
  bool reserve(size_t wanted) noexcept;
  mr_failure locate(simdjson::error_code error) const noexcept;
};
