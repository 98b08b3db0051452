"""Our buckets of a closed sprint beside Jira's own sprint report, issue by issue, each difference with its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sprintreports.metrics.jira_lines import (
    UNKNOWN_ISSUE,
    Aspect,
    Evidence,
    JiraLine,
    JiraReport,
    OurLine,
    Reason,
    Situation,
)
from sprintreports.metrics.reasons import explain
from sprintreports.metrics.values import Bucket, Unit

Value = Bucket | bool | int | None
_ESTIMATES = (Aspect.INITIAL, Aspect.FINAL)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs, both values, why, and since when as far as the issue's history shows it.

    For PRESENCE the values are the buckets, None on the side that does not list the issue.
    """

    issue: int | None
    key: str
    aspect: Aspect
    ours: Value
    jiras: Value
    reason: Reason
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One issue on both sides."""

    issue: int | None
    key: str
    ours: OurLine | None
    jiras: JiraLine | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class SumCheck:
    """A sum three times: over our lines, over Jira's, and as Jira prints it (`told` False: it does not).

    bucket None: the commitment. Jira prints none; it follows from its sums as completed + not completed + removed - added.
    """

    bucket: Bucket | None
    aspect: Aspect
    ours: int
    rows: int
    said: int
    told: bool

    @property
    def adds_up(self) -> bool:
        """Whether Jira's sum is that of Jira's own lines. A sum that Jira does not print contradicts nothing."""
        return not self.told or self.said == self.rows


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A sprint on both sides: lines that differ first. unit COUNT: neither side has estimates to compare."""

    unit: Unit
    lines: tuple[Line, ...]
    checks: tuple[SumCheck, ...]
    repeated: tuple[str, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All differences of all issues."""
        return tuple(difference for line in self.lines for difference in line.differences)

    @property
    def differing(self) -> int:
        """How many issues differ in anything."""
        return sum(bool(line.differences) for line in self.lines)

    @property
    def equal(self) -> bool:
        """Whether every issue is the same on both sides."""
        return self.differing == 0

    @property
    def adds_up(self) -> bool:
        """Whether Jira's report agrees with itself."""
        return all(check.adds_up for check in self.checks)


Pair = tuple[OurLine | None, JiraLine | None]


def paired(ours: Iterable[OurLine], jiras: Iterable[JiraLine]) -> list[Pair]:
    """The lines of both sides by issue: by Jira's id, by key where the report has no id. Ours first, in their order."""
    by_id: dict[int, JiraLine] = {}
    by_key: dict[str, JiraLine] = {}
    for line in jiras:
        if line.issue is None:
            by_key[line.key] = line
        else:
            by_id[line.issue] = line
    pairs: list[Pair] = [(line, by_id.pop(line.issue, None) or by_key.pop(line.key, None)) for line in ours]
    return [*pairs, *((None, line) for line in (*by_id.values(), *by_key.values()))]


def differing_aspects(ours: OurLine | None, jiras: JiraLine | None, *, unit: Unit) -> tuple[Aspect, ...]:
    """In what an issue differs. One that only one side lists differs in that and in nothing else."""
    if ours is None or jiras is None:
        return (Aspect.PRESENCE,)
    compared = [(Aspect.BUCKET, ours.bucket is jiras.bucket), (Aspect.ADDED, ours.added is jiras.added)]
    if unit is not Unit.COUNT:
        compared += [
            (Aspect.INITIAL, ours.initial == jiras.initial),
            (Aspect.FINAL, ours.final == jiras.final),
        ]
    return tuple(aspect for aspect, equal in compared if not equal)


def reconcile(
    ours: Sequence[OurLine],
    report: JiraReport,
    *,
    situation: Situation,
    evidence: Mapping[int, Evidence],
) -> Reconciliation:
    """Both sides beside each other. `evidence` is needed for issues that differ alone; what is missing is not stored."""
    lines: list[Line] = []
    for mine, theirs in paired(ours, report.lines):
        issue = mine.issue if mine is not None else theirs.issue if theirs is not None else None
        key = theirs.key if theirs is not None else mine.key if mine is not None else ""
        known = UNKNOWN_ISSUE if issue is None else evidence.get(issue, UNKNOWN_ISSUE)
        differences = tuple(
            _difference(aspect, mine, theirs, issue, key, *explain(aspect, mine, theirs, known, situation))
            for aspect in differing_aspects(mine, theirs, unit=report.unit)
        )
        lines.append(Line(issue, key, mine, theirs, differences))
    lines.sort(key=_order)
    return Reconciliation(report.unit, tuple(lines), checks_of(ours, report), report.repeated)


def checks_of(ours: Collection[OurLine], report: JiraReport) -> tuple[SumCheck, ...]:
    """Every sum that Jira prints beside the sum of its lines and of ours; last the commitment. None adds up as 0."""
    if report.unit is Unit.COUNT:
        return ()
    checks: list[SumCheck] = []
    for bucket in Bucket:
        for aspect in _ESTIMATES:
            told = (bucket, aspect) in report.said
            checks.append(
                SumCheck(
                    bucket,
                    aspect,
                    ours=_total(ours, bucket, aspect),
                    rows=_total(report.lines, bucket, aspect),
                    said=report.said.get((bucket, aspect)) or 0,
                    told=told,
                )
            )
    return (*checks, _commitment(ours, report, checks))


def share_equal(equals: Iterable[bool | None]) -> float | None:
    """The share of sprints that are equal among those that were compared (None: not compared); None without any."""
    compared = [equal for equal in equals if equal is not None]
    return sum(compared) / len(compared) if compared else None


def _commitment(ours: Iterable[OurLine], report: JiraReport, checks: Iterable[SumCheck]) -> SumCheck:
    scoped = [
        check for check in checks if check.aspect is Aspect.INITIAL and check.bucket is not Bucket.OUTSIDE
    ]
    added = sum(
        line.initial or 0 for line in report.lines if line.added and line.bucket is not Bucket.OUTSIDE
    )
    return SumCheck(
        None,
        Aspect.INITIAL,
        ours=_committed(ours),
        rows=_committed(report.lines),
        said=sum(check.said for check in scoped) - added,
        told=all(check.told for check in scoped),
    )


def _committed(lines: Iterable[OurLine | JiraLine]) -> int:
    return sum(line.initial or 0 for line in lines if not line.added and line.bucket is not Bucket.OUTSIDE)


def _total(lines: Iterable[OurLine | JiraLine], bucket: Bucket, aspect: Aspect) -> int:
    initial = aspect is Aspect.INITIAL
    return sum((line.initial if initial else line.final) or 0 for line in lines if line.bucket is bucket)


def _difference(
    aspect: Aspect,
    ours: OurLine | None,
    jiras: JiraLine | None,
    issue: int | None,
    key: str,
    reason: Reason,
    at: datetime | None,
) -> Difference:
    return Difference(issue, key, aspect, _value(aspect, ours), _value(aspect, jiras), reason, at)


def _value(aspect: Aspect, line: OurLine | JiraLine | None) -> Value:
    if line is None:
        return None
    if aspect is Aspect.ADDED:
        return line.added
    if aspect is Aspect.INITIAL:
        return line.initial
    return line.final if aspect is Aspect.FINAL else line.bucket


def _order(line: Line) -> tuple[bool, str, int, str]:
    project, _, number = line.key.rpartition("-")
    return not line.differences, project, int(number) if number.isdigit() else 0, line.key
