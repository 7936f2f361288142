"""A Bytewax dataflow: its Kafka source, one batch operator that decodes and predicts, its Kafka sink.

Settings, each the best of those tried:
- source batches of 256: from 64 to 1000 the rate is the same, above it falls, and memory grows with them;
- flat_map_batch, so that one session run serves a batch instead of a record;
- a snapshot a second into a recovery store: Bytewax keeps its own offsets there, which makes it at-least-once. Its sink
  ignores failed deliveries.
"""

import tempfile
import time
from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, _KafkaSinkPartition
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main
from confluent_kafka import Producer

import common
import scorers

SOURCE_BATCH = 256


class Flow:
    def __init__(self, arguments):
        self.arguments = arguments
        self.scorer = scorers.make(arguments)
        self.rejections = scorers.Rejections()
        self.clock = common.Clock()
        self.watchdog = common.Watchdog(arguments)
        self.acknowledged = 0
        self.latencies = []

    def predict(self, messages):
        self.clock.start()
        self.watchdog.touch()
        results = []
        for first in range(0, len(messages), self.arguments.batch):
            batch = messages[first:first + self.arguments.batch]
            good, predictions = self.rejections.predict(self.scorer, batch, [message.value for message in batch])
            results += map(self.result, good, predictions)
        return results

    def result(self, message, prediction):
        return KafkaSinkMessage(message.key, prediction, timestamp=message.timestamp[1] if self.arguments.latency else 0)

    def count(self, messages):
        """Behind the sink's flush: these are acknowledged."""
        self.acknowledged += len(messages)
        if self.arguments.latency:
            now = time.time() * 1000
            self.latencies += (now - message.timestamp for message in messages)
        if self.acknowledged + self.rejections.count >= self.arguments.records:
            self.clock.stop()
            common.report(
                "Bytewax", self.arguments.workload, self.acknowledged, self.clock.seconds, self.clock.cpu_seconds,
                common.max_rss_mib(), self.latencies, self.arguments.warm_up, batch=self.arguments.batch,
                source_batch=self.arguments.source_batch, linger_ms=self.arguments.linger_ms, rejected=self.rejections.count,
            )
            common.finish(True)

    def dataflow(self):
        brokers = [self.arguments.bootstrap]
        consumer = {
            **common.consumer(self.arguments),
            # A consumer for each partition: together they have about what the other peers give their one.
            "queued.max.messages.kbytes": 4096,
            # The source hands these to its admin client too, which would warn about each.
            "log_level": 3,
        }
        producer = common.producer(self.arguments)
        flow = Dataflow("peer")
        source = KafkaSource(brokers, [self.arguments.topic], add_config=consumer, batch_size=self.arguments.source_batch)
        records = op.input("records", flow, source)
        predictions = op.flat_map_batch("predict", records, self.predict)
        op.output("predictions", predictions, CountingSink(brokers, self.arguments.output_topic, producer, self))
        return flow


class CountingSink(KafkaSink):
    def __init__(self, brokers, topic, config, flow):
        super().__init__(brokers, topic, config)
        self.config = {"bootstrap.servers": ",".join(brokers), **config}
        self.topic = topic
        self.flow = flow

    def build(self, _step_id, _worker_index, _worker_count):
        return CountingPartition(Producer(self.config), self.topic, self.flow)


class CountingPartition(_KafkaSinkPartition):
    def __init__(self, producer, topic, flow):
        super().__init__(producer, topic)
        self.flow = flow

    def write_batch(self, items):
        super().write_batch(items)
        self.flow.count(items)


def main():
    parser = common.parser(__doc__)
    parser.add_argument("--source-batch", type=int, default=SOURCE_BATCH)
    arguments = common.parse(parser)
    with tempfile.TemporaryDirectory() as store:
        init_db_dir(store, 1)
        cli_main(
            Flow(arguments).dataflow(),
            epoch_interval=timedelta(seconds=1),
            recovery_config=RecoveryConfig(store),
        )


if __name__ == "__main__":
    main()
