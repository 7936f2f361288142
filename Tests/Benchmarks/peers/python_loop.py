"""The loop that a careful engineer writes in Python: confluent-kafka, orjson, numpy, ONNX Runtime. At-least-once.

Settings, each the best of those tried:
- consume() in batches: one poll() that waits, then whatever is queued, so that the loop never waits to fill a batch;
- a prefetch of more than a second of work (librdkafka's default stalls a fast consumer), and a short fetch back-off;
- batches of 256: larger ones fall out of the cache between decoding and the matrix, and the trees gain nothing from size;
- orjson a record, one numpy.fromiter a batch; a batch that fails is decoded again record by record, so one bad record costs itself only;
- ONNX Runtime with one thread and no spinning; --processes 2 starts a second interpreter, each with half of the partitions;
- delivery reports for failures only; once a second flush(), then commit what was consumed: no offset is ahead of its prediction.
"""

import multiprocessing
import sys
import time
from functools import partial
from itertools import chain
from operator import itemgetter

import numpy
import orjson
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

import common

BATCH = {"fraud": 256, "ffnn": 64, "transport": 1024}
COMMIT_SECONDS = 1.0


class FraudScorer:
    def __init__(self, arguments):
        names = common.feature_names(arguments.features)
        self.output, self.column = common.score_output(arguments.score)
        self.session = common.session(arguments.model)
        self.input = self.session.get_inputs()[0].name
        self.width = len(names)
        self.features = itemgetter(*names)

    def decode(self, values):
        events = [orjson.loads(value) for value in values]
        matrix = numpy.fromiter(chain.from_iterable(map(self.features, events)), numpy.float32, len(events) * self.width)
        return events, matrix.reshape(-1, self.width)

    def predict(self, values):
        events, matrix = self.decode(values)
        scores = self.session.run((self.output,), {self.input: matrix})[0][:, self.column].tolist()
        return [orjson.dumps({"id": event["id"], "card": event["card"], "score": score}) for event, score in zip(events, scores)]


class NetworkScorer:
    def __init__(self, arguments):
        self.session = common.session(arguments.model)
        self.input = self.session.get_inputs()[0].name
        self.width = self.session.get_inputs()[0].shape[1]

    def predict(self, values):
        rows = numpy.fromiter(chain.from_iterable(map(orjson.loads, values)), numpy.float32, len(values) * self.width)
        output = self.session.run(None, {self.input: rows.reshape(-1, self.width)})[0]
        return [orjson.dumps({"probabilities": row}, option=orjson.OPT_SERIALIZE_NUMPY) for row in output]


class PassThrough:
    def predict(self, values):
        return values


SCORERS = {"fraud": FraudScorer, "ffnn": NetworkScorer, "transport": lambda _: PassThrough()}


class Loop:
    def __init__(self, arguments, index, processed):
        self.arguments = arguments
        self.index = index
        self.processed = processed
        self.batch = arguments.batch or BATCH[arguments.workload]
        self.scorer = SCORERS[arguments.workload](arguments)
        self.clock = common.Clock()
        self.latencies = []
        self.failed = []
        self.rejected = 0
        self.consumer = Consumer({
            "bootstrap.servers": arguments.bootstrap,
            "group.id": arguments.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "queued.min.messages": 1_000_000,
            "queued.max.messages.kbytes": 262_144,
            "fetch.message.max.bytes": 4_194_304,
            "fetch.queue.backoff.ms": 10,
        })
        self.producer = Producer({
            "bootstrap.servers": arguments.bootstrap,
            "acks": "all",
            "linger.ms": arguments.linger_ms,
            "batch.num.messages": 10_000,
            "queue.buffering.max.messages": 1_000_000,
            "delivery.report.only.error": not arguments.latency,
            "on_delivery": self.failed_to_deliver,
        })

    def failed_to_deliver(self, error, _):
        if error is not None:
            self.failed.append(error)

    def delivered(self, source_ms, error, _):
        self.failed_to_deliver(error, None)
        self.latencies.append(time.time() * 1000 - source_ms)

    def take_partitions(self):
        """Two processes share the partitions by hand: the rebalances of a group that forms would land inside the measurement."""
        if self.arguments.processes == 1:
            self.consumer.subscribe([self.arguments.topic])
            return
        partitions = sorted(self.consumer.list_topics(self.arguments.topic, 30).topics[self.arguments.topic].partitions)
        mine = partitions[self.index::self.arguments.processes]
        self.consumer.assign([TopicPartition(self.arguments.topic, partition) for partition in mine])

    def predict(self, messages):
        values = [message.value() for message in messages]
        try:
            return messages, self.scorer.predict(values)
        except Exception:
            return self.predict_each(messages)

    def predict_each(self, messages):
        """One bad record must not cost its batch."""
        good, predictions = [], []
        for message in messages:
            try:
                predictions += self.scorer.predict([message.value()])
                good.append(message)
            except Exception as error:
                self.rejected += 1
                print(f"{message.topic()}[{message.partition()}]@{message.offset()}: {error!r}", file=sys.stderr)
        return good, predictions

    def publish(self, messages, predictions):
        produce, topic = self.producer.produce, self.arguments.output_topic
        for message, prediction in zip(messages, predictions):
            while True:
                try:
                    if self.arguments.latency:
                        produce(topic, prediction, message.key(), on_delivery=partial(self.delivered, message.timestamp()[1]))
                    else:
                        produce(topic, prediction, message.key())
                    break
                except BufferError:
                    self.producer.poll(0.1)
        self.producer.poll(0)

    def settle(self, wait):
        """What was consumed up to here is acknowledged before its offsets are committed."""
        while self.producer.flush(10):
            pass
        if self.failed:
            raise SystemExit(f"{len(self.failed)} predictions were not acknowledged, the first: {self.failed[0]}")
        try:
            self.consumer.commit(asynchronous=not wait)
        except KafkaException as error:
            if error.args[0].name() != "_NO_OFFSET":
                raise

    def run(self):
        self.take_partitions()
        started = last_record = time.monotonic()
        next_commit = started + COMMIT_SECONDS
        records = 0
        while sum(self.processed) < self.arguments.records:
            message = self.consumer.poll(0.1)
            now = time.monotonic()
            if message is None:
                if now - last_record > self.arguments.idle_timeout:
                    break
            else:
                self.clock.start()
                last_record = now
                messages = [message] + self.consumer.consume(self.batch - 1, 0)
                # Broker connections that come and go are reported as messages too; librdkafka retries those by itself.
                messages = [message for message in messages if message.error() is None]
                good, predictions = self.predict(messages)
                self.publish(good, predictions)
                records += len(messages)
                self.processed[self.index] = records
            if now >= next_commit:
                self.settle(wait=False)
                next_commit = now + COMMIT_SECONDS
        self.settle(wait=True)
        self.clock.stop()
        return {
            "records": records,
            "rejected": self.rejected,
            "started": self.clock.started,
            "stopped": self.clock.stopped,
            "cpu": self.clock.cpu_seconds,
            "rss": common.max_rss_mib(),
            "latencies": self.latencies,
        }


def worker(arguments, index, processed, results):
    results.put(Loop(arguments, index, processed).run())
    common.finish(True)


def main():
    parser = common.parser(__doc__)
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    arguments = common.parse(parser)
    processed = multiprocessing.RawArray("q", arguments.processes)
    if arguments.processes == 1:
        parts = [Loop(arguments, 0, processed).run()]
    else:
        results = multiprocessing.SimpleQueue()
        workers = [
            multiprocessing.Process(target=worker, args=(arguments, index, processed, results)) for index in range(arguments.processes)
        ]
        for process in workers:
            process.start()
        parts = [results.get() for _ in workers]
    records = sum(part["records"] for part in parts)
    begun = [part["started"] for part in parts if part["started"] is not None]
    common.report(
        f"Python loop, {arguments.processes} process" + ("es" if arguments.processes > 1 else ""),
        arguments.workload,
        records,
        max(part["stopped"] for part in parts) - min(begun) if begun else 0,
        sum(part["cpu"] for part in parts),
        sum(part["rss"] for part in parts),
        list(chain.from_iterable(part["latencies"] for part in parts)),
        batch=arguments.batch or BATCH[arguments.workload],
        processes=arguments.processes,
        linger_ms=arguments.linger_ms,
        rejected=sum(part["rejected"] for part in parts),
    )
    common.finish(records >= arguments.records)


if __name__ == "__main__":
    main()
