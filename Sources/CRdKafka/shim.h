// The door to librdkafka: its headers, and plain functions for what Swift can't call (variadic functions and macros).
#pragma once
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/// Queues one message; key and value are copied. Takes `headers` when it returns no error, and only then.
/// `timestamp_ms` 0 is "now"; a NULL key or value is Kafka's null, a length of 0 behind a pointer is empty.
static inline rd_kafka_resp_err_t mr_produce(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length,
    const void *value, size_t value_length, rd_kafka_headers_t *headers, int64_t timestamp_ms, void *opaque) {
  if (headers == NULL && timestamp_ms == 0)
    return rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, (void *)value, value_length, key, key_length, opaque) == 0
               ? RD_KAFKA_RESP_ERR_NO_ERROR
               : rd_kafka_last_error();
  if (headers == NULL)
    return rd_kafka_producev(
        rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_KEY(key, key_length),
        RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  return rd_kafka_producev(
      rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

/// Messages that a poll has taken so far. Callbacks that run inside it may take some out again.
typedef struct mr_batch {
  rd_kafka_message_t **messages;
  size_t capacity;
  size_t count;
} mr_batch;

/// Takes what is queued, waiting for the first message only. One at a time: before 2.1, rd_kafka_consume_batch_queue() drops messages
/// that it has counted as consumed when their partition is paused meanwhile, as librdkafka itself does in every rebalance.
static inline void mr_consume(rd_kafka_queue_t *queue, int timeout_ms, mr_batch *batch) {
  rd_kafka_message_t *message;
  while (batch->count < batch->capacity && (message = rd_kafka_consume_queue(queue, timeout_ms)) != NULL) {
    batch->messages[batch->count++] = message;
    timeout_ms = 0;
  }
}

/// Appends one error with its response delay to what a mock broker answers to requests of this kind.
static inline rd_kafka_resp_err_t mr_mock_push_broker_error(
    rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t api_key, rd_kafka_resp_err_t error, int rtt_ms) {
  return rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, api_key, 1, error, rtt_ms);
}

static inline size_t mr_topic_name_length(const rd_kafka_topic_t *topic) { return strlen(rd_kafka_topic_name(topic)); }

/// A message taken from a consumer lies in the middle of an operation of librdkafka's, some cache lines long.
static inline void mr_prefetch_message(const rd_kafka_message_t *message) {
  const char *middle = (const char *)message;
  for (int line = -2; line <= 1; line++) __builtin_prefetch(middle + 64 * line, 1);
}

/// A descriptor that counts signals; -1 with errno on failure.
static inline int mr_eventfd_open(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline void mr_eventfd_signal(int fd) {
  // Fails only when the counter is about to overflow, and then the reader is signalled already.
  while (eventfd_write(fd, 1) != 0 && errno == EINTR) {}
}

/// Whether there was a signal; takes all of them.
static inline int mr_eventfd_take(int fd) {
  eventfd_t count = 0;
  int result;
  while ((result = eventfd_read(fd, &count)) != 0 && errno == EINTR) {}
  return result == 0;
}
