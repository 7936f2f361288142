#include "CELFields.h"

/* Readers in C++ and evaluation in Swift each see this layout through their own compiler. */
_Static_assert(offsetof(struct cel_field, integer) == 8, "a number stands behind its kind");
_Static_assert(offsetof(struct cel_field, text) == 16 && offsetof(struct cel_field, raw) == 32, "the text stands before the raw bytes");
_Static_assert(sizeof(struct cel_field) == 48, "six words a field");
