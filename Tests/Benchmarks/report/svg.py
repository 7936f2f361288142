"""A page of SVG that looks right on light and on dark: every colour is a class, and each class has both."""

from html import escape

# (light, dark). Blue is Millrace's own; the others are told apart by every kind of colour vision, and labelled besides.
COLOURS = {
    "surface": ("#ffffff", "#0d1117"),
    "edge": ("#d9dee4", "#2b323b"),
    "text": ("#1f2328", "#e6edf3"),
    "muted": ("#59636e", "#9198a1"),
    "grid": ("#e8ebef", "#21262d"),
    "own": ("#2a78d6", "#3987e5"),
    "other": ("#b3bcc7", "#4d5763"),
    "s0": ("#2a78d6", "#3987e5"),
    "s1": ("#eb6834", "#d95926"),
    "s2": ("#1baf7a", "#199e70"),
    "s3": ("#4a3aa7", "#9085e9"),
    "s4": ("#c98a00", "#c98500"),
    "s5": ("#d8578f", "#d55181"),
}
SERIES = 6
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


def width_of(text, size=13):
    """About what a wide sans-serif font needs, in bold; enough to lay labels out without one at hand."""
    narrow = sum(character in "iljtfr.,:;'|!()[] " for character in text)
    return size * (0.4 * narrow + 0.69 * (len(text) - narrow))


class Page:
    def __init__(self, width, height, title, description):
        self.width, self.height = width, height
        self.title, self.description = title, description
        self.parts = []

    def rectangle(self, x, y, width, height, colour, radius=0):
        size = f'width="{max(width, 0):.1f}" height="{height:.1f}" rx="{radius}"'
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} class="f-{colour}"/>')

    def bar(self, x, y, width, height, colour, radius=4):
        """Flat where it starts, round where it ends."""
        radius = max(min(radius, width, height / 2), 0)
        self.parts.append(
            f'<path d="M{x:.1f} {y:.1f}h{width - radius:.1f}q{radius:.1f} 0 {radius:.1f} {radius:.1f}v{height - 2 * radius:.1f}'
            f'q0 {radius:.1f} {-radius:.1f} {radius:.1f}h{radius - width:.1f}z" class="f-{colour}"/>'
        )

    def line(self, x1, y1, x2, y2, colour="grid", width=1, dashes=""):
        dashes = f' stroke-dasharray="{dashes}"' if dashes else ""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} class="l-{colour}" stroke-width="{width}"{dashes}/>')

    def curve(self, points, colour):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        joins = 'stroke-linejoin="round" stroke-linecap="round"'
        self.parts.append(f'<polyline points="{path}" class="l-{colour}" fill="none" stroke-width="2" {joins}/>')

    def dot(self, x, y, colour, label):
        # The ring keeps a dot apart from the lines that cross it.
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="f-{colour} l-surface" stroke-width="2"><title>{escape(label)}</title></circle>'
        )

    def text(self, x, y, text, colour="text", size=13, anchor="start", bold=False):
        weight = ' font-weight="600"' if bold else ""
        style = f'class="f-{colour}" font-size="{size}" text-anchor="{anchor}"{weight}'
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>')

    def heading(self, title, subtitle):
        self.text(20, 32, title, size=16, bold=True)
        self.text(20, 52, subtitle, "muted", 12.5)

    def render(self):
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" role="img" aria-labelledby="title description" font-family="{FONT}">\n'
            f'<title id="title">{escape(self.title)}</title>\n<desc id="description">{escape(self.description)}</desc>\n'
            f"<style>\n{_style(0)}\n@media (prefers-color-scheme: dark) {{\n{_style(1)}\n}}\n</style>\n"
            f'<rect x="0.5" y="0.5" width="{self.width - 1}" height="{self.height - 1}" rx="8" class="f-surface l-edge"/>\n'
            f"{body}\n</svg>\n"
        )


def _style(scheme):
    return "\n".join(f".f-{name} {{ fill: {pair[scheme]} }} .l-{name} {{ stroke: {pair[scheme]} }}" for name, pair in COLOURS.items())
