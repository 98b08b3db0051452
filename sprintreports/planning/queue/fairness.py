"""How evenly a queue serves its stakeholders.

Jain's index (Jain, Chiu and Hawe 1984) of what each stakeholder gets per weight, x 100: 100 when all get the
same, 100 / n when one of n gets everything. Everybody who asked for something counts, also who got nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from sprintreports.planning.queue.results import Fairness


def jain(shares: Iterable[Fraction | int]) -> float | None:
    """The index of these shares x 100, exact until the last division; None when nobody got anything."""
    amounts = list(shares)
    total = sum(amounts)
    squares = sum(amount * amount for amount in amounts)
    if not squares:
        return None
    return float(Fraction(100 * total * total, len(amounts) * squares))


def longest_wait(served: Sequence[int], asking: Iterable[int]) -> int:
    """The longest wait of a stakeholder in rounds; a round is as many issues as stakeholders were served.

    served: the stakeholders by position. A wait is counted up to somebody's first issue and between two; for who
    asked and got nothing, it is the whole line.
    """
    last: dict[int, int] = {}
    longest = 0
    for at, who in enumerate(served):
        wait = at - last.get(who, -1)
        longest = max(longest, wait)
        last[who] = at
    if any(who not in last for who in asking):
        longest = max(longest, len(served) + 1)
    return -(-longest // len(last)) if last else 0


def fairness_of(amounts: Mapping[int, int], weights: Sequence[int], served: Sequence[int]) -> Fairness:
    """amounts: what each stakeholder who asked gets. weights: by stakeholder, in hundredths."""
    even = len({weights[who] for who in amounts}) <= 1
    shares = [amount if even else Fraction(amount, weights[who]) for who, amount in amounts.items()]
    return Fairness(jain(shares), longest_wait(served, amounts))
