"""Horizontal bars: one figure by peer, and where each peer's CPU time goes."""

from results import MILLRACE
from scales import Scale, figure, linear_ticks
from svg import SERIES, Page, width_of

WIDTH, TOP, ROW, BAR = 760, 76, 34, 18


def comparison(title, subtitle, figures, unit, base, ratios, more_is_better):
    """`ratios`: by peer, its figure as a multiple of that of `base`, which is the blue one. The best is on top, the whiskers
    are the rounds' lowest and highest."""
    peers = sorted(figures, key=lambda peer: figures[peer].median, reverse=more_is_better)
    described = ", ".join(f"{peer} {figure(figures[peer].median)}{unit}" for peer in peers)
    page = Page(WIDTH, TOP + ROW * len(peers) + 14, title, f"{subtitle}. {described}.")
    page.heading(title, subtitle)
    left = 20 + max(width_of(peer) for peer in peers) + 14
    # Behind the bars: the value, then the ratio in a column of its own.
    right = WIDTH - 20 - 74 - max(width_of(figure(figures[peer].median) + unit) for peer in peers) - 14
    scale = Scale((0, max(spread.high for spread in figures.values())), (left, right))
    if any(ratios.values()):
        page.text(WIDTH - 20, TOP - 6, f"of {base}", "muted", 11.5, "end")
    for row, peer in enumerate(peers):
        spread, middle = figures[peer], TOP + row * ROW + ROW / 2
        own = peer == base
        page.text(left - 12, middle + 4.5, peer, anchor="end", bold=own)
        page.bar(left, middle - BAR / 2, scale(spread.median) - left, BAR, "own" if own else "other")
        end = scale(spread.median)
        if spread.rounds > 1:
            page.line(scale(spread.low), middle, scale(spread.high), middle, "text", 1.25)
            for edge in (spread.low, spread.high):
                page.line(scale(edge), middle - 4, scale(edge), middle + 4, "text", 1.25)
            end = scale(spread.high)
        page.text(end + 9, middle + 4.5, figure(spread.median) + unit, bold=own)
        ratio = ratios.get(peer)
        if ratio is not None and peer != base:
            page.text(WIDTH - 20, middle + 4.5, f"{ratio:.2f}x", "muted", anchor="end")
    page.line(left, TOP, left, TOP + ROW * len(peers), "edge")
    return page.render()


def stages(title, subtitle, costs):
    """`costs`: by peer, a dictionary of stage to µs a record. Stages are stacked in the order of the work."""
    names = list(dict.fromkeys(stage for peer in costs.values() for stage in peer))
    shown, rest = names[:SERIES], names[SERIES:]
    rows = {peer: [(stage, cost[stage]) for stage in shown if stage in cost] for peer, cost in costs.items()}
    described = "; ".join(f"{peer}: " + ", ".join(f"{stage} {value:.2f}" for stage, value in row) for peer, row in rows.items())
    top = TOP + 26
    page = Page(WIDTH, int(top + 44 * len(rows) + 34), title, f"{subtitle}. {described}.")
    page.heading(title, subtitle + (f" (without {', '.join(rest)})" if rest else ""))
    x = 20.0
    for index, stage in enumerate(shown):
        page.rectangle(x, TOP - 6, 11, 11, f"s{index}", 2)
        page.text(x + 16, TOP + 4, stage, "muted", 12)
        x += 16 + width_of(stage, 12) + 20
    left = 20 + max(width_of(peer) for peer in rows) + 14
    ticks = linear_ticks(max(sum(value for _, value in row) for row in rows.values()))
    scale = Scale((0, ticks[-1]), (left, WIDTH - 76))
    bottom = top + 44 * len(rows)
    for tick in ticks:
        page.line(scale(tick), top, scale(tick), bottom, "grid")
        page.text(scale(tick), bottom + 16, f"{tick:g}", "muted", 11.5, "middle")
    for row, (peer, parts) in enumerate(rows.items()):
        middle, start = top + row * 44 + 22, 0.0
        page.text(left - 12, middle + 4.5, peer, anchor="end", bold=peer.startswith(MILLRACE))
        for stage, value in parts:
            width = scale(start + value) - scale(start)
            # The gap of two pixels tells neighbours apart where colours do not.
            page.rectangle(scale(start), middle - 12, width - 2, 24, f"s{shown.index(stage)}", 2)
            start += value
        page.text(scale(start) + 8, middle + 4.5, f"{start:.2f} µs", bold=peer.startswith(MILLRACE))
    return page.render()
