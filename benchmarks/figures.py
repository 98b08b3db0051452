"""What a benchmark hands back: samples with their targets, shown as median and 95th percentile."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """How a figure stands to its targets."""

    AIM = "aim met"
    MET = "met"
    MUST = "must met, aim missed"
    MISSED = "MISSED"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised (`must`) and what is hoped for (`aim`). `at_least`: more is better."""

    must: float | None = None
    aim: float | None = None
    at_least: bool = False
    judged: str = "median"  # or "p95"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing. `runs` when a sample is itself a figure over many calls."""

    what: str
    samples: Sequence[float]
    unit: str
    target: Target = field(default_factory=Target)
    remark: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """The sample that 95 % are not worse than; of few runs it is the worst one."""
        return percentile(self.samples, 5 if self.target.at_least else 95)

    @property
    def verdict(self) -> Verdict:
        target = self.target
        if target.must is None and target.aim is None:
            return Verdict.NONE
        value = self.p95 if target.judged == "p95" else self.median
        if target.aim is not None and _holds(value, target.aim, at_least=target.at_least):
            return Verdict.AIM
        if target.must is not None and _holds(value, target.must, at_least=target.at_least):
            return Verdict.MUST if target.aim is not None else Verdict.MET
        return Verdict.MISSED


@dataclass(frozen=True, slots=True)
class Result:
    """A benchmark's rows, and sentences that a reader of them needs."""

    name: str
    title: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()


def percentile(samples: Sequence[float], share: float) -> float:
    """Nearest rank: a sample that was measured, never one between two."""
    ordered = sorted(samples)
    return ordered[max(0, min(len(ordered) - 1, math.ceil(share / 100 * len(ordered)) - 1))]


def _holds(value: float, limit: float, *, at_least: bool) -> bool:
    return value >= limit if at_least else value <= limit


def number(value: float) -> str:
    """Three significant digits at most, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").removesuffix(".")


def table(result: Result) -> list[str]:
    """The rows as a Markdown table."""
    lines = [
        "| measured | median | p95 | samples | must | aim | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in result.rows:
        target = row.target
        cells = [
            row.what,
            f"**{number(row.median)}** {row.unit}",
            number(row.p95) if len(row.samples) > 1 else "",
            f"{len(row.samples):,}",
            _limit(target.must, target),
            _limit(target.aim, target),
            " · ".join(part for part in (row.verdict.value, row.remark) if part),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _limit(value: float | None, target: Target) -> str:
    if value is None:
        return ""
    sign = "≥" if target.at_least else "≤"
    return f"{sign} {number(value)}" + (" (p95)" if target.judged == "p95" else "")
