/* Which fields of a JSON payload are read: one pass over simdjson's tokens, guided by the paths that are wanted. Nothing else of Millrace
   includes a simdjson header. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CELFields.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields that are filled here: an integral token that fits int64 is CEL_INT, else one that fits uint64 is CEL_UINT, any other number is
   CEL_DOUBLE; but a whole number from 2^53 on is an integer however it is written, as a double would lose its digits. An integer beyond
   uint64, a number beyond double and a string with half of a surrogate pair are CEL_UNREADABLE: JSON allows them, and whoever doesn't read
   them is not disturbed. `text` is unescaped; `raw` is the JSON text of the value. The pointers are valid until the next extraction. */

/* Why a document could not be read. */
enum mr_reason {
  MR_VALID = 0,
  MR_EMPTY,           /* no bytes, or white space alone */
  MR_TOO_LONG,        /* 4 GiB or more */
  MR_OUT_OF_MEMORY,
  MR_BYTE_ORDER_MARK, /* JSON has none */
  MR_INVALID_UTF8,
  MR_CONTROL_CHARACTER, /* unescaped, inside a string */
  MR_UNCLOSED_STRING,   /* the offset is that of its opening quote */
  MR_TRUNCATED,         /* the document ends where it must go on */
  MR_INVALID_VALUE,     /* what stands where a value must is none */
  MR_INVALID_LITERAL,   /* not quite true, false or null */
  MR_INVALID_NUMBER,
  MR_INVALID_ESCAPE,    /* the offset is that of the string's opening quote */
  MR_EXPECTED_KEY,
  MR_EXPECTED_COLON,
  MR_EXPECTED_COMMA_OR_BRACE,
  MR_EXPECTED_COMMA_OR_BRACKET,
  MR_TOO_DEEP,          /* more than MR_MAXIMUM_DEPTH containers in each other */
  MR_TRAILING_CONTENT
};

enum { MR_MAXIMUM_DEPTH = 1024 };

struct mr_failure {
  int32_t reason; /* an mr_reason */
  int64_t offset; /* the byte of the payload; -1 if there is none to name */
};

/* One payload at a time: its copy in a padded buffer that is used again and again, and the positions of its tokens. One thread's. */
typedef struct mr_document mr_document;

/* NULL if there is no memory. */
mr_document *mr_document_create(void);
void mr_document_destroy(mr_document *document);
/* Copies the payload and finds its tokens; UTF-8 and quotes are checked here. False fills the failure. */
bool mr_document_load(mr_document *document, const uint8_t *payload, size_t length, struct mr_failure *failure);

/* One step of a path. */
struct mr_step {
  const uint8_t *key; /* UTF-8, unescaped; NULL for an array index */
  size_t key_length;
  size_t index;
};

enum mr_element { MR_FLOAT32 = 0, MR_FLOAT64, MR_INT32, MR_INT64 };

enum mr_vector_state {
  MR_VECTOR_ABSENT = 0, /* the path led to no array */
  MR_VECTOR_READ,       /* count numbers; as many of them as fit are in elements */
  MR_VECTOR_ELEMENT,    /* the element at fault_index is of fault_kind and not a number */
  MR_VECTOR_RANGE       /* the element at fault_index does not fit the element type */
};

/* An array of numbers, read straight into memory. The plan owns the elements; they are valid until its next extraction. */
struct mr_vector {
  const void *elements;
  size_t length;      /* how many the plan asked for */
  size_t count;       /* how many the array has, or had before its fault */
  size_t fault_index;
  uint8_t fault_kind; /* an cel_kind */
  uint8_t state;      /* an mr_vector_state */
};

/* Paths compiled into a tree that one pass over a document follows. It learns the order of keys, so it is one thread's, too. */
typedef struct mr_plan mr_plan;

mr_plan *mr_plan_create(void);
void mr_plan_destroy(mr_plan *plan);
/* Slots are numbered from 0 in the order of the calls; -1 if there is no memory. No path may be added twice. */
int32_t mr_plan_add(mr_plan *plan, const struct mr_step *steps, size_t count);
/* Reads the array at a slot as numbers too. Null elements are faults unless null_value is given. Numbered as slots are. */
int32_t mr_plan_add_vector(mr_plan *plan, int32_t slot, enum mr_element element, size_t length, const double *null_value);
/* Call once, after the last path and before the first extraction. */
bool mr_plan_finish(mr_plan *plan);
/* One per slot. The address never changes. */
const struct cel_field *mr_plan_fields(const mr_plan *plan);
const struct mr_vector *mr_plan_vectors(const mr_plan *plan);

/* Fills the plan's fields from the loaded document. Of equal keys the last one counts, at every level.
   validating: the whole document has to be what RFC 8259 calls JSON, in UTF-8 and with at most MR_MAXIMUM_DEPTH levels. Otherwise only
   what the plan needs is read and checked; the fields of a valid document are the same either way. False fills the failure; what the fields then hold means nothing. */
bool mr_extract(mr_document *document, mr_plan *plan, bool validating, struct mr_failure *failure);

/* A text of JSON numbers with commas between and spaces around them. At most length elements are written, however many there are.
   False: the number at index count is at fault; out_of_range tells whether it is none or does not fit. */
bool mr_read_csv(
  const uint8_t *text, size_t text_length, enum mr_element element, void *elements, size_t length, size_t *count, bool *out_of_range);
/* Base64 (RFC 4648, either alphabet, padding optional). At most capacity bytes are written; count is how many there are.
   False: not base64. */
bool mr_read_base64(const uint8_t *text, size_t text_length, uint8_t *bytes, size_t capacity, size_t *count);

/* The shortest text that reads back as the same number, at most 32 bytes; not for NaN and infinity, which JSON has no text for. */
size_t mr_format_float(float value, char *text);
size_t mr_format_double(double value, char *text);

/* The verdict of simdjson's DOM parser, which refuses what is CEL_UNREADABLE here: what tests hold mr_extract to. */
bool mr_dom_accepts(const uint8_t *payload, size_t length);

/* Whole values, for expressions. */

/* A scalar, or the head of a list or map: the tokens of its `count` elements follow it, or of its members, each a key and a value. A key is
   CEL_STRING or CEL_UNREADABLE. Of what is CEL_UNREADABLE the text is JSON as it stands. */
struct mr_token {
  uint8_t kind; /* an cel_kind */
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
