"""The report of what changed between two states: the figures, the sentences, bars before and after, and each issue."""

from __future__ import annotations

from collections.abc import Callable

from sprintreports.charts.words import percent
from sprintreports.metrics.predictability import say_do
from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.values import Unit
from sprintreports.reports.building import notes, overview
from sprintreports.reports.building.baseline import Kept, kept_basis
from sprintreports.reports.building.differences import changed_table, moved_table
from sprintreports.reports.building.sides import NO_GROUP, Sides, before_after, label_of
from sprintreports.reports.building.told import Frame, Told, part_of
from sprintreports.reports.comparing import Comparison, movements
from sprintreports.reports.document import text
from sprintreports.reports.document.blocks import (
    Block,
    Column,
    Document,
    DocumentKind,
    Fact,
    Facts,
    Kind,
    Mark,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
    Tone,
)

DIMENSIONS = (Dimension.TYPE, Dimension.STATUS, Dimension.TEAM, Dimension.PRIORITY, Dimension.STAKEHOLDER)


def comparison_document(comparison: Comparison, sides: Sides, frame: Frame) -> Document:
    """The report; sides hold the comparison's two snapshots."""
    first, second = comparison.before, comparison.after
    same = comparison.same_sprint
    names = sides.names(same_sprint=same, zone=frame.zone)
    title = (
        f"Changes in {second.sprint_name}"
        if same
        else f"{first.sprint_name} compared with {second.sprint_name}"
    )
    return Document(
        kind=DocumentKind.COMPARISON,
        title=title,
        subtitle=f"{second.board_name} · {names[0]} and {names[1]}",
        made_at=frame.made_at,
        moment=max(first.moment, second.moment),
        zone=frame.zone,
        locale=frame.locale,
        sections=(
            _overview(comparison, sides, names),
            *(before_after(comparison, sides, dimension, names) for dimension in DIMENSIONS),
            *_moves(comparison, sides),
        ),
        basis=(
            *(f"Before: {sentence}" for sentence in _basis(sides.before, sides.kept_before, frame)),
            *(f"After: {sentence}" for sentence in _basis(sides.after, sides.kept_after, frame)),
        ),
        calendar=notes.sprint_entries(sides.after)
        if same
        else (*notes.sprint_entries(sides.before), *notes.sprint_entries(sides.after)),
        link=frame.link,
    )


def _overview(comparison: Comparison, sides: Sides, names: tuple[str, str]) -> Section:
    blocks: list[Block] = []
    first, second = comparison.before, comparison.after
    if first.mapping != second.mapping or first.report.definitions != second.report.definitions:
        blocks.append(
            Notice(
                "The two states were counted by different field mappings or definitions, so a part of the difference may be none of the work."
            )
        )
    if first.unit is not second.unit:
        blocks.append(
            Notice(f"The two boards count in different units; this report is in that of {second.board_name}.")
        )
    blocks += [Notice(sentence, Tone.NEUTRAL) for sentence in dict.fromkeys((*first.notes, *second.notes))]
    team = _team(sides)
    blocks.append(_scope(comparison, sides.after))
    blocks.append(_totals(sides))
    blocks.append(Paragraph("\n".join(movements(comparison, unit=sides.after.unit, team=team))))
    blocks.append(_totals_table(comparison, sides, names))
    return Section("overview", "What changed", tuple(blocks))


def _scope(comparison: Comparison, told: Told) -> Facts:
    scope, unit = comparison.scope, told.unit
    issues = scope.net.count
    share = part_of(issues, scope.before.count)
    known = all(one.report.totals.known_in(unit) for one in (comparison.before, comparison.after))
    facts = [
        Fact("scope_change", "Scope change", told.value(scope.net) if known else None, Kind.CHANGE, unit),
        Fact("scope_change_share", "Scope change in percent", scope.share(unit), Kind.SHARE, detail="Of the scope before."),
        Fact("issues_change", "Change in issues", float(issues), Kind.CHANGE, Unit.COUNT, detail="" if share is None else f"{_sign(issues)}{percent(share)} of the issues before."),
        Fact("added_issues", "Issues added", len(comparison.added), Kind.COUNT),
        Fact("removed_issues", "Issues removed", len(comparison.removed), Kind.COUNT),
        Fact("changed_issues", "Issues changed", len(comparison.changed), Kind.COUNT),
    ]  # fmt: skip
    if not told.counted:
        facts[3:3] = [
            Fact("added_amount", "Scope added", told.value(scope.added), unit=unit),
            Fact("removed_amount", "Scope removed", told.value(scope.removed), unit=unit),
            Fact(
                "reestimated_amount", "Scope re-estimated", told.value(scope.reestimated), Kind.CHANGE, unit
            ),
        ]
    if not comparison.same_sprint:
        facts.append(Fact("carried_issues", "Issues carried over", len(comparison.carried), Kind.COUNT))
    # Not called like one of its figures: who hides that one keeps the others.
    return Facts("changes", tuple(facts))


def _totals(sides: Sides) -> Facts:
    """The later state's sums with their change; more completed is welcome, more without estimate is not."""
    old = {fact.key: fact for fact in overview.totals(sides.before)}
    facts: list[Fact] = []
    for fact in overview.totals(sides.after):
        before, now = old.get(fact.key), fact.value
        if before is None or not isinstance(now, int | float) or not isinstance(before.value, int | float):
            facts.append(fact)
            continue
        change = round(now - before.value, 6)
        welcome = {"completed": change > 0, "unestimated_in_scope": change < 0}.get(fact.key)
        facts.append(
            Fact(
                fact.key, fact.label, now, fact.kind, fact.unit,
                change=None if fact.kind is Kind.SHARE else change,
                good=welcome if change and fact.kind is not Kind.SHARE else None,
                detail=f"{text.written(before.value, fact.kind, zone='UTC', unit=fact.unit)} before.",
            )
        )  # fmt: skip
    return Facts("totals", tuple(facts))


def _totals_table(comparison: Comparison, sides: Sides, names: tuple[str, str]) -> Table:
    """The sums that are amounts or counts, before, after and by how much."""
    old, new = (
        {
            "Committed": told.sum(totals.initial, totals),
            "In scope": told.sum(totals.final, totals),
            "Issues in scope": float(totals.final.count),
            "Completed": told.sum(totals.completed, totals),
            "Not completed": told.sum(totals.not_completed, totals),
            "Issues without an estimate": float(totals.unestimated_in(told.unit)),
        }
        for told, totals in (
            (sides.before, comparison.before.report.totals),
            (sides.after, comparison.after.report.totals),
        )
    )
    rows = [Row((name, before, new[name], _change(before, new[name]))) for name, before in old.items()]
    kept = [
        say_do(told.snapshot.report.totals, unit=sides.after.unit) for told in (sides.before, sides.after)
    ]
    reading = f"Say/do went from {percent(kept[0])} to {percent(kept[1])}." if None not in kept else ""
    columns = (
        Column("figure", "Figure"),
        Column("before", names[0], Kind.NUMBER),
        Column("after", names[1], Kind.NUMBER),
        Column("change", "Change", Kind.CHANGE),
    )
    return Table("totals_table", "Before and after", columns, tuple(rows), NO_GROUP, reading)


def _moves(comparison: Comparison, sides: Sides) -> list[Section]:
    before, after = sides.before, sides.after
    added = moved_table(
        "added", "Added issues", comparison.added, after, mark=Mark.ADDED, empty="No issue was added."
    )
    # What is gone is known best by the state that still had it; both name its teams and statuses of their moment.
    gone = [one for one in comparison.removed if one.after is not None]
    lost = [one for one in comparison.removed if one.after is None]
    rows = (
        *moved_table("", "", gone, after, mark=Mark.REMOVED, empty="").rows,
        *moved_table("", "", lost, before, mark=Mark.REMOVED, empty="").rows,
    )
    empty = moved_table(
        "removed", "Removed issues", (), after, mark=Mark.REMOVED, empty="No issue was removed."
    )
    removed = Table(
        "removed", empty.title, empty.columns, rows, empty.empty, child_columns=empty.child_columns
    )
    changed = changed_table(
        "changed", "Changed issues", comparison.changed, before, after, empty="No other issue changed."
    )
    sections = [
        Section("added", added.title, (added,)),
        Section("removed", removed.title, (removed,)),
        Section("changed", changed.title, (changed,)),
    ]
    if not comparison.same_sprint:
        carried = changed_table(
            "carried", "Carried over", comparison.carried, before, after, empty="No issue was carried over."
        )
        sections.insert(0, Section("carried", carried.title, (carried,)))
    return sections


def _team(sides: Sides) -> Callable[[int], str]:
    def team(discipline: int) -> str:
        return label_of(sides, Dimension.TEAM, str(discipline))

    return team


def _basis(told: Told, kept: Kept | None, frame: Frame) -> tuple[str, ...]:
    return (*overview.basis(told), *kept_basis(kept, frame))


def _change(before: float | None, after: float | None) -> float | None:
    """None where a side is not known."""
    return None if before is None or after is None else round(after - before, 6)


def _sign(value: float) -> str:
    return "+" if value > 0 else ""
