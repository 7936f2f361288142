/* The door to simdjson. Nothing else of Millrace includes a simdjson header. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a field holds. Numbers: an integral token that fits int64 is MR_INT, else one that fits uint64 is MR_UINT, any other is MR_DOUBLE. */
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

#ifdef __cplusplus
}
#endif
