"""Lines: latency by percentile, and a figure while something grows."""

import math

from results import MILLRACE, PERCENTILES
from scales import Scale, figure, linear_ticks, log_ticks, short
from svg import SERIES, Page, width_of

WIDTH, HEIGHT = 760, 400
TOP, BOTTOM, LEFT = 84, 344, 68


def _frame(title, subtitle, series, y_label):
    """Room at the right for the lines' own names."""
    described = "; ".join(f"{label}: " + ", ".join(f"{x:g} {figure(y)}" for x, y in points) for label, points in series.items())
    page = Page(WIDTH, HEIGHT, title, f"{subtitle}. {described}.")
    page.heading(title, subtitle)
    page.text(20, TOP - 12, y_label, "muted", 11.5)
    return page, WIDTH - 38 - max(width_of(label, 12) for label in series)


def _colours(series):
    """Millrace is blue wherever it is; the others keep the order they come in."""
    labels = sorted(series, key=lambda label: label != MILLRACE)
    return {label: f"s{index % SERIES}" for index, label in enumerate(labels)}


def _y_axis(page, scale, ticks, right):
    for tick in ticks:
        page.line(LEFT, scale(tick), right, scale(tick), "edge" if tick == 0 else "grid")
        page.text(LEFT - 10, scale(tick) + 4, short(tick), "muted", 11.5, "end")


def _draw(page, series, x_scale, y_scale, right, unit):
    colours, ends = _colours(series), []
    for label, points in series.items():
        places = [(x_scale(x), y_scale(y)) for x, y in points]
        page.curve(places, colours[label])
        for (x, y), (x_value, y_value) in zip(places, points):
            page.dot(x, y, colours[label], f"{label}: {figure(y_value)}{unit} at {x_value:g}")
        ends.append((places[-1][1], label))
    # Names keep 15 pixels apart, in the order of their lines' ends.
    place = TOP - 15.0
    for y, label in sorted(ends):
        place = max(y, place + 15)
        page.rectangle(right + 8, place - 5, 10, 10, colours[label], 2)
        page.text(right + 22, place + 4, label, size=12, bold=label.startswith(MILLRACE))


def latencies(title, subtitle, series):
    """`series`: by label, {"p50": ms, …}. The tail gets the room: each tenth of the rest is as wide as the last."""
    curves = {
        label: [(share, values[key]) for key, share in PERCENTILES.items() if values.get(key, 0) > 0] for label, values in series.items()
    }
    page, right = _frame(title, subtitle, curves, "milliseconds (logarithmic)")
    nines = Scale((math.log10(100 / 50), 4), (LEFT, right))
    x_scale = lambda share: nines(math.log10(100 / (100 - share)))
    values = [y for points in curves.values() for _, y in points]
    low, high = min(values) / 1.3, max(values) * 1.3
    ticks = log_ticks(low, high)
    y_scale = Scale((low, high), (BOTTOM, TOP), logarithmic=True)
    _y_axis(page, y_scale, ticks, right)
    for share in (50, 90, 99, 99.9, 99.99):
        page.line(x_scale(share), TOP, x_scale(share), BOTTOM)
        page.text(x_scale(share), BOTTOM + 20, f"p{share:g}", "muted", 11.5, "middle")
    page.text((LEFT + right) / 2, BOTTOM + 42, "share of the records that were at least as fast", "muted", 11.5, "middle")
    _draw(page, curves, x_scale, y_scale, right, " ms")
    return page.render()


def growth(title, subtitle, series, x_label, y_label, unit="", logarithmic_x=False, limit=None):
    """`series`: by label, [(x, y), …]. `limit`: (y, what it is), drawn as a dashed line."""
    page, right = _frame(title, subtitle, series, y_label)
    xs = sorted({x for points in series.values() for x, _ in points})
    highest = max(y for points in series.values() for _, y in points)
    ticks = linear_ticks(max(highest, limit[0] if limit else 0))
    y_scale = Scale((0, ticks[-1]), (BOTTOM, TOP))
    # A little air, so that the first dots do not sit on the axis.
    x_scale = Scale((xs[0], xs[-1]), (LEFT + 14, right - 14), logarithmic_x)
    _y_axis(page, y_scale, ticks, right)
    for x in xs:
        page.text(x_scale(x), BOTTOM + 20, short(x), "muted", 11.5, "middle")
    page.text((LEFT + right) / 2, BOTTOM + 42, x_label, "muted", 11.5, "middle")
    if limit:
        page.line(LEFT, y_scale(limit[0]), right, y_scale(limit[0]), "muted", 1.25, "5 4")
        page.text(right - 4, y_scale(limit[0]) - 6, limit[1], "muted", 11.5, "end")
    _draw(page, series, x_scale, y_scale, right, unit)
    return page.render()
