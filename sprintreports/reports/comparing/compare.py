"""Two snapshots side by side, issue by issue and sum by sum."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from operator import add

from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount
from sprintreports.reports.comparing.values import (
    Comparison,
    Difference,
    Field,
    FieldValue,
    GroupChange,
    IssueChange,
    ScopeChange,
    Stakeholder,
    Standing,
    estimate_of,
    in_scope,
    standing_of,
)
from sprintreports.reports.snapshot import Snapshot, SnapshotIssue

_ENDING = re.compile(r"^(.*?)(\d*)$", re.DOTALL)


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """What changed from the one to the other; of one sprint, or of two. Issues are known by Jira's id, so that a new key or
    another project is a change and no new issue; those of two sites are never the same.

    An issue that only one side knows has no differences of its fields but its standing: nothing of it changed.
    """
    one_site = before.site_id == after.site_id
    olds = {(0, issue.issue): issue for issue in before.issues}
    news = {(0 if one_site else 1, issue.issue): issue for issue in after.issues}
    added: list[IssueChange] = []
    removed: list[IssueChange] = []
    changed: list[IssueChange] = []
    for place in {**olds, **news}:
        change = _change(olds.get(place), news.get(place))
        was, now = standing_of(change.before).in_scope, standing_of(change.after).in_scope
        if now and not was:
            added.append(change)
        elif was and not now:
            removed.append(change)
        elif change.differences:
            changed.append(change)
    return Comparison(
        before=before,
        after=after,
        added=_ordered(added),
        removed=_ordered(removed),
        changed=_ordered(changed),
        carried=_ordered(_carried(before, after, olds, news)),
        scope=_scope(before, after, added, removed, changed),
        groups={one: _groups(before.report, after.report, one) for one in Dimension},
    )


def _change(old: SnapshotIssue | None, new: SnapshotIssue | None) -> IssueChange:
    if old is None or new is None:
        pairs: list[tuple[Field, FieldValue, FieldValue]] = [
            (Field.STANDING, standing_of(old), standing_of(new))
        ]
    elif old == new:
        return IssueChange(old, new, ())
    else:
        pairs = _pairs(old, new)
    return IssueChange(old, new, tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2]))


def _pairs(old: SnapshotIssue, new: SnapshotIssue) -> list[tuple[Field, FieldValue, FieldValue]]:
    pairs: list[tuple[Field, FieldValue, FieldValue]] = [
        (Field.STANDING, standing_of(old), standing_of(new)),
        (Field.STATUS, old.status, new.status),
        (Field.TEAM, old.discipline, new.discipline),
        (Field.TYPE, old.type, new.type),
        (Field.PRIORITY, old.priority, new.priority),
        (Field.ASSIGNEE, old.assignee, new.assignee),
        (Field.STAKEHOLDER, _stakeholder(old), _stakeholder(new)),
        (Field.SUMMARY, old.summary, new.summary),
        (Field.PARENT, old.parent, new.parent),
        (Field.KEY, old.key, new.key),
    ]
    # Of an issue that the report leaves out, the snapshot keeps no estimate: nobody can say whether it changed.
    if old.outcome is not None and new.outcome is not None:
        pairs.insert(1, (Field.ESTIMATE, estimate_of(old), estimate_of(new)))
    return pairs


def _stakeholder(issue: SnapshotIssue) -> Stakeholder:
    return Stakeholder(issue.stakeholder, issue.stakeholder_is_owner)


def _carried(
    before: Snapshot,
    after: Snapshot,
    olds: dict[tuple[int, int], SnapshotIssue],
    news: dict[tuple[int, int], SnapshotIssue],
) -> Iterable[IssueChange]:
    """What was left over by the first sprint and is in scope in the second; nothing for two states of one sprint."""
    if (before.site_id, before.jira_sprint_id) == (after.site_id, after.jira_sprint_id):
        return
    for place, old in olds.items():
        new = news.get(place)
        if standing_of(old) is Standing.NOT_COMPLETED and standing_of(new).in_scope:
            yield _change(old, new)


def _scope(
    before: Snapshot,
    after: Snapshot,
    added: list[IssueChange],
    removed: list[IssueChange],
    changed: list[IssueChange],
) -> ScopeChange:
    return ScopeChange(
        before=before.report.totals.final,
        after=after.report.totals.final,
        added=_sum(in_scope(one.after) for one in added),
        removed=_sum(in_scope(one.before) for one in removed),
        reestimated=_sum(one.scope for one in changed),
    )


def _groups(before: SprintReport, after: SprintReport, dimension: Dimension) -> tuple[GroupChange, ...]:
    olds = {part.label: part.totals for part in before.of(dimension)}
    news = {part.label: part.totals for part in after.of(dimension)}
    return tuple(
        GroupChange(label, olds.get(label, Totals()), news.get(label, Totals()))
        for label in sorted({**olds, **news})
    )


def _ordered(changes: Iterable[IssueChange]) -> tuple[IssueChange, ...]:
    """By key as people count: PAY-9 before PAY-10."""
    return tuple(sorted(changes, key=lambda change: (key_order(change.latest.key), change.latest.issue)))


def key_order(key: str) -> tuple[str, int]:
    """By what an issue's key is sorted: its project, then its number."""
    found = _ENDING.match(key)
    # Longer endings than Python reads as a number are no number of an issue.
    return (found[1], int(found[2])) if found and 0 < len(found[2]) < 19 else (key, 0)


def _sum(amounts: Iterable[Amount]) -> Amount:
    return reduce(add, amounts, NOTHING)
