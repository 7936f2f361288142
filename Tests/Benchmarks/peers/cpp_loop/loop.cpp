#include "loop.hpp"

#include <initializer_list>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace {

struct Property {
  const char *name;
  std::string value;
  /// Librdkafka 2.0 does not know it yet.
  bool optional = false;
};

rd_kafka_conf_t *configuration(std::initializer_list<Property> properties) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  char reason[512];
  for (const Property &property : properties) {
    if (rd_kafka_conf_set(conf, property.name, property.value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK && !property.optional)
      fail(reason, 64);
  }
  return conf;
}

rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
  char reason[512];
  rd_kafka_t *handle = rd_kafka_new(type, conf, reason, sizeof reason);
  if (!handle) fail(reason);
  return handle;
}

constexpr double commit_interval_s = 1;

} // namespace

Loop::Loop(const Options &given) : options(given), scorer(make_scorer(given)), batch(size_t(given.batch)) {
  accepted.reserve(size_t(options.batch));
  consumer = client(RD_KAFKA_CONSUMER, configuration({
                                           {"bootstrap.servers", options.bootstrap},
                                           {"group.id", options.group},
                                           {"auto.offset.reset", "earliest"},
                                           {"enable.auto.commit", "false"},
                                           {"enable.auto.offset.store", "false"},
                                           {"queued.min.messages", "10000000"},
                                           {"queued.max.messages.kbytes", std::to_string(options.prefetch_kib)},
                                           {"fetch.message.max.bytes", "4194304"},
                                           {"fetch.queue.backoff.ms", "10", true},
                                           // The mock cluster answers a fetch when this is over, not when a record comes.
                                           {"fetch.wait.max.ms", options.latency ? "5" : "500"},
                                       }));
  rd_kafka_poll_set_consumer(consumer);
  records = rd_kafka_queue_get_consumer(consumer);
  // Records and delivery reports end the same wait, so neither waits for the other.
  wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  static const uint64_t one = 1;
  rd_kafka_queue_io_event_enable(records, wakeup, &one, sizeof one);

  rd_kafka_conf_t *conf = configuration({
      {"bootstrap.servers", options.bootstrap},
      {"acks", "all"},
      {"linger.ms", std::to_string(options.linger_ms)},
      {"batch.num.messages", "10000"},
      {"queue.buffering.max.messages", "1000000"},
  });
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, this);
  producer = client(RD_KAFKA_PRODUCER, conf);
  rd_kafka_queue_io_event_enable(rd_kafka_queue_get_main(producer), wakeup, &one, sizeof one);
  output = rd_kafka_topic_new(producer, options.output_topic.c_str(), nullptr);

  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, options.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer, topics)) fail(rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(topics);
}

bool Loop::run() {
  double started = 0, cpu_started = 0, last_record = wall_seconds(), next_commit = last_record + commit_interval_s;
  int64_t consumed = 0;
  bool complete = true;
  while (consumed < options.records) {
    size_t count = take();
    double now = wall_seconds();
    if (count == 0 && now - last_record > options.idle_timeout_s) {
      complete = false;
      break;
    }
    if (count > 0) {
      if (consumed == 0) {
        started = now;
        cpu_started = process_cpu_seconds();
        stages.reset();
      }
      last_record = now;
      consumed += int64_t(count);
      process(count);
    }
    int reports = rd_kafka_poll(producer, 0);
    land();
    if (count == 0 && reports == 0) wait();
    if (now >= next_commit) {
      commit(false);
      next_commit = now + commit_interval_s;
    }
    stages.close(Stages::settle);
  }
  while (!flights.empty()) {
    rd_kafka_flush(producer, 100);
    land();
  }
  commit(true);
  stages.close(Stages::settle);
  wall_s = consumed ? wall_seconds() - started : 0;
  cpu_s = consumed ? process_cpu_seconds() - cpu_started : 0;
  return complete;
}

void Loop::wait() {
  pollfd waiting{wakeup, POLLIN, 0};
  // The time-out serves commits, and rebalances that come without a record.
  ::poll(&waiting, 1, 100);
  uint64_t signals;
  if (read(wakeup, &signals, sizeof signals) < 0) return;
}

/// What is queued: given a time-out, librdkafka's batch call would wait until the batch is full.
size_t Loop::take() {
  ssize_t count = rd_kafka_consume_batch_queue(records, 0, batch.data(), batch.size());
  size_t kept = 0;
  for (ssize_t index = 0; index < count; index++) {
    if (!batch[size_t(index)]->err) {
      batch[kept++] = batch[size_t(index)];
    } else {
      rd_kafka_message_destroy(batch[size_t(index)]);
    }
  }
  return kept;
}

void Loop::process(size_t count) {
  stages.close(Stages::consume);
  flights.emplace_back();
  Flight &flight = flights.back();
  scorer->begin();
  accepted.clear();
  for (size_t index = 0; index < count; index++) {
    rd_kafka_message_t *record = batch[index];
    if (flight.next_offsets.empty() || flight.next_offsets.back().first != record->partition)
      flight.next_offsets.emplace_back(record->partition, 0);
    flight.next_offsets.back().second = record->offset + 1;
    if (scorer->add(static_cast<const char *>(record->payload), record->len)) {
      accepted.push_back(record);
    } else {
      rejected++;
      std::fprintf(stderr, "%s[%d]@%ld: not a record of %s\n", options.topic.c_str(), record->partition, record->offset,
                   options.workload.c_str());
    }
  }
  stages.close(Stages::decode);
  scorer->infer();
  stages.close(Stages::infer);
  flight.outstanding = accepted.size();
  flight.passengers.resize(accepted.size());
  for (size_t row = 0; row < accepted.size(); row++) {
    flight.passengers[row] = {&flight, options.latency ? rd_kafka_message_timestamp(accepted[row], nullptr) : 0};
    publish(flight.passengers[row], accepted[row], scorer->prediction(row));
  }
  for (size_t index = 0; index < count; index++) rd_kafka_message_destroy(batch[index]);
  stages.close(Stages::publish);
}

void Loop::publish(Passenger &passenger, const rd_kafka_message_t *source, std::string_view prediction) {
  while (rd_kafka_produce(output, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char *>(prediction.data()), prediction.size(),
                          source->key, source->key_len, &passenger)) {
    rd_kafka_resp_err_t error = rd_kafka_last_error();
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(std::string("produce: ") + rd_kafka_err2str(error));
    rd_kafka_poll(producer, 10);
  }
}

void Loop::delivered(rd_kafka_t *, const rd_kafka_message_t *message, void *opaque) {
  Loop &self = *static_cast<Loop *>(opaque);
  if (message->err) fail(std::string("a prediction was not acknowledged: ") + rd_kafka_err2str(message->err));
  const Passenger &passenger = *static_cast<Passenger *>(message->_private);
  passenger.flight->outstanding--;
  self.acknowledged++;
  if (self.options.latency && self.acknowledged > self.options.warm_up) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    self.latencies_ms.push_back(double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6 - double(passenger.source_ms));
  }
}

/// Batches are done in the order in which they were taken, so that an offset covers everything before it.
void Loop::land() {
  while (!flights.empty() && flights.front().outstanding == 0) {
    for (auto [partition, offset] : flights.front().next_offsets) committable[partition] = offset;
    flights.pop_front();
  }
}

void Loop::commit(bool wait) {
  if (committable.empty()) return;
  rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(int(committable.size()));
  for (auto [partition, offset] : committable)
    rd_kafka_topic_partition_list_add(offsets, options.topic.c_str(), partition)->offset = offset;
  rd_kafka_resp_err_t error = rd_kafka_commit(consumer, offsets, wait ? 0 : 1);
  rd_kafka_topic_partition_list_destroy(offsets);
  if (error) fail(std::string("commit: ") + rd_kafka_err2str(error));
  committable.clear();
}
