#include "Number.hpp"

#include <charconv>

namespace millrace {

namespace {

/// What simdjson's parser calls. It hands a copy into its slowest path, hence the reference.
struct Writer {
  Number &number;
  void append_s64(int64_t value) { number = {uint64_t(value), CEL_INT}; }
  void append_u64(uint64_t value) { number = {value, CEL_UINT}; }
  void append_double(double value) {
    number.kind = CEL_DOUBLE;
    std::memcpy(&number.bits, &value, 8);
  }
  void skip_double() {}
};

}  // namespace

Number parse_any_number(const uint8_t *text) noexcept {
  Number number{0, CEL_ABSENT};
  Writer writer{number};
  return portable::numberparsing::parse_number(text, writer) == simdjson::SUCCESS ? number : Number{0, CEL_ABSENT};
}

bool is_beyond_range(const uint8_t *text) noexcept {
  const auto skip_digits = [&text] {
    const uint8_t *const first = text;
    while (*text >= '0' && *text <= '9') { text++; }
    return text > first;
  };
  text += *text == '-';
  const bool leading_zero = *text == '0' && text[1] >= '0' && text[1] <= '9';
  if (leading_zero || !skip_digits()) { return false; }
  if (*text == '.' && (text++, !skip_digits())) { return false; }
  if (*text == 'e' || *text == 'E') {
    text++;
    text += *text == '+' || *text == '-';
    if (!skip_digits()) { return false; }
  }
  return !portable::jsoncharutils::is_not_structural_or_whitespace(*text);
}

}  // namespace millrace

extern "C" {

size_t mr_format_float(float value, char *text) { return size_t(std::to_chars(text, text + 32, value).ptr - text); }

size_t mr_format_double(double value, char *text) { return size_t(std::to_chars(text, text + 32, value).ptr - text); }

}  // extern "C"
