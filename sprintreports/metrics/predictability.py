"""How well a sprint kept its word: say/do and churn."""

from __future__ import annotations

from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Unit


def say_do(totals: Totals, *, unit: Unit) -> float | None:
    """Completed (estimates at the end) divided by the commitment; 1.0 is 100 %. None without a commitment.

    Work added after the start counts as done too, so the ratio may exceed 1.
    """
    committed = totals.initial.value(unit)
    return totals.completed.value(unit) / committed if committed > 0 else None


def churn(totals: Totals, *, unit: Unit) -> float | None:
    """Scope added plus scope removed, divided by the commitment. None without a commitment."""
    committed = totals.initial.value(unit)
    moved = totals.added.value(unit) + totals.removed.value(unit)
    return moved / committed if committed > 0 else None
