// Numbers: the common shapes without a branch per digit, all others through simdjson, which has the last word on what is valid.
#pragma once

#include "Document.hpp"

namespace millrace {

struct Number {
  uint64_t bits;  // of an int64_t, a uint64_t or a double
  cel_kind kind;   // CEL_INT, CEL_UINT or CEL_DOUBLE; CEL_ABSENT: no valid number

  double as_double() const {
    if (kind == CEL_INT) { return double(int64_t(bits)); }
    if (kind == CEL_UINT) { return double(bits); }
    double value;
    std::memcpy(&value, &bits, 8);
    return value;
  }
};

/// Reads any number at `text`, which is padded; white space or a structural character has to follow the number.
[[gnu::noinline]] Number parse_any_number(const uint8_t *text) noexcept;
/// The whole number at `text` exactly, if it is one and fits 64 bits; else `number`, which it was read as.
[[gnu::cold, gnu::noinline]] Number parse_whole_number(const uint8_t *text, Number number) noexcept;
/// Of text that can't be read as a number: whether JSON allows it, so that it is one but beyond what fits.
bool is_beyond_range(const uint8_t *text) noexcept;

constexpr double exact_powers_of_ten[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr uint64_t powers_of_ten[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

inline uint64_t load_eight(const uint8_t *text) {
  uint64_t bytes;
  std::memcpy(&bytes, text, 8);
  return bytes;
}

/// How many of the eight bytes are digits before the first that is none.
inline unsigned leading_digits(uint64_t bytes) {
  const uint64_t values = bytes ^ 0x3030303030303030u;
  // The top bit of each byte that is above 9. A carry out of one spoils only bytes behind it.
  const uint64_t others = ((values + 0x7676767676767676u) | values) & 0x8080808080808080u;
  return others == 0 ? 8 : unsigned(__builtin_ctzll(others)) / 8;
}

/// The number that the first `count` of eight digits make, 1 to 8.
inline uint64_t digits_value(uint64_t bytes, unsigned count) {
  uint64_t value = bytes << (64 - 8 * count);  // as if with leading zeros
  value = (value & 0x0F0F0F0F0F0F0F0Fu) * 2561 >> 8;
  value = (value & 0x00FF00FF00FF00FFu) * 6553601 >> 16;
  return (value & 0x0000FFFF0000FFFFu) * 42949672960001 >> 32;
}

/// As parse_any_number; inline and without calls for numbers with few digits before the point and no exponent.
[[gnu::always_inline]] inline Number parse_number(const uint8_t *text) noexcept {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first digit has to be the lowest byte");
  const bool negative = *text == '-';
  const uint8_t *const first = text + negative;
  uint64_t bytes = load_eight(first);
  const unsigned whole = leading_digits(bytes);
  if (__builtin_expect(whole == 0 || whole == 8 || (*first == '0' && whole > 1), 0)) { return parse_any_number(text); }

  if (first[whole] != '.') {
    if (__builtin_expect(portable::jsoncharutils::is_not_structural_or_whitespace(first[whole]) != 0, 0)) { return parse_any_number(text); }
    const uint64_t value = digits_value(bytes, whole);
    return {negative ? -value : value, CEL_INT};
  }

  uint64_t value;
  unsigned total;
  const uint64_t decimals = load_eight(first + whole + 1);
  if (leading_digits(decimals) < 8) {
    // The digits on both sides of the point make one number.
    const uint64_t before_point = (uint64_t(1) << (8 * whole)) - 1;
    bytes = (bytes & before_point) | (load_eight(first + 1) & ~before_point);
    total = leading_digits(bytes);
    value = digits_value(bytes, total);
    if (total == 8) {
      bytes = load_eight(first + 9);
      const unsigned count = leading_digits(bytes);
      if (count > 0) { value = value * powers_of_ten[count] + digits_value(bytes, count); }
      total += count;
    }
  } else {
    value = whole == 1 ? bytes & 0x0F : digits_value(bytes, whole);
    value = value * powers_of_ten[8] + digits_value(decimals, 8);
    total = whole + 8;
    for (unsigned count = 8; count == 8 && total < 19; total += count) {
      bytes = load_eight(first + 1 + total);
      count = leading_digits(bytes);
      if (count == 0) { break; }
      value = value * powers_of_ten[count] + digits_value(bytes, count);
    }
  }
  const uint8_t end = first[1 + total];
  if (__builtin_expect(total == whole || total > 19 || portable::jsoncharutils::is_not_structural_or_whitespace(end) != 0, 0)) {
    return parse_any_number(text);
  }
  Number result{0, CEL_DOUBLE};
  double number;
  if (__builtin_expect(value <= uint64_t(1) << 53, 1)) {
    // Both are exact, so the quotient is rounded once, as it should be.
    number = double(value) / exact_powers_of_ten[total - whole];
    number = negative ? -number : number;
    std::memcpy(&result.bits, &number, 8);
    return result;
  }
  if (!portable::numberparsing::compute_float_64(int64_t(whole) - int64_t(total), value, negative, number)) {
    return parse_any_number(text);
  }
  std::memcpy(&result.bits, &number, 8);
  return __builtin_expect(whole > 15, 0) ? parse_whole_number(text, result) : result;
}

}  // namespace millrace
