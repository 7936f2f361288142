#include "Document.hpp"

#include <new>

namespace {

constexpr size_t smallest_capacity = 4096;
// A single huge payload must not hold its memory for ever, and a stream of them must not allocate each time.
constexpr size_t kept_capacity = 256 * 1024;
constexpr uint32_t small_before_shrinking = 1000;

/// The first byte that is no part of well-formed UTF-8, or the length.
size_t first_invalid_utf8(const uint8_t *bytes, size_t length) {
  size_t at = 0;
  while (at < length) {
    const uint8_t lead = bytes[at];
    if (lead < 0x80) {
      at++;
      continue;
    }
    const size_t width = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (width == 0 || at + width > length) { return at; }
    for (size_t i = 1; i < width; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) { return at; }
    }
    const uint8_t second = bytes[at + 1];
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool beyond_unicode = lead == 0xF4 && second > 0x8F;
    if (overlong || surrogate || beyond_unicode) { return at; }
    at += width;
  }
  return length;
}

/// Walks over the quotes as stage 1 does; the first bare control character inside a string, and the quote of a string left open.
void find_string_faults(const uint8_t *bytes, size_t length, int64_t &control_character, int64_t &open_quote) {
  control_character = open_quote = -1;
  bool escaped = false;
  for (size_t at = 0; at < length; at++) {
    const uint8_t byte = bytes[at];
    if (byte < 0x20 && open_quote >= 0 && control_character < 0) { control_character = int64_t(at); }
    if (byte == '"' && !escaped) { open_quote = open_quote < 0 ? int64_t(at) : -1; }
    escaped = byte == '\\' && !escaped;
  }
}

/// Later releases of simdjson ask whether to replace lone surrogates: they stay errors.
template <typename Parser>
uint8_t *parse_string(const Parser &parser, const uint8_t *source, uint8_t *destination) {
  if constexpr (requires { parser.parse_string(source, destination, false); }) {
    return parser.parse_string(source, destination, false);
  } else {
    return parser.parse_string(source, destination);
  }
}

}  // namespace

bool mr_document::reserve(size_t wanted) noexcept {
  if (wanted <= capacity) {
    if (capacity <= kept_capacity || wanted > capacity / 4) {
      small_in_a_row = 0;
      return true;
    }
    if (++small_in_a_row < small_before_shrinking) { return true; }
  }
  size_t size = smallest_capacity;
  while (size < wanted) { size *= 2; }
  if (size > simdjson::SIMDJSON_MAXSIZE_BYTES) { size = simdjson::SIMDJSON_MAXSIZE_BYTES; }

  capacity = 0;
  small_in_a_row = 0;
  buffer.reset();
  strings.reset();
  strings_capacity = 0;
  buffer.reset(new (std::nothrow) uint8_t[size + simdjson::SIMDJSON_PADDING]);
  if (!buffer) { return false; }
  const auto error =
    parser ? parser->set_capacity(size)
           : simdjson::get_active_implementation()->create_dom_parser_implementation(size, MR_MAXIMUM_DEPTH, parser);
  if (error) { return false; }
  capacity = size;
  return true;
}

bool mr_document::reserve_strings() noexcept {
  if (strings_capacity >= capacity) { return true; }
  strings.reset(new (std::nothrow) uint8_t[capacity + simdjson::SIMDJSON_PADDING]);
  strings_capacity = strings ? capacity : 0;
  return bool(strings);
}

uint8_t *mr_document::unescape(const uint8_t *quote, uint8_t *destination) const noexcept {
  return parse_string(*parser, quote + 1, destination);
}

bool mr_document::load(const uint8_t *payload, size_t payload_length, mr_failure &failure) noexcept {
  token_count = 0;
  length = 0;
  if (payload_length == 0) {
    failure = {MR_EMPTY, -1};
    return false;
  }
  if (payload_length >= simdjson::SIMDJSON_MAXSIZE_BYTES) {
    failure = {MR_TOO_LONG, -1};
    return false;
  }
  if (!reserve(payload_length)) {
    failure = {MR_OUT_OF_MEMORY, -1};
    return false;
  }
  uint8_t *const bytes = buffer.get();
  std::memcpy(bytes, payload, payload_length);
  std::memset(bytes + payload_length, ' ', simdjson::SIMDJSON_PADDING);
  length = payload_length;

  if (const auto error = parser->stage1(bytes, length, simdjson::stage1_mode::regular)) {
    failure = locate(error);
    return false;
  }
  tokens = parser->structural_indexes.get();
  token_count = parser->n_structural_indexes;
  for (uint32_t i = 0; i < 3; i++) { tokens[token_count + i] = uint32_t(length); }

  has_escapes = std::memchr(bytes, '\\', length) != nullptr;
  if (has_escapes && !reserve_strings()) {
    failure = {MR_OUT_OF_MEMORY, -1};
    return false;
  }
  return true;
}

mr_failure mr_document::locate(simdjson::error_code error) const noexcept {
  const uint8_t *const bytes = buffer.get();
  if (has_byte_order_mark()) { return {MR_BYTE_ORDER_MARK, 0}; }
  const size_t invalid = first_invalid_utf8(bytes, length);
  if (invalid < length) { return {MR_INVALID_UTF8, int64_t(invalid)}; }
  int64_t control_character, open_quote;
  find_string_faults(bytes, length, control_character, open_quote);
  if (control_character >= 0) { return {MR_CONTROL_CHARACTER, control_character}; }
  if (open_quote >= 0) { return {MR_UNCLOSED_STRING, open_quote}; }
  switch (error) {
    case simdjson::EMPTY: return {MR_EMPTY, -1};
    case simdjson::MEMALLOC: return {MR_OUT_OF_MEMORY, -1};
    case simdjson::CAPACITY: return {MR_TOO_LONG, -1};
    default: return {MR_INVALID_VALUE, 0};
  }
}

extern "C" {

mr_document *mr_document_create(void) { return new (std::nothrow) mr_document(); }

void mr_document_destroy(mr_document *document) { delete document; }

bool mr_document_load(mr_document *document, const uint8_t *payload, size_t length, mr_failure *failure) {
  return document->load(payload, length, *failure);
}

bool mr_dom_accepts(const uint8_t *payload, size_t length) {
  static thread_local simdjson::dom::parser parser;
  // Not the parser's own copy of a short payload: its padding may lie in memory that a checker watches.
  return parser.parse(payload, length, true).error() == simdjson::SUCCESS;
}

}  // extern "C"
