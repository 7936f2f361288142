"""A Quix Streams application. At-least-once: a checkpoint commits offsets behind the sink's flush.

Settings, each the best of those tried:
- a sink of our own that predicts in batches and produces; `--row-by-row` is what the tutorials show instead, one record
  through apply() and to_topic(), and slower; batches of 256, of 16 with --latency;
- payloads as bytes, decoded by orjson in the sink, as in every Python peer; a checkpoint a second; no state, no changelog;
- the prefetch of the other peers.
"""

import logging
import time

from confluent_kafka import Producer
from quixstreams import Application
from quixstreams.models import TopicConfig
from quixstreams.models.topics.admin import TopicAdmin
from quixstreams.sinks.base import BaseSink

import common
import scorers

CHECKPOINT_SECONDS = 1.0


class Result:
    def __init__(self, arguments):
        self.arguments = arguments
        self.scorer = scorers.make(arguments)
        self.rejections = scorers.Rejections()
        self.clock = common.Clock()
        self.watchdog = common.Watchdog(arguments)
        self.latencies = []

    def finish(self, records):
        self.clock.stop()
        mode = "row by row" if self.arguments.row_by_row else "batches"
        common.report(
            f"Quix Streams, {mode}", self.arguments.workload, records, self.clock.seconds, self.clock.cpu_seconds,
            common.max_rss_mib(), self.latencies, self.arguments.warm_up, batch=1 if self.arguments.row_by_row else self.arguments.batch,
            linger_ms=self.arguments.linger_ms, rejected=self.rejections.count,
        )
        common.finish(records >= self.arguments.records)


class PredictingSink(BaseSink):
    """Predicts as soon as a batch is full; a checkpoint's flush predicts the rest and waits for the acknowledgements."""

    def __init__(self, result, producer):
        super().__init__()
        self.result = result
        self.batch = result.arguments.batch
        self.records = result.arguments.records
        self.topic = result.arguments.output_topic
        self.latency = result.arguments.latency
        self.values, self.sources = [], []
        self.produced = 0
        self.failed = []
        self.on_delivery = lambda error, _: error and self.failed.append(error)
        self.producer = Producer({**producer, "on_delivery": self.on_delivery, "delivery.report.only.error": not self.latency})

    def add(self, value, key, timestamp, headers, topic, partition, offset):
        self.result.clock.start()
        self.values.append(value)
        self.sources.append((key, timestamp))
        if len(self.values) >= self.batch:
            self.predict()
        if self.produced + self.result.rejections.count + len(self.values) >= self.records:
            self.flush()
            self.result.finish(self.produced)

    def predict(self):
        self.result.watchdog.touch()
        sources, predictions = self.result.rejections.predict(self.result.scorer, self.sources, self.values)
        for (key, timestamp), prediction in zip(sources, predictions):
            while True:
                try:
                    if self.latency:
                        self.producer.produce(self.topic, prediction, key, on_delivery=self.measured(timestamp))
                    else:
                        self.producer.produce(self.topic, prediction, key)
                    break
                except BufferError:
                    self.producer.poll(0.1)
        self.producer.poll(0)
        self.produced += len(predictions)
        self.values, self.sources = [], []

    def measured(self, timestamp):
        def delivered(error, message):
            self.on_delivery(error, message)
            self.result.latencies.append(time.time() * 1000 - timestamp)

        return delivered

    def flush(self):
        if self.values:
            self.predict()
        while self.producer.flush(10):
            pass
        if self.failed:
            raise RuntimeError(f"{len(self.failed)} predictions were not acknowledged, the first: {self.failed[0]}")


def row_by_row(result, app, rows, output):
    """`app.run(count)` ends after that many outputs and flushes them."""

    def predict(value):
        result.clock.start()
        result.watchdog.touch()
        return result.scorer.predict([value])[0]

    rows.apply(predict).to_topic(output)
    app.run(count=result.arguments.records)
    result.finish(result.arguments.records)


def without_describe_configs():
    """Librdkafka's mock cluster has no DescribeConfigs, which Quix asks for at its start only."""

    def inspect_topics(self, names, timeout=30):
        topics = self.list_topics(timeout=timeout)
        return {name: TopicConfig(num_partitions=len(topics[name].partitions), replication_factor=1, extra_config={}) for name in names}

    TopicAdmin.inspect_topics = inspect_topics


def main():
    parser = common.parser(__doc__)
    parser.add_argument("--row-by-row", action="store_true")
    arguments = common.parse(parser)
    if arguments.row_by_row and arguments.latency:
        raise SystemExit("--latency needs the sink: to_topic() has no delivery report")
    if arguments.latency and arguments.batch is None:
        # A full batch is what the sink waits for.
        arguments.batch = 16
    without_describe_configs()
    producer = common.producer(arguments)
    app = Application(
        broker_address=arguments.bootstrap,
        consumer_group=arguments.group,
        auto_offset_reset="earliest",
        commit_interval=CHECKPOINT_SECONDS,
        auto_create_topics=False,
        use_changelog_topics=False,
        loglevel=logging.WARNING,
        consumer_extra_config=common.consumer(arguments),
        producer_extra_config=producer,
    )
    topic = app.topic(arguments.topic, key_deserializer="bytes", value_deserializer="bytes")
    rows = app.dataframe(topic)
    result = Result(arguments)
    if arguments.row_by_row:
        output = app.topic(arguments.output_topic, key_serializer="bytes", value_serializer="bytes")
        row_by_row(result, app, rows, output)
    else:
        rows.sink(PredictingSink(result, {"bootstrap.servers": arguments.bootstrap, **producer}))
        app.run()


if __name__ == "__main__":
    main()
