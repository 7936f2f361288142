/* The door to simdjson. Nothing else of Millrace includes a simdjson header. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a field holds. Numbers: an integral token that fits int64 is MR_INT, else one that fits uint64 is MR_UINT, any other is
   MR_DOUBLE. */
enum mr_kind {
  MR_ABSENT = 0,
  MR_NULL,
  MR_FALSE,
  MR_TRUE,
  MR_INT,
  MR_UINT,
  MR_DOUBLE,
  MR_STRING,
  MR_ARRAY,
  MR_OBJECT
};

/* One extracted field. The pointers are valid until the next extraction. */
struct mr_field {
  uint8_t kind; /* an mr_kind */
  union {       /* by kind, for numbers */
    int64_t integer;
    uint64_t uinteger;
    double real;
  };
  const uint8_t *text; /* MR_STRING: the unescaped UTF-8 bytes */
  size_t text_length;
  const uint8_t *raw; /* every kind but MR_ABSENT: the JSON text of the value */
  size_t raw_length;
};

/* Whole values, for expressions. */

/* A scalar, or the head of a list or map: the tokens of its `count` elements follow it, or of its members, each a key and a value. */
struct mr_token {
  uint8_t kind; /* an mr_kind */
  union {
    int64_t integer;
    uint64_t uinteger;
    double real;
    const uint8_t *text; /* UTF-8, `count` bytes */
  };
  size_t count;
};

/* The tokens of a JSON text, or NULL if it is not valid. They are valid until the next call on the same thread. */
const struct mr_token *mr_json_tokens(const uint8_t *json, size_t length, size_t *count);

#ifdef __cplusplus
}
#endif
