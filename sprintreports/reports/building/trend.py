"""The report of several sprints: figures, a panel for each board and team, who changed most, and every sprint as a row."""

from __future__ import annotations

from collections.abc import Sequence

from sprintreports.charts.theme import palette
from sprintreports.charts.velocity import velocity_figure, velocity_reading
from sprintreports.charts.words import amount, noun, number, percent, rounded, unit_title
from sprintreports.metrics.calendar import local_day
from sprintreports.metrics.totals import Totals
from sprintreports.reports.building.told import Frame
from sprintreports.reports.building.trend_lines import panels, ranking
from sprintreports.reports.building.trend_values import (
    Line,
    Sprints,
    by_board,
    by_team,
    counted,
    ratios,
    whole,
)
from sprintreports.reports.document import text
from sprintreports.reports.document.blocks import (
    Block,
    CalendarEntry,
    Chart,
    Column,
    Document,
    DocumentKind,
    Fact,
    Facts,
    Kind,
    Native,
    Notice,
    Paragraph,
    Row,
    Section,
    Series,
    Shape,
    Table,
    Value,
)

NO_SPRINT = (
    "No closed sprint is in this report. Choose boards with closed sprints, or wait for the first close."
)
MIXED = "Not all of these boards count in the same unit; this report counts all of them in {unit}."


def trend_document(found: Sprints, frame: Frame) -> Document:
    """The report; a section for boards or teams only where there are several."""
    boards, teams, all_of_them = by_board(found), by_team(found), whole(found)
    last = found.sprints[-1].close if found.sprints else frame.made_at
    return Document(
        kind=DocumentKind.TREND,
        title=_title(boards),
        subtitle=_span(found),
        made_at=frame.made_at,
        moment=last,
        zone=frame.zone,
        locale=frame.locale,
        sections=(
            _overview(found, all_of_them, boards),
            *((_velocity(all_of_them, found),) if len(boards) == 1 else ()),
            *((panels("boards", "Boards", "Board", boards, found),) if len(boards) > 1 else ()),
            *((panels("teams", "Teams", "Team", teams, found),) if len(teams) > 1 else ()),
            *((ranking(boards if len(boards) > 1 else teams, found, "Board" if len(boards) > 1 else "Team"),) if len(boards) > 1 or len(teams) > 1 else ()),
            _sprints(found, several_boards=len(boards) > 1),
        ),
        basis=(
            f"{counted(found.sprints)} of {number(len(boards))} {'board' if len(boards) == 1 else 'boards'}, counted in {unit_title(found.unit).lower()}.",
            "Each sprint counts once, on its own board. Sums are by the estimates at its close, the commitment by those at its start.",
            f"Days are those of {found.zone}.",
        ),
        calendar=tuple(
            CalendarEntry(f"closed-sprint-{one.sprint_id}-{one.board_id}@sprintreports", one.name, one.start or one.close, one.close if one.start else None, one.board_name)
            for one in found.sprints
        ),
        link=frame.link,
    )  # fmt: skip


def _title(boards: Sequence[Line]) -> str:
    what = boards[0].name if len(boards) == 1 else f"{number(len(boards))} boards" if boards else "no board"
    return f"Trend of {what}"


def _span(found: Sprints) -> str:
    if not found.sprints:
        return "No closed sprint"
    days = [local_day(one.close, zone=found.zone) for one in (found.sprints[0], found.sprints[-1])]
    return f"{counted(found.sprints)} closed from {text.day(days[0])} to {text.day(days[1])}"


def _overview(found: Sprints, whole_line: Line, boards: Sequence[Line]) -> Section:
    blocks: list[Block] = []
    if found.mixed:
        blocks.append(Notice(MIXED.format(unit=unit_title(found.unit).lower())))
    if not found.sprints:
        return Section("overview", "Overview", (*blocks, Notice(NO_SPRINT)))
    figures, unit, sums = whole_line.figures, found.unit, whole_line.whole
    known = sums.known_in(unit)
    blocks.append(
        Facts(
            "kpis",
            (
                Fact("sprints", "Sprints", len(found.sprints), Kind.COUNT),
                Fact("velocity_mean", "Mean completed in a sprint", figures.mean if known else None, unit=unit),
                Fact("velocity_median", "Median", figures.median if known else None, unit=unit),
                Fact("velocity_spread", "Spread", figures.spread if known else None, unit=unit, detail="One standard deviation."),
                Fact("completed", "Completed in all", sums.completed.value(unit) if known else None, unit=unit),
                Fact("committed", "Committed in all", sums.initial.value(unit) if known else None, unit=unit),
                Fact("say_do", "Say/do", figures.say_do_median, Kind.SHARE, detail="Median of the sprints."),
                Fact("churn", "Churn", figures.churn_median, Kind.SHARE, detail="Median of the sprints."),
                Fact("carried_share", "Carry-over", whole_line.carried, Kind.SHARE, detail="Median of what was in scope and not completed."),
                Fact("carried", "Carried over in all", sums.not_completed.value(unit) if known else None, unit=unit),
            ),
        )
    )  # fmt: skip
    sentences = [velocity_reading(figures)] if len(boards) == 1 else [_several(whole_line, found)]
    if whole_line.halves:
        sentences.append(_halves(whole_line, found))
    blocks.append(Paragraph("\n".join(sentences)))
    return Section("overview", "Overview", tuple(blocks))


def _several(whole_line: Line, found: Sprints) -> str:
    sums, unit = whole_line.whole, found.unit
    done = amount(sums.completed.value(unit), unit)
    kept = whole_line.figures.say_do_median
    median = "" if kept is None else f"; the median sprint completed {percent(kept)} of its commitment"
    return f"The {counted(found.sprints)} shown completed {done} in all{median}."


def _halves(one: Line, found: Sprints) -> str:
    halves = one.halves
    if halves is None or not round(halves.change, 6):
        return "The later half of the sprints completed as much on average as the earlier half."
    way = "more" if halves.change > 0 else "less"
    share = "" if halves.share is None else f" ({percent(abs(halves.share))})"
    by = f"{rounded(abs(halves.change))} {noun(abs(halves.change), found.unit)}"
    return f"The later half of the sprints completed {by} {way} on average than the earlier half{share}."


def _velocity(one: Line, found: Sprints) -> Section:
    light, dark = (velocity_figure(one.figures, dark=dark) for dark in (False, True))
    rows = tuple(
        Row((bar.name, local_day(bar.close, zone=found.zone), bar.committed, bar.completed, bar.completed_initial, bar.say_do, bar.churn))
        for bar in one.figures.sprints
    )  # fmt: skip
    columns = (
        Column("sprint", "Sprint"),
        Column("closed", "Closed", Kind.DAY),
        Column("committed", "Committed", Kind.NUMBER, found.unit),
        Column("completed", "Completed", Kind.NUMBER, found.unit),
        Column("completed_initial", "Completed by initial estimates", Kind.NUMBER, found.unit),
        Column("say_do", "Say/do", Kind.SHARE),
        Column("churn", "Churn", Kind.SHARE),
    )
    colours = palette(dark=False)
    native = Native(
        Shape.COLUMNS,
        "sprint",
        (
            Series("committed", "Committed", colours.remaining),
            Series("completed", "Completed", colours.done),
        ),
    )
    table = Table("velocity_table", "Velocity", columns, rows, NO_SPRINT)
    chart = Chart("velocity", "Velocity", velocity_reading(one.figures), light, dark, table, native)
    return Section("velocity", "Velocity", (chart,))


def _sprints(found: Sprints, *, several_boards: bool) -> Section:
    """Every sprint with its teams beneath, oldest first."""
    unit = found.unit
    figures = (
        Column("committed", "Committed", Kind.NUMBER, unit),
        Column("added", "Added", Kind.NUMBER, unit),
        Column("removed", "Removed", Kind.NUMBER, unit),
        Column("completed", "Completed", Kind.NUMBER, unit),
        Column("not_completed", "Not completed", Kind.NUMBER, unit),
        Column("say_do", "Say/do", Kind.SHARE),
        Column("churn", "Churn", Kind.SHARE),
        Column("carried", "Carry-over", Kind.SHARE),
        Column("unestimated", "In scope without estimate", Kind.COUNT),
    )
    board = (Column("board", "Board"),) if several_boards else ()
    rows = tuple(
        Row(
            (
                *((one.board_name,) if several_boards else ()),
                one.name,
                local_day(one.close, zone=found.zone),
                *_figures(one.totals, found),
            ),
            children=tuple(
                Row((found.team(team), *_figures(totals, found)))
                for team, totals in sorted(
                    one.teams.items(), key=lambda item: (not item[0], found.team(item[0]))
                )
            )
            if len(one.teams) > 1
            else (),
        )
        for one in found.sprints
    )
    columns = (*board, Column("sprint", "Sprint"), Column("closed", "Closed", Kind.DAY), *figures)
    table = Table(
        "sprints", "Sprints", columns, rows, NO_SPRINT, child_columns=(Column("team", "Team"), *figures)
    )
    return Section("sprints", "Sprints", (table,))


def _figures(totals: Totals, found: Sprints) -> tuple[Value, ...]:
    unit = found.unit
    sums = (totals.initial, totals.added, totals.removed, totals.completed, totals.not_completed)
    known = totals.known_in(unit)
    return (
        *(one.value(unit) if known else None for one in sums),
        *ratios(totals, unit),
        totals.unestimated_in(unit),
    )
