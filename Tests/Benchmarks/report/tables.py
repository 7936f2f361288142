"""Markdown tables of the figures."""

from results import MILLRACE, PERCENTILES, figures, ratio
from scales import figure


def table(header, rows, numeric_from=1):
    align = ["---" if index < numeric_from else "---:" for index in range(len(header))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, align, *rows]) + "\n"


def bold(peer):
    return f"**{peer}**" if peer.startswith(MILLRACE) else peer


def _ranged(spread):
    text = figure(spread.median)
    return text if spread.rounds == 1 else f"{text} ({figure(spread.low)}–{figure(spread.high)})"


def _of(base, runs, field, peer):
    value = None if peer == base else ratio(runs, field, peer, base)
    return "" if value is None else f"{value:.2f}x"


def throughput(runs, base):
    rates, cpu, memory = (figures(runs, field) for field in ("records_per_s", "cpu_us_per_record", "max_rss_mib"))
    rows = []
    for peer in sorted(rates, key=lambda peer: -rates[peer].median):
        rows.append([
            bold(peer), _ranged(rates[peer]), _of(base, runs, "records_per_s", peer),
            _ranged(cpu[peer]) if peer in cpu else "", _of(base, runs, "cpu_us_per_record", peer),
            figure(memory[peer].high) if peer in memory else "",
        ])
    return table(["", "records/s", f"of {base}", "CPU, µs/record", f"of {base}", "peak MiB"], rows)


def latency(runs):
    shown = [key for key in (*PERCENTILES, "max") if key in ("p50", "p90", "p99", "p999", "max")]
    columns = {key: figures(runs, f"latency_ms.{key}") for key in shown}
    peers = dict.fromkeys(peer for column in columns.values() for peer in column)
    rows = [[bold(peer), *(figure(columns[key][peer].median) if peer in columns[key] else "" for key in shown)] for peer in peers]
    titles = [f"p{PERCENTILES[key]:g}" if key in PERCENTILES else key for key in shown]
    return table(["milliseconds", *titles], rows)


def stages(costs):
    names = list(dict.fromkeys(stage for cost in costs.values() for stage in cost))
    rows = [
        [bold(peer), *(f"{cost[stage]:.2f}" if stage in cost else "" for stage in names), f"{sum(cost.values()):.2f}"]
        for peer, cost in costs.items()
    ]
    return table(["µs/record", *names, "sum"], rows)


def scaling(runs, x_label):
    xs = sorted({run["x"] for run in runs})
    rows = []
    for x in xs:
        at = [run for run in runs if run["x"] == x]
        rates, cpu, memory = (figures(at, field) for field in ("records_per_s", "cpu_us_per_record", "max_rss_mib"))
        for peer in rates:
            rows.append([
                f"{x:,}", bold(peer), _ranged(rates[peer]), _ranged(cpu[peer]) if peer in cpu else "",
                figure(memory[peer].high) if peer in memory else "",
            ])
    return table([x_label, "", "records/s", "CPU, µs/record", "peak MiB"], rows, numeric_from=2)


def aims(list_):
    marks = {True: "yes", False: "**no**", None: "–"}
    reached = table(["aim", "wanted", "reached", "met"], [[aim.what, aim.aim, aim.reached, marks[aim.met]] for aim in list_])
    reasons = [f"- {aim.what.split(':')[0]}: {aim.why}" for aim in list_ if aim.met is False and aim.why]
    return reached + "\nWhat falls short, and why:\n\n" + "\n".join(reasons) + "\n" if reasons else reached


def settings(runs):
    """The last settings of each peer and workload."""
    seen = {}
    for run in runs:
        if run.get("settings"):
            seen[(run["peer"], run["workload"])] = ", ".join(f"{key} {value}" for key, value in run["settings"].items())
    return table(["peer", "workload", "settings"], [[peer, workload, text] for (peer, workload), text in seen.items()], numeric_from=3)
