"""Runs the benchmarks and writes docs/benchmarks.md: `make bench`, or `python3 run.py [WORKLOAD …] [--rounds N] [--scale X]`.

Millrace and the peers run in turn on the same records, round by round. After each part the results so far are saved and the page is
written anew, so a run that is interrupted still leaves one. Needs what setup.sh installs.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MILLRACE = ROOT / ".build/release/millrace"
PYTHON = ROOT / ".venv/bin/python"
PEERS = HERE / "peers"
CPP = ROOT / ".build/peers/cpp_loop"
RESULTS = ROOT / ".build/bench/results.json"
MODELS = {"fraud": ROOT / "config/models/fraud/model.onnx", "ffnn": HERE / "models/ffnn.onnx"}
RECORD_BYTES = {"fraud": 620, "ffnn": 8_600, "transport": 125}
STAGES = ("consume", "decode", "infer", "publish", "settle", "client threads")
PARTS = ("fraud", "transport", "ffnn", "mixed", "replay", "watched", "skip", "trees", "batching", "scaling", "start")


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


class Broker:
    """The cluster that MILLRACE_TEST_BROKERS names, or an embedded broker for one part: a fresh one each time keeps its memory small."""

    def __init__(self, topics):
        self.process = None
        self.address = os.environ.get("MILLRACE_TEST_BROKERS")
        if not self.address:
            arguments = [argument for name, partitions in topics.items() for argument in ("--topic", f"{name}:{partitions}")]
            self.process = subprocess.Popen([MILLRACE, "broker", *arguments], stdout=subprocess.PIPE, text=True)
            self.address = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait()


class Bench:
    def __init__(self, options):
        self.options = options
        self.runs = []
        self.began = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        if options.keep and RESULTS.exists():
            redone = set(options.parts)
            self.runs = [run for run in json.loads(RESULTS.read_text())["runs"] if run.get("part") not in redone]

    # What is run

    def throughput(self, workload):
        count = self.count({"fraud": 300_000, "transport": 1_000_000, "ffnn": 40_000}[workload])
        with self.topic(workload, count) as place:
            for number in self.rounds():
                self.millrace(workload, "throughput", number, *place.filled(count))
                if workload == "fraud":
                    self.millrace(
                        workload, "throughput", number, "--trees", "onnxruntime", *place.filled(count), rename="ONNX Runtime's trees")
                    self.millrace(
                        workload, "throughput", number, "--variant", "fraud-lanes", *place.filled(count), rename="two lanes")
                self.peer("C++ loop", [CPP], workload, number, place, count)
                self.peer("Python loop", [PYTHON, PEERS / "python_loop.py"], workload, number, place, count)
                if workload != "transport":
                    self.peer(
                        "Python loop, 2", [PYTHON, PEERS / "python_loop.py", "--processes", "2"], workload, number, place, count)
                if number == 1:
                    # Slower by far, so once and on fewer records; the ratios are those of this round.
                    for name in ("quix_streams", "bytewax_flow"):
                        self.peer(name, [PYTHON, PEERS / f"{name}.py"], workload, number, place, count)

    def mixed(self):
        output = self.bench("mixed", "--records", str(self.count(2_500_000)), "--rounds", str(min(self.options.rounds, 2)))
        self.add("mixed", output)

    def replay(self):
        """What a replay takes, beside the lane that reads the same topic; then what it costs lanes that are live."""
        for size in (100_000, 300_000, 1_000_000):
            count = self.count(size)
            with self.topic("fraud", count) as place:
                filled = place.filled(count)
                self.millrace("fraud", "scaling", 1, "--replayed", *filled, by="replayed", x=count, part="replay")
                for number in self.rounds() if size == 1_000_000 else ():
                    self.millrace("fraud", "throughput", number, *filled, rename="bulk lane", part="replay", shown="replay")
                    self.millrace("fraud", "throughput", number, "--replayed", *filled, rename="replay", part="replay", shown="replay")
        # One hiccup of the machine in five seconds is more than the slowest percent, so it takes more rounds.
        self.add("replay", self.bench("replay", "--records", str(self.count(2_500_000)), "--rounds", str(2 * self.options.rounds)))

    def watched(self):
        # It is a matter of some percent, which a few rounds don't tell from nothing. Each has a broker of its own.
        for number in range(1, 2 * self.options.rounds + 1):
            self.add("watched", self.bench("watched"), round=number)

    def skip(self):
        self.add("skip", self.bench("skip", "--records", str(self.count(1_000_000)), "--rounds", str(min(self.options.rounds, 2))))

    def trees(self):
        self.add("trees", self.bench("trees", "--rounds", str(self.options.rounds)))

    def start(self):
        self.add("start", self.bench("start", "--rounds", str(self.options.rounds)))

    def batching(self):
        """What the worker learns against sizes that are fixed, on a model that gains nothing by size and on one that does."""
        for workload, sizes in (("fraud", (1, 16, 64, 256, 1024)), ("ffnn", (1, 16, 64, 256, 1024))):
            count = self.count({"fraud": 100_000, "ffnn": 20_000}[workload])
            with self.topic(workload, count) as place:
                for number in range(1, min(self.options.rounds, 2) + 1):
                    self.millrace(
                        workload, "batching", number, "--batch", "1024", *place.filled(count), rename="learned", part="batching")
                    for size in sizes:
                        self.millrace(
                            workload, "batching", number, "--batch", str(size), "--batching", "full", *place.filled(count),
                            rename=f"fixed {size}", part="batching")

    def scaling(self):
        count = self.count(200_000)
        with self.topic("fraud", count) as place:
            for workers in (1, 2, 4):
                self.millrace(
                    "fraud", "scaling", 1, "--workers", str(workers), *place.filled(count), by="workers", x=workers, part="scaling")
        count = self.count(50_000)
        for partitions in (8, 32, 128):
            with self.topic("fraud", count, partitions) as place:
                self.millrace("fraud", "scaling", 1, *place.filled(count), by="partitions", x=partitions, part="scaling")
        sizes = (10_000, 100_000, 1_000_000) + ((10_000_000,) if os.environ.get("MILLRACE_TEST_BROKERS") else ())
        for size in sizes:
            with self.topic("fraud", self.count(size)) as place:
                self.millrace("fraud", "scaling", 1, *place.filled(self.count(size)), by="backlog", x=self.count(size), part="scaling")

    # How

    def count(self, records):
        return max(1_000, int(records * self.options.scale))

    def rounds(self):
        return range(1, self.options.rounds + 1)

    def topic(self, workload, count, partitions=None):
        return FilledTopic(workload, count, partitions)

    def bench(self, workload, *arguments):
        say(f"{workload} {' '.join(arguments)}")
        return self.output([MILLRACE, "bench", workload, "--report", "json", *arguments])

    def millrace(self, workload, kind, number, *arguments, rename=None, part=None, shown=None, **more):
        for run in json.loads(self.bench(workload, *arguments))["runs"]:
            run.update(kind=kind, workload=shown or workload, round=number, part=part or workload, **more)
            if rename:
                run["variant"] = rename
            if stages := run.get("stages_cpu_us_per_record"):
                run["stages_cpu_us_per_record"] = {name: stages[name] for name in STAGES if name in stages}
            self.keep(run)

    def peer(self, name, command, workload, number, place, count):
        arguments = [
            "--workload", workload, "--bootstrap", place.address, "--topic", place.name, "--output-topic", f"{place.name}-out",
            "--group", f"{name}-{number}-{time.time()}", "--records", str(count),
        ]
        if workload in MODELS:
            arguments += ["--model", str(MODELS[workload])]
        if workload == "fraud":
            arguments += ["--features", str(HERE / "workloads/fraud.json")]
        say(f"{workload}, {name}")
        run = json.loads(self.output([*command, *arguments]) or "null")
        if run:
            run.update(kind="throughput", round=number, part=workload)
            self.keep(run)

    def output(self, command):
        """The last line of its standard output; nothing if it failed, which is said."""
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=300)
        except subprocess.TimeoutExpired:
            say(f"  gave up after 300 s: {command[0]}")
            return '{"runs": []}' if command[0] == MILLRACE else ""
        lines = done.stdout.strip().splitlines()
        if done.returncode != 0 or not lines:
            say(f"  failed with {done.returncode}: {done.stderr.strip()[-300:]}")
            return '{"runs": []}' if command[0] == MILLRACE else ""
        return lines[-1]

    def add(self, part, output, **more):
        for run in json.loads(output)["runs"]:
            run.update(part=part, **more)
            self.keep(run)

    def keep(self, run):
        self.runs.append(run)
        figures = [f"{run[key]:,.2f} {key}" for key in ("records_per_s", "cpu_us_per_record", "start_s") if key in run]
        figures += [f"p99 {latency['p99']:,.1f} ms" for latency in [run.get("latency_ms")] if latency]
        say(f"  {run['peer']}{', ' + run['variant'] if run.get('variant') else ''}: {', '.join(figures)}")
        self.save()

    def save(self):
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "format": 1, "date": self.began, "revision": revision(), "machine": machine(), "versions": versions(), "runs": self.runs,
            "broker": os.environ.get("MILLRACE_TEST_BROKERS", "embedded"),
        }
        RESULTS.write_text(json.dumps(document, indent=1) + "\n")

    def report(self):
        subprocess.run([sys.executable, HERE / "report/report.py", RESULTS, "--docs", self.options.docs], check=True)

    def run(self):
        for part in self.options.parts:
            say(f"== {part}")
            try:
                getattr(self, part, lambda: self.throughput(part))()
            except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
                say(f"  {part} was left out: {error!r}")
            if self.runs:
                self.save()
                self.report()


class FilledTopic(Broker):
    """A topic with exactly so many records."""

    def __init__(self, workload, count, partitions=None):
        self.name = f"bench-{workload}-{time.time_ns()}"
        # The embedded broker keeps 5 MiB of a partition.
        partitions = partitions or max(4, count * RECORD_BYTES[workload] // (4 << 20) + 1)
        outputs = {"out": 8, "out.dlq": 1, "out.replay.bench": 8, "out.dlq.replay.bench": 1}
        topics = {self.name: partitions, **{f"{self.name}-{output}": count for output, count in outputs.items()}}
        super().__init__(topics)
        arguments = ["--topic", self.name, "--brokers", self.address, "--records", str(count)]
        if self.process is None:
            create = [MILLRACE, "bench", workload, "--create-only", "--partitions", str(partitions), *arguments]
            subprocess.run(create, check=True, cwd=ROOT)
        say(f"filling {partitions} partitions with {count:,} records")
        fill = [MILLRACE, "bench", workload, "--fill-only", *arguments]
        subprocess.run(fill, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)

    def filled(self, count):
        return ["--filled", "--topic", self.name, "--brokers", self.address, "--records", str(count)]


def revision():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout.strip()


def machine():
    facts = {"cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}"}
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                facts["cpu"] = line.split(":", 1)[1].strip()
                break
        facts["memory_gib"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except OSError:
        pass
    return facts


def versions():
    script = "import confluent_kafka, onnxruntime; print(confluent_kafka.libversion()[0], onnxruntime.__version__)"
    done = subprocess.run([PYTHON, "-c", script], stdout=subprocess.PIPE, text=True)
    python = done.stdout.split() or ["?", "?"]
    own = subprocess.run(["pkg-config", "--modversion", "rdkafka"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return {"librdkafka": own, "librdkafka of the Python peers": python[0], "onnxruntime": python[1]}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all without any")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--scale", type=float, default=1, help="of the numbers of records")
    arguments.add_argument("--keep", action="store_true", help="keep the other parts of the last results")
    arguments.add_argument("--docs", type=pathlib.Path, default=ROOT / "docs", help="where the page and its plots go")
    options = arguments.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        arguments.error(f"there is no {', '.join(sorted(unknown))}")
    options.parts = options.parts or PARTS
    Bench(options).run()


if __name__ == "__main__":
    main()
