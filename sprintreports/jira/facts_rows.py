"""A sprint's facts as rows of the facts tables."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from sprintreports.jira.facts_compute import IssueFact, SprintFacts
from sprintreports.jira.facts_tables import ALL_DISCIPLINES
from sprintreports.metrics.scope import ScopeEvent
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount

Row = tuple[Any, ...]

PLACE = ("site_id", "jira_board_id", "jira_sprint_id")
ISSUE = (
    *PLACE, "jira_issue_id", "bucket", "excluded", "committed", "added", "added_during", "reason", "initial_points",
    "initial_seconds", "final_points", "final_seconds", "entered_at", "left_at", "done_at", "discipline_initial",
    "discipline_id", "status_id", "type", "priority", "assignee_id", "stakeholder_id", "stakeholder_is_owner",
    "key_order",
)  # fmt: skip
EVENT = (
    *PLACE, "position", "at", "jira_issue_id", "kind", "reason", "discipline_id", "done", "had_before",
    "before_points", "before_seconds", "has_after", "after_points", "after_seconds",
    "changes_scope", "changes_done", "moved_points", "moved_seconds", "moved_count",
)  # fmt: skip
DAY = (
    *PLACE, "day", "scope_points", "scope_seconds", "scope_count", "done_points", "done_seconds", "done_count",
    "remaining_points", "remaining_seconds", "remaining_count",
)  # fmt: skip
AMOUNTS = (
    "initial", "added", "removed_initial", "removed", "reestimated", "final", "completed_initial", "completed",
    "not_completed_initial", "not_completed", "outside", "transferred",
)  # fmt: skip
COUNTERS = ("issues", "unestimated", "untimed", "excluded")
SUMS = (*(f"{name}_{unit}" for name in AMOUNTS for unit in ("points", "seconds", "count")), *COUNTERS)
SUMMARY = (*PLACE, "dimension", "discipline_id", "label", *SUMS)
amounts_of = attrgetter(*AMOUNTS)
counters_of = attrgetter(*COUNTERS)
WHOLE, TRANSFER, EXCLUDED = "sprint", "transfer", "excluded"


def place_of(facts: SprintFacts) -> tuple[int, int, int]:
    return facts.place.site_id, facts.place.jira_board_id, facts.place.jira_sprint_id


def issue_rows(facts: SprintFacts) -> Iterator[Row]:
    """In the order of ISSUE."""
    place = place_of(facts)
    # Without gaps: issues that came after the close have segments, and must not move the numbers of those that count.
    known = sorted({fact.key_order for fact in facts.issues if fact.key_order is not None})
    order: dict[int | None, int] = {key_order: number for number, key_order in enumerate(known)}
    for fact in facts.issues:
        yield (*place, fact.issue, *_outcome(fact), *_attributes(fact), order.get(fact.key_order))


def _outcome(fact: IssueFact) -> Row:
    outcome, last = fact.outcome, fact.last
    if outcome is None:
        return (
            None, fact.excluded, False, False, False, "", last.points, last.seconds, last.points, last.seconds,
            None, None, None, last.discipline, last.discipline, last.status,
        )  # fmt: skip
    return (
        outcome.bucket.value, None, outcome.committed, outcome.added, outcome.added_during, outcome.reason,
        outcome.initial.points, outcome.initial.seconds, outcome.final.points, outcome.final.seconds,
        outcome.entered_at, outcome.left_at, outcome.done_at, outcome.discipline_initial, outcome.discipline,
        outcome.status,
    )  # fmt: skip


def _attributes(fact: IssueFact) -> Row:
    own = fact.attributes
    return own.type, own.priority, own.assignee, own.stakeholder, own.stakeholder_is_owner


def event_rows(facts: SprintFacts) -> Iterator[Row]:
    """In the order of EVENT."""
    place = place_of(facts)
    for position, event in enumerate(facts.events):
        yield (*place, position, *_event(event))


def _event(event: ScopeEvent) -> Row:
    before, after = event.before, event.after
    return (
        event.at, event.issue, event.kind.value, event.reason, event.discipline, event.done,
        before is not None, before.points if before else None, before.seconds if before else None,
        after is not None, after.points if after else None, after.seconds if after else None,
        event.changes_scope, event.changes_done, *event.moved,
    )  # fmt: skip


def day_rows(facts: SprintFacts) -> Iterator[Row]:
    """In the order of DAY."""
    place = place_of(facts)
    for point in facts.days:
        yield (*place, point.day, *_parts(point.scope), *_parts(point.done), *_parts(point.remaining))


def summary_rows(facts: SprintFacts) -> Iterator[Row]:
    """In the order of SUMMARY."""
    place, report = place_of(facts), facts.report
    yield (*place, WHOLE, ALL_DISCIPLINES, "", *sums(report.totals))
    for team in report.teams:
        yield (*place, WHOLE, team.discipline, "", *sums(team.totals))
        for part in team.breakdowns:
            yield (*place, part.dimension.value, team.discipline, part.label, *sums(part.totals))
        for reason, count in team.excluded.items():
            yield (*place, EXCLUDED, team.discipline, reason, *sums(Totals(excluded=count)))
    for move in report.transfers:
        yield (*place, TRANSFER, move.source, str(move.target), *sums(Totals(transferred=move.amount)))


def sums(totals: Totals) -> Row:
    """In the order of SUMS."""
    parts = [part for amount in amounts_of(totals) for part in _parts(amount)]
    return (*parts, *counters_of(totals))


def totals_of(row: Row) -> Totals:
    """The inverse of `sums`."""
    end = 3 * len(AMOUNTS)
    parts = zip(row[0:end:3], row[1:end:3], row[2:end:3], strict=True)
    amounts = [Amount(*one) if any(one) else NOTHING for one in parts]
    values = dict(zip(AMOUNTS, amounts, strict=True))
    return Totals(**values, **dict(zip(COUNTERS, row[end:], strict=True)))


def _parts(amount: Amount) -> tuple[int, int, int]:
    return amount.points, amount.seconds, amount.count
