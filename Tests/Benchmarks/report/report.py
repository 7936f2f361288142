"""Turns a results file into docs/benchmarks.md and docs/images/bench-*.svg: `python3 report.py RESULTS.json [--docs FOLDER]`.

Needs Python's standard library only. The format of the file is described in results.py.
"""

import argparse
import pathlib
import statistics
import sys

import aims
import bars
import lines
import tables
from results import BULK_LANE, LEARNED, MILLRACE, Results, ResultsError, figures, name, ratio

WORKLOADS = {
    "fraud": "500-byte JSON, 30 numeric features, 200 trees of depth 6",
    "ffnn": "784 floats as JSON text, about 8 KB a record, a dense network of 784-32-32-32-32-10",
    "transport": "100 bytes, a model that does nothing: everything but inference",
    "mixed": "a bulk backlog of two and a half million records, and a steady urgent stream in the same partitions",
    "replay": "a million of the payments of `fraud`, by the lane that reads them and by `millrace replay`",
    "skip-header": "the urgent lane, a million bulk records behind, on a route that reads a header",
    "skip-field": "the urgent lane, a million bulk records behind, on a route that reads a JSON field",
}
# What there is beside the urgent stream.
LATENCIES = {
    "mixed": "a bulk lane that is two and a half million records behind.",
    "replay": "`millrace replay` of the topic that the live lanes read, two and a half million records, in a process of its own on the\n"
    "same cores.",
    "watched": "100 open dashboards, and 1,000 connections that all ask for `/metrics` at the same moment, again each second (Prometheus\n"
    "asks every 15 to 60). The client that asks shares the cores and has the lowest priority. A round takes turns: without, with,\n"
    "with, without.",
}
GROWTHS = {
    "workers": ("Workers", "workers of one lane", "records_per_s", "records/s", "/s", False),
    "partitions": ("Partitions", "partitions of the topic", "records_per_s", "records/s", "/s", True),
    "backlog": ("Memory against backlog", "records in the backlog", "max_rss_mib", "peak resident memory, MiB", " MiB", True),
    "rows": ("Decision trees", "rows a batch", "cpu_us_per_record", "microseconds a row", " µs", True),
    "replayed": ("Memory of a replay", "records replayed", "max_rss_mib", "peak resident memory, MiB", " MiB", True),
}


class Report:
    def __init__(self, results, docs):
        self.results = results
        self.images = docs / "images"
        self.page = docs / "benchmarks.md"
        self.parts = []

    def write(self):
        self.images.mkdir(parents=True, exist_ok=True)
        # A plot that no longer has runs must not stay.
        for old in self.images.glob("bench-*.svg"):
            old.unlink()
        self._head()
        self._throughput()
        self._latency()
        self._stages()
        self._batching()
        self._scaling()
        self._start()
        self._peers()
        self.page.write_text("\n".join(self.parts), encoding="utf-8")

    def _image(self, file, alternative, svg):
        (self.images / f"bench-{file}.svg").write_text(svg, encoding="utf-8")
        self.parts.append(f"![{alternative}](images/bench-{file}.svg)\n")

    def _facts(self, key):
        facts = self.results.document.get(key) or {}
        return ", ".join(f"{what} {value}" for what, value in facts.items())

    def _head(self):
        document = self.results.document
        rounds = max((run["round"] for run in self.results.of("throughput")), default=0)
        self.parts.append(
            "# Benchmarks\n\n"
            "Written by `make bench`; run it to get your own. Millrace and the peers run one after the other on the same records,\n"
            "round by round. A shared machine drifts, so the ratios say more than the rates: each is taken within a round, and the\n"
            "median of the rounds is given, with the lowest and the highest where there is room. CPU is that of the whole process.\n\n"
            f"- measured: {document.get('date', 'at an unknown time')}, revision {document.get('revision', 'unknown')}, rounds: {rounds}\n"
            f"- machine: {self._facts('machine') or 'unknown'}\n"
            f"- broker: {document.get('broker', 'unknown')}, on the same machine\n"
            f"- versions: {self._facts('versions') or 'unknown'}\n"
        )
        self.parts.append("## Aims, and what was reached\n\n" + tables.aims(aims.aims(self.results)))

    def _throughput(self):
        for workload in self.results.workloads("throughput"):
            runs = self.results.of("throughput", workload=workload)
            base = BULK_LANE if workload == "replay" else MILLRACE
            what = WORKLOADS.get(workload, workload)
            self.parts.append(f"## Throughput: {workload}\n\n{what[0].upper()}{what[1:]}. As fast as it goes, from a filled topic.\n")
            if len(figures(runs, "records_per_s")) > 1:
                self._bars(workload, "records_per_s", "Records per second", "/s", runs, base, True, "rate")
                self._bars(workload, "cpu_us_per_record", "CPU per record", " µs", runs, base, False, "cpu")
            self.parts.append(tables.throughput(runs, base))

    def _bars(self, workload, field, title, unit, runs, base, more_is_better, file):
        by_peer = figures(runs, field)
        if not by_peer:
            return
        better = "more is better" if more_is_better else "less is better"
        rounds = max(spread.rounds for spread in by_peer.values())
        subtitle = f"{workload}, median of {rounds} rounds with lowest and highest; {better}" if rounds > 1 else f"{workload}; {better}"
        ratios = {peer: ratio(runs, field, peer, base) for peer in by_peer}
        svg = bars.comparison(title, subtitle, by_peer, unit, base, ratios, more_is_better)
        self._image(f"{workload}-{file}", f"{title}, {workload}", svg)

    def _latency(self):
        for workload in self.results.workloads("latency"):
            runs = [run for run in self.results.of("latency", workload=workload) if run.get("latency_ms")]
            if not runs:
                continue
            series = {}
            for peer in dict.fromkeys(name(run) for run in runs):
                keys = dict.fromkeys(key for run in runs if name(run) == peer for key in run["latency_ms"])
                series[peer] = {key: figures(runs, f"latency_ms.{key}")[peer].median for key in keys}
            self.parts.append(
                f"## Latency: {workload}\n\nFrom the time a record was due to be sent to the acknowledgement of its prediction, at a\n"
                "fixed rate: a sender that is held up counts against whoever held it up.\n"
            )
            if workload in LATENCIES:
                self.parts.append(f"Beside it: {LATENCIES[workload]}\n")
            self._image(
                f"{workload}-latency", f"Latency percentiles, {workload}",
                lines.latencies("Latency by percentile", f"{workload}, median of the rounds; less is better", series),
            )
            self.parts.append(tables.latency(runs))

    def _stages(self):
        for workload in self.results.workloads("throughput"):
            runs = [run for run in self.results.of("throughput", workload=workload) if run.get("stages_cpu_us_per_record")]
            costs = {}
            for peer in dict.fromkeys(name(run) for run in runs):
                stages = dict.fromkeys(stage for run in runs if name(run) == peer for stage in run["stages_cpu_us_per_record"])
                costs[peer] = {
                    stage: statistics.median(
                        run["stages_cpu_us_per_record"].get(stage, 0) for run in runs if name(run) == peer
                    )
                    for stage in stages
                }
            if costs:
                self.parts.append(f"## Where each microsecond goes: {workload}\n")
                self._image(
                    f"{workload}-stages", f"CPU per record by stage, {workload}",
                    bars.stages("CPU per record, by what it is spent on", f"{workload}, microseconds; less is better", costs),
                )
                self.parts.append(tables.stages(costs))

    def _batching(self):
        for workload in self.results.workloads("batching"):
            runs = self.results.of("batching", workload=workload)
            self.parts.append(f"## Batch sizes: {workload}\n\nThe size that a worker learns, against sizes that were fixed.\n")
            self._bars(workload, "records_per_s", "Records per second by batch size", "/s", runs, LEARNED, True, "batching")
            self.parts.append(tables.throughput(runs, LEARNED))

    def _scaling(self):
        for by in dict.fromkeys(run["by"] for run in self.results.of("scaling")):
            runs = self.results.of("scaling", by=by)
            title, x_label, field, y_label, unit, logarithmic = GROWTHS.get(by, (by, by, "records_per_s", "records/s", "/s", False))
            series = {}
            for peer in dict.fromkeys(name(run) for run in runs):
                at = {x: figures([run for run in runs if run["x"] == x], field).get(peer) for x in sorted({run["x"] for run in runs})}
                series[peer] = [(x, spread.median) for x, spread in at.items() if spread]
            series = {peer: points for peer, points in series.items() if points}
            self.parts.append(f"## Scaling: {by}\n")
            if series:
                limit = (512, "aim: under 512 MiB") if field == "max_rss_mib" else None
                self._image(f"{by}", title, lines.growth(title, "median of the rounds", series, x_label, y_label, unit, logarithmic, limit))
            self.parts.append(tables.scaling(runs, by))

    def _start(self):
        runs = self.results.of("start")
        if runs:
            ready, first = figures(runs, "start_s"), figures(runs, "first_prediction_s")
            rows = [
                [tables.bold(peer), *(f"{column[peer].median:.2f}" if peer in column else "" for column in (ready, first))]
                for peer in dict.fromkeys(name(run) for run in runs)
            ]
            self.parts.append("## Start\n\n" + tables.table(["seconds", "until ready", "from idle to the first prediction"], rows))

    def _peers(self):
        self.parts.append(
            "## The peers\n\nTheir sources, with their settings and why, are in `Tests/Benchmarks/peers`. Each is at-least-once, writes\n"
            "the key and a small JSON value for each record, runs ONNX Runtime with one thread, and starts its clock at the first\n"
            "record it receives.\n\n"
            + tables.settings(self.results.runs)
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", help="the results file")
    default = pathlib.Path(__file__).resolve().parents[3] / "docs"
    parser.add_argument("--docs", type=pathlib.Path, default=default, help="where benchmarks.md and images/ go (default: docs)")
    arguments = parser.parse_args()
    try:
        report = Report(Results.load(arguments.results), arguments.docs)
    except ResultsError as error:
        sys.exit(f"report.py: {error}")
    report.write()
    print(f"{report.page} and {len(list(report.images.glob('bench-*.svg')))} plots")


if __name__ == "__main__":
    main()
