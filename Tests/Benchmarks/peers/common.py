"""What the Python peers share: their arguments, their clock, their sessions and the result they print."""

import argparse
import json
import os
import re
import resource
import sys
import threading
import time

# Per ten thousand, so that ranks are computed without rounding.
PERCENTILES = {"p50": 5000, "p75": 7500, "p90": 9000, "p95": 9500, "p99": 9900, "p995": 9950, "p999": 9990, "p9999": 9999, "max": 10000}


def parser(description):
    """The arguments that every peer takes, the C++ loop included."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--workload", choices=("fraud", "ffnn", "transport"), required=True)
    arguments.add_argument("--bootstrap", required=True, help="bootstrap servers")
    arguments.add_argument("--topic", required=True)
    arguments.add_argument("--output-topic", required=True)
    arguments.add_argument("--group", required=True, help="consumer group; a new one reads the topic from its beginning")
    arguments.add_argument("--records", type=int, required=True, help="stop when this many are acknowledged: all that the topic"
                           " holds, or what was fetched ahead of them counts as their CPU")
    arguments.add_argument("--model", help="ONNX file (not for transport)")
    arguments.add_argument("--features", help="fraud: comma-separated names, or a JSON file that holds {\"features\": [...]}")
    arguments.add_argument("--score", default="probabilities[1]", help="fraud: output and column that is the score")
    arguments.add_argument("--batch", type=int, help="largest batch")
    arguments.add_argument("--latency", action="store_true", help="also measure from record timestamp to acknowledgement")
    arguments.add_argument("--warm-up", type=int, default=0, help="leave this many records, the first, out of the latencies")
    arguments.add_argument("--idle-timeout", type=float, default=30, help="give up after this many seconds without a record")
    arguments.add_argument("--linger-ms", type=int, help="the producer's linger.ms: 50, or 1 with --latency")
    return arguments


def parse(arguments):
    options = arguments.parse_args()
    if options.linger_ms is None:
        options.linger_ms = 1 if options.latency else 50
    return options


def consumer(options):
    """A prefetch that keeps a fast consumer busy, as far as memory is used again."""
    settings = {
        "queued.min.messages": 10_000_000,
        "queued.max.messages.kbytes": 131_072,
        "fetch.message.max.bytes": 4_194_304,
        "fetch.queue.backoff.ms": 10,
    }
    if options.latency:
        # Librdkafka's mock cluster answers a fetch when this is over and not, as Kafka does, when a record comes.
        settings["fetch.wait.max.ms"] = 5
    return settings


def producer(options):
    return {
        "acks": "all",
        "linger.ms": options.linger_ms,
        "batch.num.messages": 10_000,
        "queue.buffering.max.messages": 1_000_000,
    }


def feature_names(text):
    if text is None:
        raise SystemExit("--features is needed for the workload fraud")
    if text.endswith(".json"):
        with open(text, encoding="utf-8") as file:
            return json.load(file)["features"]
    return text.split(",")


def score_output(text):
    """`probabilities[1]` -> ("probabilities", 1)."""
    match = re.fullmatch(r"(.+)\[(\d+)\]", text)
    if not match:
        raise SystemExit(f"--score {text}: expected NAME[COLUMN]")
    return match[1], int(match[2])


def session(path):
    """One thread a session and no spinning: on a machine that is full, other settings only take from the neighbours."""
    import onnxruntime

    if path is None:
        raise SystemExit("--model is needed")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Clock:
    """Wall and process CPU time (all threads) from the first record received."""

    def __init__(self):
        self.started = None
        self.seconds = 0.0
        self.cpu_seconds = 0.0

    def start(self):
        if self.started is None:
            self._cpu = _cpu_seconds()
            self.started = time.monotonic()

    def stop(self):
        self.stopped = time.monotonic()
        if self.started is not None:
            self.seconds = self.stopped - self.started
            self.cpu_seconds = _cpu_seconds() - self._cpu


def _cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def max_rss_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Watchdog:
    """Ends the process when nothing has come for the idle time-out, where the framework owns the loop."""

    def __init__(self, options):
        self.timeout = options.idle_timeout
        self.touch()
        threading.Thread(target=self._watch, daemon=True).start()

    def touch(self):
        self.touched = time.monotonic()

    def _watch(self):
        while time.monotonic() - self.touched < self.timeout:
            time.sleep(1)
        print(f"no record for {self.timeout:g} s", file=sys.stderr)
        finish(False)


def percentiles(milliseconds):
    """Nearest rank, so that every figure is one that was measured."""
    ordered = sorted(milliseconds)
    return {name: round(ordered[max(0, -(-len(ordered) * share // 10_000) - 1)], 3) for name, share in PERCENTILES.items()}


def report(peer, workload, records, seconds, cpu_seconds, rss_mib, latencies_ms=None, warm_up=0, **settings):
    """Prints the result as the last line of stdout."""
    result = {
        "peer": peer,
        "workload": workload,
        "records": records,
        "seconds": round(seconds, 4),
        "records_per_s": round(records / seconds, 1) if seconds > 0 else 0,
        "cpu_us_per_record": round(cpu_seconds * 1e6 / records, 3) if records else 0,
        "max_rss_mib": round(rss_mib, 1),
    }
    measured = (latencies_ms or [])[warm_up:]
    if measured:
        result["latency_ms"] = percentiles(measured)
    result["settings"] = settings
    print(json.dumps(result), flush=True)


def finish(complete):
    """Leaves at once: some clients wait seconds for their consumers to close, which is no part of the measurement."""
    sys.stdout.flush()
    os._exit(0 if complete else 70)
