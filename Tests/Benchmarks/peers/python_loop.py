"""The loop that a careful engineer writes in Python: confluent-kafka, orjson, numpy, ONNX Runtime. At-least-once.

Settings, each the best of those tried:
- consume() in batches: one poll() that waits, then whatever is queued, so that the loop never waits to fill a batch;
- a prefetch of 128 MiB (librdkafka's default stalls a fast consumer), and a short fetch back-off;
- orjson a record, one numpy.fromiter a batch of 256 (64 for ffnn, 1024 for transport);
- ONNX Runtime with one thread and no spinning; --processes 2 starts a second interpreter, each with half of the partitions;
- delivery reports for failures only; once a second flush(), then commit what was consumed: no offset is ahead of its prediction.
"""

import multiprocessing
import time
from functools import partial
from itertools import chain

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

import common
import scorers

COMMIT_SECONDS = 1.0


class Loop:
    def __init__(self, arguments, index, processed):
        self.arguments = arguments
        self.index = index
        self.processed = processed
        self.scorer = scorers.make(arguments)
        self.rejections = scorers.Rejections()
        self.clock = common.Clock()
        self.latencies = []
        self.failed = []
        self.consumer = Consumer({
            "bootstrap.servers": arguments.bootstrap,
            "group.id": arguments.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            **common.consumer(arguments),
        })
        self.producer = Producer({
            "bootstrap.servers": arguments.bootstrap,
            **common.producer(arguments),
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
        consumed = 0
        while sum(self.processed) < self.arguments.records:
            # Delivery reports are served between polls, so with some under way the next poll must be short.
            message = self.consumer.poll(0.001 if self.arguments.latency and len(self.producer) else 0.1)
            now = time.monotonic()
            if message is None:
                self.producer.poll(0)
                if now - last_record > self.arguments.idle_timeout:
                    break
            else:
                self.clock.start()
                last_record = now
                messages = [message] + self.consumer.consume(self.arguments.batch - 1, 0)
                # Broker connections that come and go are reported as messages too; librdkafka retries those by itself.
                messages = [message for message in messages if message.error() is None]
                values = [message.value() for message in messages]
                self.publish(*self.rejections.predict(self.scorer, messages, values))
                consumed += len(messages)
                self.processed[self.index] = consumed
            if now >= next_commit:
                self.settle(wait=False)
                next_commit = now + COMMIT_SECONDS
        self.settle(wait=True)
        self.clock.stop()
        return {
            "consumed": consumed,
            "rejected": self.rejections.count,
            "started": self.clock.started,
            "stopped": self.clock.stopped,
            "cpu": self.clock.cpu_seconds,
            "rss": common.max_rss_mib(),
            "latencies": self.latencies,
        }


def worker(arguments, index, processed, result):
    result.send(Loop(arguments, index, processed).run())
    common.finish(True)


def run_processes(arguments, processed):
    pipes = []
    for index in range(arguments.processes):
        receiver, sender = multiprocessing.Pipe(duplex=False)
        multiprocessing.Process(target=worker, args=(arguments, index, processed, sender)).start()
        # The worker's end only: if it dies, the parent learns it instead of waiting.
        sender.close()
        pipes.append(receiver)
    try:
        return [pipe.recv() for pipe in pipes]
    except EOFError:
        for process in multiprocessing.active_children():
            process.terminate()
        raise SystemExit("a process failed") from None


def main():
    parser = common.parser(__doc__)
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    arguments = common.parse(parser)
    scorers.choose_batch(arguments)
    processed = multiprocessing.RawArray("q", arguments.processes)
    if arguments.processes == 1:
        parts = [Loop(arguments, 0, processed).run()]
    else:
        parts = run_processes(arguments, processed)
    consumed = sum(part["consumed"] for part in parts)
    rejected = sum(part["rejected"] for part in parts)
    begun = [part["started"] for part in parts if part["started"] is not None]
    common.report(
        f"Python loop, {arguments.processes} process" + ("es" if arguments.processes > 1 else ""),
        arguments.workload,
        consumed - rejected,
        max(part["stopped"] for part in parts) - min(begun) if begun else 0,
        sum(part["cpu"] for part in parts),
        sum(part["rss"] for part in parts),
        list(chain.from_iterable(part["latencies"] for part in parts)),
        arguments.warm_up,
        batch=arguments.batch,
        processes=arguments.processes,
        linger_ms=arguments.linger_ms,
        rejected=rejected,
    )
    common.finish(consumed >= arguments.records)


if __name__ == "__main__":
    main()
