#include "Value.hpp"

#include <cmath>
#include <limits>

namespace millrace {

bool Reader::check_escapes(const uint32_t *token) noexcept {
  return document.unescape(document.buffer.get() + *token, strings) != nullptr || allows_escapes(token);
}

bool Reader::allows_escapes(const uint32_t *token) noexcept {
  for (const uint8_t *text = document.buffer.get() + *token + 1; *text != '"'; text++) {
    if (*text != '\\') { continue; }
    text++;
    if (*text == 'u') {
      for (int digit = 0; digit < 4; digit++) {
        const uint8_t byte = *++text;
        const uint8_t letter = byte | 0x20;
        if (!((byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'f'))) { return fail(MR_INVALID_ESCAPE, token); }
      }
    } else if (std::strchr("\"\\/bfnrt", *text) == nullptr || *text == 0) {
      return fail(MR_INVALID_ESCAPE, token);
    }
  }
  return true;
}

bool Reader::unescape(const uint32_t *token, cel_field &field) noexcept {
  uint8_t *const end = document.unescape(document.buffer.get() + *token, strings);
  if (end == nullptr) {
    field.kind = CEL_UNREADABLE;
    return allows_escapes(token);
  }
  field.text = strings;
  field.text_length = size_t(end - strings);
  strings = end;
  return true;
}

namespace {

cel_kind kind_of(const uint8_t *text) {
  switch (*text) {
    case '"': return CEL_STRING;
    case '{': return CEL_MAP;
    case '[': return CEL_LIST;
    case 't': return CEL_TRUE;
    case 'f': return CEL_FALSE;
    default: return CEL_NULL;
  }
}

template <typename Element>
bool read_vector(Reader &reader, const uint32_t *&token, mr_vector &vector, const VectorTarget &target) noexcept {
  const uint8_t *const bytes = reader.document.buffer.get();
  auto *const elements = reinterpret_cast<Element *>(target.elements.get());
  const size_t length = vector.length;
  vector.state = MR_VECTOR_READ;
  vector.count = 0;
  const uint32_t *next = token + 1;
  if (bytes[*next] == ']') {
    token = next + 1;
    return true;
  }
  for (size_t count = 0;; count++) {
    const uint8_t *const text = bytes + *next;
    Number number;
    if (is_number_start(*text)) {
      number = parse_number(text);
      if (number.kind == CEL_ABSENT && !reader.allows_number(next)) { return false; }
    } else if (*text == 'n' && target.accepts_null && is_literal(text)) {
      number.kind = CEL_DOUBLE;
      std::memcpy(&number.bits, &target.null_value, 8);
    } else {
      // No number, so no vector; whether it is JSON at all is for the ordinary way to find out.
      vector.count = count;
      if (vector.state == MR_VECTOR_READ) {
        vector.state = MR_VECTOR_ELEMENT;
        vector.fault_index = count;
        vector.fault_kind = kind_of(text);
      }
      return false;
    }
    if (count < length && (number.kind == CEL_ABSENT || !store_element(number, elements[count])) && vector.state == MR_VECTOR_READ) {
      vector.state = MR_VECTOR_RANGE;
      vector.fault_index = count;
    }
    const uint8_t behind = bytes[next[1]];
    if (behind == ',') {
      next += 2;
    } else if (behind == ']') {
      vector.count = count + 1;
      token = next + 2;
      return true;
    } else {
      return reader.fail(MR_EXPECTED_COMMA_OR_BRACKET, next + 1);
    }
  }
}

}  // namespace

bool Reader::read_vectors(const uint32_t *&token, mr_plan &plan, const Node &node) noexcept {
  bool read = true;
  const uint32_t *behind = token;
  for (int32_t number = node.vector; number >= 0; number = plan.targets[size_t(number)].next) {
    behind = token;
    mr_vector &vector = plan.vectors[size_t(number)];
    const VectorTarget &target = plan.targets[size_t(number)];
    bool complete = false;
    switch (target.element) {
      case MR_FLOAT32: complete = read_vector<float>(*this, behind, vector, target); break;
      case MR_FLOAT64: complete = read_vector<double>(*this, behind, vector, target); break;
      case MR_INT32: complete = read_vector<int32_t>(*this, behind, vector, target); break;
      case MR_INT64: complete = read_vector<int64_t>(*this, behind, vector, target); break;
    }
    if (failure.reason != MR_VALID) { return false; }
    read = read && complete;
  }
  token = behind;
  return read;
}

}  // namespace millrace
