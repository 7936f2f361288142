"""What the project set out to reach, beside what the results say."""

from dataclasses import dataclass

from results import BULK_LANE, MILLRACE, figures, ratio


@dataclass(frozen=True)
class Aim:
    what: str
    aim: str
    reached: str
    # None: not measured.
    met: bool | None
    # What is known of why it falls short, where it did when this was written.
    why: str = ""


def _ratio(results, what, kind, workload, field, peer, base, limit, at_most, why=""):
    value = ratio(results.of(kind, workload=workload), field, peer, base)
    sign = "≤" if at_most else "≥"
    met = None if value is None else value <= limit if at_most else value >= limit
    return Aim(what, f"{sign} {limit}x", "not measured" if value is None else f"{value:.2f}x", met, why)


def _floor(results, what, workload, limit, why=""):
    figure = figures(results.of("throughput", workload=workload), "records_per_s").get(MILLRACE)
    reached = "not measured" if figure is None else f"{figure.median:,.0f}/s"
    return Aim(what, f"> {limit:,}/s", reached, None if figure is None else figure.median > limit, why)


def _memory(results, limit):
    peaks = [run["max_rss_mib"] for run in results.runs if run["peer"] == MILLRACE and "max_rss_mib" in run]
    if not peaks:
        return Aim("most memory of any run", f"< {limit} MiB", "not measured", None)
    return Aim("most memory of any run", f"< {limit} MiB", f"{max(peaks):,.0f} MiB", max(peaks) < limit)


def _flat(results, what, by, limit):
    """The most memory at the largest `x` against that at the smallest."""
    peaks = {}
    for run in results.of("scaling", by=by):
        if "max_rss_mib" in run:
            peaks[run["x"]] = max(peaks.get(run["x"], 0), run["max_rss_mib"])
    if len(peaks) < 2:
        return Aim(what, f"≤ {limit}x", "not measured", None)
    value = peaks[max(peaks)] / peaks[min(peaks)]
    return Aim(what, f"≤ {limit}x", f"{value:.2f}x", value <= limit)


def aims(results):
    return [
        _ratio(results, "fraud: rate against the Python loop, one process each", "throughput", "fraud",
               "records_per_s", MILLRACE, "Python loop, 1 process", 1.7, at_most=False),
        _ratio(results, "fraud: CPU a record against the C++ loop", "throughput", "fraud",
               "cpu_us_per_record", MILLRACE, "C++ loop", 1.15, at_most=True),
        _floor(results, "transport: rate of one worker", "transport", 700_000),
        _floor(results, "ffnn: rate; the best figure of the Crayfish authors' notebook is 23,008/s", "ffnn", 23_008),
        _ratio(results, "mixed: urgent p99, bulk saturated against bulk idle", "latency", "mixed", "latency_ms.p99",
               f"{MILLRACE}, bulk saturated", f"{MILLRACE}, bulk idle", 1.5, at_most=True),
        _ratio(results, "mixed: bulk's rate, urgent beside it against alone", "throughput", "mixed", "records_per_s",
               f"{MILLRACE}, bulk beside urgent", f"{MILLRACE}, bulk alone", 0.85, at_most=False),
        _ratio(results, "replay: rate against the bulk lane's, over the same records", "throughput", "replay", "records_per_s",
               f"{MILLRACE}, replay", BULK_LANE, 1.0, at_most=False,
               why="The same worker scores both. A replayed record is held against its range, and its prediction has one header more and "
               "its source's timestamp."),
        _flat(results, "replay: peak memory of a million records against 100,000", "replayed", 1.25),
        _ratio(results, "replay: live urgent p99, while the topic is replayed against not", "latency", "replay", "latency_ms.p99",
               f"{MILLRACE}, beside a replay", f"{MILLRACE}, no replay", 1.5, at_most=True),
        _ratio(results, "watched: urgent p99, under 1,000 scrapes and 100 dashboards against none", "latency", "watched",
               "latency_ms.p99", f"{MILLRACE}, 1,000 scrapes and 100 dashboards", f"{MILLRACE}, nobody watching", 1.1, at_most=True),
        _floor(results, "urgent passes over a bulk backlog, routed by a header", "skip-header", 600_000),
        _floor(results, "urgent passes over a bulk backlog, routed by a JSON field", "skip-field", 400_000),
        _memory(results, 512),
    ]
