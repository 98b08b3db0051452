"""The report of a sprint at its close: what was promised and what was delivered, how the scope moved, what is left and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sprintreports.charts.before_after import Pair, before_after_figure, ordered
from sprintreports.charts.burndown import burndown_reading
from sprintreports.charts.theme import palette
from sprintreports.charts.words import amount, number, percent
from sprintreports.metrics.forecast import SprintForecast
from sprintreports.metrics.predictability import say_do
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.values import Bucket, State, Unit
from sprintreports.reports.building import course, issues, notes, overview
from sprintreports.reports.building.distributions import distribution
from sprintreports.reports.building.distributions import ordered as by_scope
from sprintreports.reports.building.forecast import forecast
from sprintreports.reports.building.stakeholders import stakeholders
from sprintreports.reports.building.told import NO_STAKEHOLDER, Frame, Told, part_of, status_of
from sprintreports.reports.comparing.compare import key_order
from sprintreports.reports.document import text
from sprintreports.reports.document.blocks import (
    Block,
    Chart,
    Column,
    Document,
    DocumentKind,
    Facts,
    Kind,
    Mark,
    Native,
    Notice,
    Paragraph,
    Row,
    Section,
    Series,
    Shape,
    Table,
    Tone,
    Value,
)
from sprintreports.reports.snapshot import SnapshotIssue

RUNNING = "This sprint is not closed yet: the figures are those of the moment, and will change."
NOT_STARTED = "This sprint has not started: there is no commitment to hold against."
NO_LEFT_OVER = "Nothing was left over: all that was in scope is completed."
NO_TEAM = "No team has an issue in this sprint."


def review_document(told: Told, frame: Frame, *, given: SprintForecast | None = None) -> Document:
    """The review of a sprint, closed or (said in a notice) not yet. given: what was forecast of it; None: nobody asked."""
    snapshot = told.snapshot
    return Document(
        kind=DocumentKind.REVIEW,
        title=f"Review of {snapshot.sprint_name}",
        subtitle=f"{snapshot.board_name} · {_span(told, frame)}",
        made_at=frame.made_at,
        moment=snapshot.moment,
        zone=frame.zone,
        locale=frame.locale,
        sections=(
            _overview(told),
            course.course(told),
            _delivery(told),
            *(() if given is None else (forecast(given),)),
            course.scope_history(told),
            _carry_over(told),
            _completed(told),
            distribution(told, Dimension.TYPE),
            stakeholders(told),
            issues.not_counted(told),
            notes.quality(told),
        ),
        basis=overview.basis(told),
        calendar=notes.sprint_entries(told),
        link=frame.link,
    )


def _span(told: Told, frame: Frame) -> str:
    start, end = told.snapshot.start, told.snapshot.completed or told.snapshot.planned_end
    if start is None or end is None:
        return text.instant(told.snapshot.moment, zone=frame.zone)
    return f"{text.instant(start, zone=frame.zone)} to {text.instant(end, zone=frame.zone)}"


def _overview(told: Told) -> Section:
    report = told.snapshot.report
    blocks: list[Block] = [Notice(sentence, Tone.NEUTRAL) for sentence in told.snapshot.notes]
    if report.window.start is None:
        blocks.append(Notice(NOT_STARTED))
    elif not report.window.closed:
        blocks.append(Notice(RUNNING))
    blocks += [overview.sprint_facts(told), Facts("totals", overview.totals(told))]
    if report.window.start is not None:
        blocks.append(Paragraph("\n".join(_sentences(told))))
    return Section("overview", "Commitment and delivery", tuple(blocks))


def _sentences(told: Told) -> Iterator[str]:
    sums = told.snapshot.report.totals
    committed, done = told.value(sums.initial), told.value(sums.completed)
    kept = say_do(sums, unit=told.unit)
    verb = "completed" if told.snapshot.report.window.closed else "has completed"
    if kept is None:
        yield f"The team committed to nothing that counts in {amount(2, told.unit).split(' ')[1]}; it {verb} {amount(done, told.unit)}."
    else:
        yield f"Of {amount(committed, told.unit)} committed, the sprint {verb} {number(done)} ({percent(kept)}), added work included."
    own = [one for one in told.scope if one.outcome and one.outcome.committed]
    finished = sum(1 for one in own if one.outcome and one.outcome.bucket is Bucket.COMPLETED)
    all_committed = sums.initial.count
    if all_committed:
        share = percent(finished / all_committed)
        yield f"{number(finished)} of {amount(all_committed, Unit.COUNT)} committed at the start {'is' if finished == 1 else 'are'} completed ({share})."
    yield burndown_reading(told.course(), unit=told.unit)


def _delivery(told: Told) -> Section:
    """Commitment and completion by team, as two bars."""
    unit = told.unit
    pairs = _promises(told)
    names = ("Committed", "Completed")
    light, dark = (before_after_figure(pairs, unit=unit, names=names, dark=dark) for dark in (False, True))
    teams = told.snapshot.report.of(Dimension.TEAM)
    unknown = {told.label(Dimension.TEAM, team.label) for team in teams if not team.totals.known_in(unit)}
    rows = tuple(
        Row((pair.label, *((None,) * 4 if pair.label in unknown else _kept(pair)))) for pair in ordered(pairs)
    )
    columns = (
        Column("team", "Team"),
        Column("committed", "Committed", Kind.NUMBER, unit),
        Column("completed", "Completed", Kind.NUMBER, unit),
        Column("difference", "Difference", Kind.CHANGE, unit),
        Column("say_do", "Say/do", Kind.SHARE),
    )
    colours = palette(dark=False)
    series = (Series("committed", names[0], colours.guide), Series("completed", names[1], colours.remaining))
    table = Table("delivery_table", "Committed and completed by team", columns, rows, NO_TEAM)
    chart = Chart(
        "delivery_chart",
        "Committed and completed by team",
        _delivery_reading(pairs),
        light,
        dark,
        table,
        Native(Shape.BARS, "team", series),
    )
    return Section("delivery", "Delivery by team", (chart,))


def _promises(told: Told) -> list[Pair]:
    """What each team committed and completed."""
    return [
        Pair(
            told.label(Dimension.TEAM, part.label),
            told.value(part.totals.initial),
            told.value(part.totals.completed),
        )
        for part in by_scope(told.snapshot.report.of(Dimension.TEAM), told)
    ]


def _kept(pair: Pair) -> tuple[Value, ...]:
    """Commitment, completion, their difference and ratio."""
    return pair.before, pair.after, round(pair.after - pair.before, 6), part_of(pair.after, pair.before)


def _delivery_reading(pairs: Sequence[Pair]) -> str:
    promised = [pair for pair in pairs if pair.before > 0]
    if not promised:
        return "No team committed to anything in this unit."
    kept = sum(1 for pair in promised if pair.after >= pair.before)
    teams = f"{number(len(promised))} {'team' if len(promised) == 1 else 'teams'}"
    return f"{number(kept)} of {teams} completed at least as much as committed."


def _completed(told: Told) -> Section:
    found = [one for one in told.scope if one.outcome and one.outcome.bucket is Bucket.COMPLETED]
    table = Table(
        "completed",
        "Completed issues",
        issues.columns(told),
        issues.rows(found, told),
        "No issue is completed.",
    )
    return Section("completed", "Completed issues", (table,))


def _carry_over(told: Told) -> Section:
    """What is left, each issue with what its history says about why."""
    left = [one for one in told.scope if one.outcome and one.outcome.bucket is Bucket.NOT_COMPLETED]
    left.sort(key=lambda one: (key_order(one.key), one.issue))
    behind: defaultdict[int, list[ScopeEvent]] = defaultdict(list)
    for event in told.snapshot.events:
        behind[event.issue].append(event)
    columns = (
        Column("issue", "Issue", Kind.ISSUE),
        Column("summary", "Summary", wide=True),
        Column("status", "Status", Kind.STATUS),
        Column("team", "Team"),
        Column("assignee", "Assignee"),
        Column("stakeholder", "Stakeholder"),
        *(() if told.counted else (Column("estimate", "Estimate", Kind.NUMBER, told.unit),)),
        Column("why", "What its history says", wide=True),
    )
    rows = tuple(
        Row(
            (
                told.ref(one.key),
                one.summary,
                status_of(one),
                told.team(one.discipline),
                told.person(one.assignee),
                NO_STAKEHOLDER if one.stakeholder is None else told.person(one.stakeholder),
                *(() if told.counted else (told.estimate(one.outcome.final if one.outcome else None),)),
                why_left(one, behind.get(one.issue, ()), told),
            ),
            Mark.ADDED if one.outcome and one.outcome.added else Mark.NONE,
        )
        for one in left
    )
    table = Table("carry_over", "Carry-over", columns, rows, NO_LEFT_OVER, _left_reading(told, len(left)))
    return Section("carry_over", "Carry-over", (table,))


def _left_reading(told: Told, count: int) -> str:
    if not count:
        return ""
    sums = told.snapshot.report.totals
    share = part_of(told.value(sums.not_completed), told.value(sums.final))
    part = "" if share is None else f", {percent(share)} of the final scope"
    size = "" if told.counted else f" ({amount(told.value(sums.not_completed), told.unit)}{part})"
    return f"{amount(count, Unit.COUNT)}{size} {'is' if count == 1 else 'are'} not completed."


def why_left(issue: SnapshotIssue, events: Sequence[ScopeEvent], told: Told) -> str:
    """Sentences on an issue that is not completed: how far it came, when it came in, what happened to it on the way."""
    zone = told.snapshot.calendar.zone
    sentences: list[str] = []
    reopened = [event for event in events if event.kind is EventKind.REOPENED]
    if issue.state is State.DOING:
        sentences.append(f"It is under way ({issue.status}).")
    elif not reopened:
        sentences.append(f"No work on it has begun ({issue.status}).")
    if reopened:
        sentences.append(f"It was done and reopened on {text.instant(reopened[-1].at, zone=zone)}.")
    outcome = issue.outcome
    if outcome is not None and outcome.added and outcome.entered_at is not None:
        sentences.append(
            f"It came in after the start, on {text.instant(outcome.entered_at, zone=zone)}: {outcome.reason}."
        )
    if outcome is not None and not told.counted:
        old, new = told.estimate(outcome.initial), told.estimate(outcome.final)
        if old is not None and new is not None and old != new:
            sentences.append(f"Its estimate went from {number(old)} to {amount(new, told.unit)}.")
        if new is None:
            sentences.append("It has no estimate.")
    if outcome is not None and outcome.discipline_initial != outcome.discipline:
        sentences.append(
            f"It moved from {told.team(outcome.discipline_initial)} to {told.team(outcome.discipline)}."
        )
    if issue.assignee is None:
        sentences.append("Nobody is assigned.")
    return " ".join(sentences)
