"""Monte Carlo: what the next working days may bring, drawn in blocks from days that have been. Pure, and seeded.

The moving-block bootstrap of Künsch (1989) on a circle (Politis and Romano 1992): neighbouring days are drawn together, so that
what one day says about the next is kept; on a circle every day is drawn equally often.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import accumulate, repeat
from operator import add
from random import Random

TRIALS = 10_000
_FEW, _VALUES = 256, 1 << 16


def block_length(days: int) -> int:
    """How many neighbouring days are drawn together: the cube root of their number (Hall, Horowitz and Jing 1995), rounded.

    4 for the 70 days of seven sprints of two weeks. Raises ValueError without days.
    """
    if days < 1:
        raise ValueError("Without days there is nothing to draw from.")
    return max(1, round(days ** (1 / 3)))


def totals(
    series: Sequence[int], *, days: int, seed: str, at_least: int | None = None, trials: int = TRIALS
) -> list[int]:
    """What `days` days to come bring together, one sum a trial, in ascending order.

    series: an amount for each past working day, oldest first, days without any kept. at_least: what the first of the days to
    come has brought already, where it has begun. The same arguments give the same sums in every process; of two calls that differ in `days` or in
    `at_least` alone, each trial draws the same days. Raises ValueError without past days or for days < 0.
    """
    if days < 0:
        raise ValueError("Days to come are none or more.")
    length = block_length(len(series))
    random = _random(seed)
    sums: Iterable[int] = repeat(0, trials)
    for start in range(0, days, length):
        blocks = _blocks(series, min(length, days - start), at_least=at_least if start == 0 else None)
        drawn = _drawn(blocks, random, trials)
        sums = list(map(add, sums, drawn)) if start else drawn
    return sorted(sums)


def share_reaching(sums: Sequence[int], amount: int) -> float:
    """The share of trials that bring at least `amount`. sums: ascending, not empty."""
    return (len(sums) - bisect_left(sums, amount)) / len(sums)


def reached_with(sums: Sequence[int], certainty: int) -> int:
    """The most that at least `certainty` % of the trials bring. sums: ascending, not empty."""
    return sums[len(sums) * (100 - certainty) // 100]


def _blocks(series: Sequence[int], length: int, *, at_least: int | None) -> list[int]:
    """The sum of each stretch of `length` neighbours on the circle, by its first day."""
    until = [0, *accumulate([*series, *series[: length - 1]])]
    sums = [until[first + length] - until[first] for first in range(len(series))]
    if at_least is None:
        return sums
    return [total + max(0, at_least - first) for total, first in zip(sums, series, strict=True)]


def _drawn(blocks: Sequence[int], random: Random, trials: int) -> Iterable[int]:
    """One block a trial; `random.choices` takes three times as long."""
    number = len(blocks)
    if number > _FEW:
        return [blocks[drawn * number >> 32] for drawn in memoryview(random.randbytes(4 * trials)).cast("I")]
    # 16 bits say which. Where their 65,536 values do not divide evenly, the first blocks are likelier by 0.4 % of it at most.
    table = [*blocks] * (_VALUES // number + 1)
    return map(table.__getitem__, memoryview(random.randbytes(2 * trials)).cast("H"))


def _random(seed: str) -> Random:
    return Random(blake2b(seed.encode(), digest_size=16).digest())  # noqa: S311  # trials, not secrets
