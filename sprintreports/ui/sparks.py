"""Small drawings without axes, as SVG paths."""

from collections.abc import Sequence

WIDTH, HEIGHT = 100, 32


def spark_path(values: Sequence[float]) -> str:
    """A line through the values, from the lowest of them (or 0) to the highest; empty for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(0.0, *values), max(values)
    spread = (high - low) or 1.0
    step = WIDTH / (len(values) - 1)
    points = [
        (round(at * step, 1), round(HEIGHT - HEIGHT * (value - low) / spread, 1))
        for at, value in enumerate(values)
    ]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
