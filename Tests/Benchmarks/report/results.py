"""The results of a benchmark, read and checked. `make bench` writes them, `report.py` turns them into docs.

A results file is one JSON object:

    format      1
    date        ISO-8601, when the benchmark began
    revision    the commit that was measured
    machine     object of texts and numbers, shown as it is: {"cpu": …, "cores": 2, "memory_gib": 24, "kernel": …}
    broker      text: "embedded", or what the cluster is
    versions    object of texts, shown as it is: {"librdkafka": "2.0.2", "onnxruntime": "1.31.1", …}
    runs        list of runs, in the order in which they were made

A run is what a peer, or `millrace bench`, prints as its last line, and what the benchmark adds to it:

    kind        added: throughput | latency | scaling | batching | start
    workload    fraud | ffnn | transport | mixed | replay | watched | skip-header | skip-field | trees
    peer        "Millrace", "C++ loop", "Python loop, 1 process", …
    variant     added, optional: what is different about this run of the peer ("one lane", "fixed 64"). Those that aims.py looks for:
                mixed latency "bulk idle" and "bulk saturated"; mixed throughput "bulk alone" and "bulk beside urgent";
                replay throughput "bulk lane" and "replay"; replay latency "no replay" and "beside a replay";
                watched latency "nobody watching" and "1,000 scrapes and 100 dashboards"; batching "learned"
    round       added: 1, 2, …; the runs of a round were made one after the other, and ratios are taken within a round
    records, seconds, records_per_s, cpu_us_per_record, max_rss_mib      numbers (every kind but start)
    latency_ms  optional: percentiles in ms, {"p50": …, "p99": …, "p999": …, "max": …}; also p75, p90, p95, p995, p9999
    stages_cpu_us_per_record    optional: {"decode": …, "infer": …, …}, in the order of the work
    settings    optional: object, shown as it is
    by, x       scaling only: "workers" | "partitions" | "backlog" | "replayed" | "rows", and how many
    start_s, first_prediction_s     start only: until ready; from idle to the first prediction

Kinds: *throughput*: a filled topic, as fast as it goes. *latency*: records sent at a fixed rate, timed from when they were due.
*scaling*: throughput while `x` grows. *batching*: throughput with fixed and with learned batch sizes. *start*: from nothing.
Unknown members are ignored.
"""

import json
import statistics
from dataclasses import dataclass

KINDS = ("throughput", "latency", "scaling", "batching", "start")
MILLRACE = "Millrace"
LEARNED = "Millrace, learned"
BULK_LANE = "Millrace, bulk lane"
PERCENTILES = {
    "p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99, "p995": 99.5, "p999": 99.9, "p9999": 99.99,
}


class ResultsError(Exception):
    pass


@dataclass(frozen=True)
class Spread:
    """A figure over all rounds."""

    median: float
    low: float
    high: float
    rounds: int


def spread(values):
    return Spread(statistics.median(values), min(values), max(values), len(values))


def name(run):
    variant = run.get("variant")
    return f"{run['peer']}, {variant}" if variant else run["peer"]


class Results:
    def __init__(self, document, source="results"):
        self.document = document
        self._check(source)
        self.runs = document["runs"]

    @classmethod
    def load(cls, path):
        try:
            with open(path, encoding="utf-8") as file:
                return cls(json.load(file), path)
        except (OSError, json.JSONDecodeError) as error:
            raise ResultsError(f"{path}: {error}") from error

    def _check(self, source):
        if self.document.get("format") != 1:
            raise ResultsError(f"{source}: format {self.document.get('format')!r}, expected 1")
        if not isinstance(self.document.get("runs"), list):
            raise ResultsError(f"{source}: no list of runs")
        for index, run in enumerate(self.document["runs"]):
            missing = [member for member in ("kind", "workload", "peer", "round") if member not in run]
            if run.get("kind") == "scaling":
                missing += [member for member in ("by", "x") if member not in run]
            if missing:
                raise ResultsError(f"{source}: runs[{index}] lacks {', '.join(missing)}")
            if run["kind"] not in KINDS:
                raise ResultsError(f"{source}: runs[{index}] is of kind {run['kind']!r}, expected one of {', '.join(KINDS)}")

    def of(self, kind, **members):
        return [run for run in self.runs if run["kind"] == kind and all(run.get(key) == value for key, value in members.items())]

    def workloads(self, kind):
        """In the order in which they were run."""
        return list(dict.fromkeys(run["workload"] for run in self.of(kind)))


def figures(runs, field):
    """By name of the peer: the spread of a field. `latency_ms.p99` reaches inside."""
    values = {}
    for run in runs:
        value = member(run, field)
        if value is not None:
            values.setdefault(name(run), []).append(value)
    return {peer: spread(list_) for peer, list_ in values.items()}


def member(run, field):
    value = run
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def ratio(runs, field, peer, base):
    """The median over the rounds of peer / base, each taken within its round; None where no round has both."""
    rounds = {}
    for run in runs:
        value = member(run, field)
        if value is not None:
            rounds.setdefault(run["round"], {})[name(run)] = value
    ratios = [values[peer] / values[base] for values in rounds.values() if peer in values and values.get(base)]
    return statistics.median(ratios) if ratios else None
