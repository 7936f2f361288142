/* How a value that was read out of a payload lies in memory: what payload readers fill and expressions evaluate. A layout, and no code. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What a field holds. */
enum cel_kind {
  CEL_ABSENT = 0, /* no such field */
  CEL_NULL,
  CEL_FALSE,
  CEL_TRUE,
  CEL_INT,
  CEL_UINT, /* beyond the range of CEL_INT */
  CEL_DOUBLE,
  CEL_STRING,
  CEL_LIST,
  CEL_MAP,
  CEL_UNREADABLE /* there, and valid, but more than a value can hold: a number out of every range, text that is not Unicode */
};

/* One value. It owns nothing: who fills it says how long the pointers are valid. */
struct cel_field {
  uint8_t kind; /* a cel_kind */
  union {       /* by kind, for numbers */
    int64_t integer;
    uint64_t uinteger;
    double real;
  };
  const uint8_t *text; /* CEL_STRING: UTF-8 */
  size_t text_length;
  const uint8_t *raw; /* the value as its payload has it, every kind but CEL_ABSENT; what that means is its reader's */
  size_t raw_length;
};
