#pragma once

#include "measure.hpp"
#include "options.hpp"
#include "scorers.hpp"

#include <deque>
#include <librdkafka/rdkafka.h>
#include <map>
#include <memory>
#include <vector>

/// Consume, score, publish, and commit behind the acknowledgements, on one thread.
class Loop {
public:
  explicit Loop(const Options &options);
  /// False: no record came for the idle time-out.
  bool run();

  int64_t acknowledged = 0, rejected = 0;
  double wall_s = 0, cpu_s = 0;
  Stages stages;
  std::vector<double> latencies_ms;

private:
  struct Flight;
  /// What the delivery report of a prediction must know.
  struct Passenger {
    Flight *flight;
    int64_t source_ms;
  };
  /// A batch whose predictions are on their way.
  struct Flight {
    size_t outstanding = 0;
    std::vector<Passenger> passengers;
    /// Where each partition goes on after this batch.
    std::vector<std::pair<int32_t, int64_t>> next_offsets;
  };

  Options options;
  std::unique_ptr<Scorer> scorer;
  rd_kafka_t *consumer = nullptr, *producer = nullptr;
  rd_kafka_queue_t *records = nullptr;
  rd_kafka_topic_t *output = nullptr;
  int wakeup = -1;
  std::vector<rd_kafka_message_t *> batch;
  std::vector<rd_kafka_message_t *> accepted;
  std::deque<Flight> flights;
  std::map<int32_t, int64_t> committable;

  size_t take();
  void wait();
  void process(size_t count);
  void publish(Passenger &passenger, const rd_kafka_message_t *source, std::string_view prediction);
  void land();
  void commit(bool wait);
  static void delivered(rd_kafka_t *, const rd_kafka_message_t *message, void *self);
};
