#include "Number.hpp"

#include <charconv>
#include <cmath>

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
  if (portable::numberparsing::parse_number(text, writer) != simdjson::SUCCESS) { return {0, CEL_ABSENT}; }
  return number.kind == CEL_DOUBLE ? parse_whole_number(text, number) : number;
}

Number parse_whole_number(const uint8_t *text, Number number) noexcept {
  // Below, a double tells a whole number as well as its digits do.
  const double magnitude = std::fabs(number.as_double());
  if (!(magnitude >= 0x1p53 && magnitude < 0x1.1p64)) { return number; }
  const bool negative = *text == '-';
  text += negative;
  uint64_t value = 0;
  int64_t zeros = 0;     // at the end of the digits so far
  int64_t decimals = 0;  // digits behind the point
  for (bool behind_point = false;; text++) {
    if (*text == '.') {
      behind_point = true;
      continue;
    }
    const uint64_t digit = uint64_t(*text) - '0';
    if (digit > 9) { break; }
    decimals += behind_point;
    zeros += value != 0;
    if (digit == 0) { continue; }
    for (; zeros > 0; zeros--) {
      if (__builtin_mul_overflow(value, uint64_t(10), &value)) { return number; }
    }
    if (__builtin_add_overflow(value, digit, &value)) { return number; }
  }
  int64_t exponent = 0;
  if (*text == 'e' || *text == 'E') {
    const bool below_one = text[1] == '-';
    text += below_one || text[1] == '+' ? 2 : 1;
    for (; *text >= '0' && *text <= '9'; text++) {
      if (exponent < int64_t(1) << 40) { exponent = exponent * 10 + (*text - '0'); }
    }
    if (below_one) { exponent = -exponent; }
  }
  int64_t scale = exponent - decimals + zeros;
  if (scale < 0) { return number; }
  for (; scale > 0; scale--) {
    if (__builtin_mul_overflow(value, uint64_t(10), &value)) { return number; }
  }
  if (negative) { return value <= uint64_t(1) << 63 ? Number{-value, CEL_INT} : number; }
  return {value, value >> 63 == 0 ? CEL_INT : CEL_UINT};
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
