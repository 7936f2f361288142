/* The door to RE2: regular expressions whose matching takes linear time, whatever the pattern. Nothing else of Millrace includes an RE2
   header. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mr_re2 mr_re2;

/* A compiled pattern, freed with mr_re2_free; it may be used by many threads at once. NULL if the pattern is faulty: then `error` holds
   why, as a string cut to `error_capacity` bytes with its terminator. */
mr_re2 *mr_re2_new(const uint8_t *pattern, size_t length, char *error, size_t error_capacity);
void mr_re2_free(mr_re2 *expression);

/* How many steps the compiled pattern has: what a byte of text costs at most. */
size_t mr_re2_size(const mr_re2 *expression);

/* Whether the pattern matches somewhere in the text (UTF-8). */
bool mr_re2_matches(const mr_re2 *expression, const uint8_t *text, size_t length);

/* The first occurrence of a needle in a text, or NULL; in linear time, whatever they are. */
const uint8_t *mr_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length);

#ifdef __cplusplus
}
#endif
