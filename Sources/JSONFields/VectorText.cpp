// Vectors that come as text: numbers between commas, and base64.
#include <array>

#include "Value.hpp"

namespace millrace {

namespace {

constexpr size_t longest_number = 128;

template <typename Element>
bool read_csv(const uint8_t *text, size_t text_length, Element *elements, size_t length, size_t *count, bool *out_of_range) noexcept {
  const uint8_t *const end = text + text_length;
  std::array<uint8_t, longest_number + 32> padded;  // the text itself may end where memory does
  *count = 0;
  *out_of_range = false;
  while (text < end && is_space(*text)) { text++; }
  if (text == end) { return true; }
  for (;;) {
    const uint8_t *first = text;
    while (text < end && *text != ',') { text++; }
    const uint8_t *last = text;
    while (first < last && is_space(*first)) { first++; }
    while (first < last && is_space(last[-1])) { last--; }
    const size_t size = size_t(last - first);
    if (size == 0 || size > longest_number) { return false; }
    for (const uint8_t *byte = first; byte < last; byte++) {
      // These would end a number in JSON.
      if (!portable::jsoncharutils::is_not_structural_or_whitespace(*byte)) { return false; }
    }
    std::memcpy(padded.data(), first, size);
    std::memset(padded.data() + size, ' ', 32);
    const Number number = parse_number(padded.data());
    if (number.kind == CEL_ABSENT) {
      *out_of_range = is_beyond_range(padded.data());
      return false;
    }
    if (*count < length && !store_element(number, elements[*count])) {
      *out_of_range = true;
      return false;
    }
    ++*count;
    if (text == end) { return true; }
    text++;
  }
}

constexpr std::array<uint8_t, 256> make_base64_values() {
  std::array<uint8_t, 256> values{};
  for (auto &value : values) { value = 0xFF; }
  for (uint8_t i = 0; i < 26; i++) {
    values[size_t('A' + i)] = i;
    values[size_t('a' + i)] = uint8_t(26 + i);
  }
  for (uint8_t i = 0; i < 10; i++) { values[size_t('0' + i)] = uint8_t(52 + i); }
  values['+'] = values['-'] = 62;
  values['/'] = values['_'] = 63;
  return values;
}

constexpr auto base64_values = make_base64_values();

}  // namespace

}  // namespace millrace

extern "C" {

bool mr_read_csv(
  const uint8_t *text, size_t text_length, mr_element element, void *elements, size_t length, size_t *count, bool *out_of_range) {
  using millrace::read_csv;
  switch (element) {
    case MR_FLOAT32: return read_csv(text, text_length, static_cast<float *>(elements), length, count, out_of_range);
    case MR_FLOAT64: return read_csv(text, text_length, static_cast<double *>(elements), length, count, out_of_range);
    case MR_INT32: return read_csv(text, text_length, static_cast<int32_t *>(elements), length, count, out_of_range);
    case MR_INT64: return read_csv(text, text_length, static_cast<int64_t *>(elements), length, count, out_of_range);
  }
  return false;
}

bool mr_read_base64(const uint8_t *text, size_t text_length, uint8_t *bytes, size_t capacity, size_t *count) {
  const auto &values = millrace::base64_values;
  size_t padding = 0;
  while (padding < 2 && text_length > 0 && text[text_length - 1] == '=') {
    text_length--;
    padding++;
  }
  const size_t rest = text_length % 4;
  *count = text_length / 4 * 3 + (rest == 0 ? 0 : rest - 1);
  if (rest == 1 || (padding > 0 && (text_length + padding) % 4 != 0)) { return false; }

  size_t written = 0;
  for (size_t at = 0; at < text_length; at += 4) {
    uint8_t sextets[4] = {0, 0, 0, 0};
    uint8_t invalid = 0;
    const size_t size = text_length - at < 4 ? text_length - at : 4;
    for (size_t i = 0; i < size; i++) {
      sextets[i] = values[text[at + i]];
      invalid |= sextets[i];
    }
    if (invalid > 63) { return false; }
    const uint32_t group = uint32_t(sextets[0]) << 18 | uint32_t(sextets[1]) << 12 | uint32_t(sextets[2]) << 6 | sextets[3];
    for (size_t i = 0; i + 1 < size; i++, written++) {
      if (written < capacity) { bytes[written] = uint8_t(group >> (16 - 8 * i)); }
    }
  }
  return true;
}

}  // extern "C"
