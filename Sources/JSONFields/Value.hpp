// Single values: literals, numbers and strings, with or without a field to put them into.
#pragma once

#include "Document.hpp"
#include "Number.hpp"
#include "Plan.hpp"

namespace millrace {

/// What reading a value takes from the walk that it belongs to.
struct Reader {
  mr_document &document;
  mr_failure &failure;
  uint8_t *strings;  // where the next unescaped string goes

  [[gnu::cold, gnu::noinline]] bool fail(mr_reason reason, const uint32_t *token) noexcept {
    const bool ended = token >= document.tokens + document.token_count && reason != MR_TRAILING_CONTENT;
    failure = {ended ? MR_TRUNCATED : *token == 0 && document.has_byte_order_mark() ? MR_BYTE_ORDER_MARK : reason, int64_t(*token)};
    return false;
  }
  /// What can't be read as a number may be one all the same, beyond what fits: only its reader is at fault then.
  [[gnu::cold, gnu::noinline]] bool allows_number(const uint32_t *token) noexcept {
    return is_beyond_range(document.buffer.get() + *token) || fail(MR_INVALID_NUMBER, token);
  }
  /// Likewise of a string that can't be unescaped: halves of surrogate pairs are allowed.
  [[gnu::cold, gnu::noinline]] bool allows_escapes(const uint32_t *token) noexcept;

  /// Reads the array at a token into a node's vectors. True moves behind it; false with no failure leaves it to the ordinary way.
  bool read_vectors(const uint32_t *&token, mr_plan &plan, const Node &node) noexcept;
  /// The escapes of the string at a token, which has some.
  bool check_escapes(const uint32_t *token) noexcept;
  /// Unescapes a string into the buffer that all strings share; what can't be is CEL_UNREADABLE.
  bool unescape(const uint32_t *token, cel_field &field) noexcept;
};

inline bool is_number_start(uint8_t byte) { return byte == '-' || uint8_t(byte - '0') <= 9; }

inline bool is_literal(const uint8_t *text) {
  switch (*text) {
    case 't': return portable::atomparsing::is_valid_true_atom(text);
    case 'f': return portable::atomparsing::is_valid_false_atom(text);
    default: return portable::atomparsing::is_valid_null_atom(text);
  }
}

[[gnu::always_inline]] inline bool has_escapes(const uint8_t *text, const uint8_t *end) {
  return std::memchr(text, '\\', size_t(end - text)) != nullptr;
}

/// The closing quote of the string that opens at a token.
[[gnu::always_inline]] inline const uint8_t *closing_quote(const uint8_t *bytes, const uint32_t *token) {
  // Between a string and the next token there is only white space, or stage 1 would have found a token there.
  const uint8_t *byte = bytes + token[1] - 1;
  while (*byte != '"') { byte--; }
  return byte;
}

/// The value at a token, which is no container, for nobody: it only has to be valid.
[[gnu::always_inline]] inline bool check_scalar(
  Reader &reader, const uint8_t *bytes, const uint32_t *token, bool document_has_escapes) noexcept {
  const uint8_t *const text = bytes + *token;
  if (*text == '"') {
    return !document_has_escapes || !has_escapes(text, closing_quote(bytes, token)) || reader.check_escapes(token);
  }
  if (is_number_start(*text)) { return parse_number(text).kind != CEL_ABSENT || reader.allows_number(token); }
  if (*text == 't' || *text == 'f' || *text == 'n') { return is_literal(text) || reader.fail(MR_INVALID_LITERAL, token); }
  return reader.fail(MR_INVALID_VALUE, token);
}

/// The value at a token, which is no container.
[[gnu::always_inline]] inline bool read_scalar(
  Reader &reader, const uint8_t *bytes, const uint32_t *token, bool document_has_escapes, cel_field &field) noexcept {
  const uint8_t *const text = bytes + *token;
  field.raw = text;
  if (is_number_start(*text)) {
    Number number = parse_number(text);
    if (__builtin_expect(number.kind == CEL_ABSENT, 0)) {
      if (!reader.allows_number(token)) { return false; }
      number.kind = CEL_UNREADABLE;
    }
    const uint8_t *end = bytes + token[1];
    while (is_space(end[-1])) { end--; }
    field.kind = number.kind;
    field.uinteger = number.bits;
    field.raw_length = size_t(end - text);
    return true;
  }
  switch (*text) {
    case '"': {
      const uint8_t *const end = closing_quote(bytes, token);
      field.kind = CEL_STRING;
      field.raw_length = size_t(end + 1 - text);
      field.text = text + 1;
      field.text_length = size_t(end - text - 1);
      return !document_has_escapes || !has_escapes(text, end) || reader.unescape(token, field);
    }
    case 't':
    case 'f':
    case 'n':
      field.kind = *text == 't' ? CEL_TRUE : *text == 'f' ? CEL_FALSE : CEL_NULL;
      field.raw_length = *text == 'f' ? 5 : 4;
      return is_literal(text) || reader.fail(MR_INVALID_LITERAL, token);
    default: return reader.fail(MR_INVALID_VALUE, token);
  }
}

}  // namespace millrace
