// The door to librdkafka: its headers, and plain functions for what Swift can't call (variadic functions and macros).
#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
