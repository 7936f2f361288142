"""Axes: from a figure to a place, and the round figures to mark."""

import math


def linear_ticks(high, about=5):
    """Round steps from zero to at least `high`."""
    if high <= 0:
        return [0, 1]
    rough = high / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [step * index for index in range(math.ceil(high / step - 1e-9) + 1)]


def log_ticks(low, high):
    """The decades between low and high; 2 and 5 of each as well where the decades are few."""
    factors = (1, 2, 5) if math.log10(high / low) < 2.5 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [tick for power in powers for factor in factors if low <= (tick := factor * 10**power) <= high]


class Scale:
    """Linear or logarithmic, from `domain` to pixels."""

    def __init__(self, domain, pixels, logarithmic=False):
        self.map = math.log10 if logarithmic else float
        self.low, self.high = self.map(domain[0]), self.map(domain[1])
        self.pixels = pixels

    def __call__(self, value):
        share = (self.map(value) - self.low) / ((self.high - self.low) or 1)
        return self.pixels[0] + share * (self.pixels[1] - self.pixels[0])


def short(value):
    """12,500 -> 12.5k, for axes."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def figure(value):
    """Three digits that mean something, for labels and tables."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
